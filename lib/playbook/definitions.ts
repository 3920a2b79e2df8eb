import { z } from 'zod'
import { RolecallError, type Problem } from '../errors.ts'
import { placeOfCall } from '../place.ts'
import { unexpected } from '../resources/kit/options/option-problems.ts'
import { list, seconds, text, value } from '../resources/kit/options/option-types.ts'
import { objectOptions } from '../resources/kit/options/options.ts'
import { isPlain } from '../resources/kit/options/describe-value.ts'
import { didYouMean } from '../text/nearest.ts'
import { hooksOption } from './hooks-schema.ts'
import { callback, failures, isRole, isRoleOrUse, named, readPlay, tags } from './play-schema.ts'
import { isSharedShape, isSharedVariable, type SharedShape } from './variables/shared-shape.ts'
import type { Hooks } from './hooks.ts'
import type { AnyRole } from './context.ts'
import type { Failures, Play, RoleUse } from './play.ts'

/** The options of `playbook`. */
export interface PlaybookDefinition {
  readonly name: string
  /** One line for `rolecall list playbooks`. */
  readonly about?: string
  /** The default for plays that do not set their own. */
  readonly failures?: Failures
  /**
   * Shared variables, each made by `shared`, that are validated on every host of the plays even if no role reads them. Variables that roles take need
   * no entry here.
   */
  readonly shared?: readonly SharedShape[]
  /** Functions that a run calls on the controller before and after the run, each play and each host. */
  readonly hooks?: Hooks
  readonly plays: readonly Play[]
}

const readPlaybook = objectOptions<PlaybookDefinition>()(() => ({
  name: named(),
  about: text().optional(),
  failures: failures().optional(),
  shared: list('a list of what shared() gives', value<SharedShape>('what shared() gives', isSharedShape)).optional(),
  hooks: hooksOption().optional(),
  plays: list('a list of plays', value<Play>('a play: { name, hosts, roles }', isPlain)),
}))

/** All problems of a playbook's definition, play by play. */
export function playbookProblems(given: unknown): Problem[] {
  const plays = isPlain(given) && Array.isArray(given['plays']) ? given['plays'] : []
  return [
    ...readPlaybook.problems(ofPlaybook(given), given),
    ...plays.flatMap((play: unknown, index) => {
      if (isRoleOrUse(play)) return [roleAsPlay(play, index)]
      return isPlain(play) ? readPlay.problems(ofPlay(play, index), play) : []
    }),
  ]
}

function ofPlaybook(given: unknown): string {
  return isPlain(given) && typeof given['name'] === 'string' ? `playbook "${given['name']}"` : 'the playbook'
}

function ofPlay(play: Readonly<Record<string, unknown>>, index: number): string {
  return typeof play['name'] === 'string' ? `play "${play['name']}"` : `play ${index + 1}`
}

/** `plays: [web]`: a role where a play should be. */
function roleAsPlay(given: AnyRole | RoleUse, index: number): Problem {
  const name = given.type === 'use' ? given.role.name : given.name
  return {
    code: 'playbook',
    message: `play ${index + 1} is the role ${name}, and not a play`,
    expected: 'a play: { name, hosts, roles }',
    got: `the role ${name}`,
    hint: `say which hosts get it: { name: '${name}', hosts: 'all', roles: [...] }`,
  }
}

interface Definition {
  readonly name: string
  readonly about?: string
  readonly tags?: readonly string[]
  readonly parts?: readonly string[]
  readonly deadline?: number
  readonly user?: string
  readonly vars?: z.ZodObject
  readonly from?: object
  readonly validateSite?: (given: never) => unknown
  readonly apply: (given: never) => unknown
  readonly verify?: (given: never) => unknown
}

const readRole = objectOptions<Definition>()(() => ({
  name: text('lower case letters, digits and hyphens', /^[a-z][a-z0-9-]*$/),
  about: text().optional(),
  tags: tags().optional(),
  parts: tags().optional(),
  deadline: seconds().optional(),
  user: text('the name of a user', /^[^\s:-][^\s:]*$/).optional(),
  vars: value<z.ZodObject>('z.object({ ... })', (given) => given instanceof z.ZodObject).optional(),
  from: value<object>("names of variables of the inventory: { port: 'nginx_port' }", isFrom).optional(),
  validateSite: callback('a function of the hosts').optional(),
  apply: callback('a function: async apply({ ensure }) { ... }'),
  verify: callback('a function: async verify({ $ }) { ... }').optional(),
}))

/** `nginx_port`, or a path into a map: `nginx.port`. */
const FLAT_NAME = /^[^\s.]+(?:\.[^\s.]+)*$/

function isFrom(given: unknown): boolean {
  const isName = (each: unknown) => typeof each === 'string' && FLAT_NAME.test(each)
  return (
    isPlain(given) &&
    Object.values(given).every(
      (each) => each === undefined || isName(each) || (Array.isArray(each) && each.length > 0 && each.every(isName)),
    )
  )
}

/** Problems of `from`: variables that do not exist. */
function strangersIn(from: unknown, known: readonly string[], of: string): Problem[] {
  if (!isPlain(from)) return []
  return Object.keys(from)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const hint = didYouMean(name, known)
      return {
        code: 'playbook',
        message: `from of ${of} names the variable "${name}", which its vars do not have`,
        ...(known.length === 0 ? {} : { expected: `one of ${known.join(', ')}` }),
        got: JSON.stringify(name),
        ...(hint === undefined ? {} : { hint }),
      }
    })
}

/** Throws a RolecallError with all problems of the arguments of `role`. */
export function checkRole(given: unknown): void {
  const of = isPlain(given) && typeof given['name'] === 'string' ? `role ${given['name']}` : 'role'
  const vars = isPlain(given) ? given['vars'] : undefined
  const known = vars instanceof z.ZodObject ? Object.keys(vars.shape) : []
  refuse([...readRole.problems(of, given), ...(isPlain(given) ? strangersIn(given['from'], known, of) : [])])
}

/** Throws a RolecallError with all problems of the arguments of `shared`. */
export function checkShared(shape: unknown, from: unknown): void {
  if (!isPlain(shape)) return refuse([unexpected('the variables of shared', '{ domain: z.string() }', shape)])
  const wrong = Object.entries(shape)
    .filter(([, schema]) => !(schema instanceof z.ZodType))
    .map(([name, schema]) => unexpected(`${name} of shared`, 'a schema, such as z.string()', schema))
  const sources = isFrom(from)
    ? []
    : [unexpected('from of shared', "names of variables: { domain: 'dns_domain' }", from)]
  refuse([...wrong, ...sources, ...strangersIn(from, Object.keys(shape), 'shared')])
}

/** Throws a RolecallError with all problems of the arguments of `playbook`. */
export function checkPlaybook(given: unknown): void {
  refuse(playbookProblems(given))
}

/** Throws a RolecallError with all problems of the arguments of `using`, such as a variable that the role does not have. */
export function checkUse(role: unknown, vars: unknown): void {
  if (!isRole(role)) return refuse([unexpected('the role of using', 'what role() gives', role)])
  if (vars === undefined || vars === null)
    return refuse([
      unexpected('the second argument of using', `variables of role ${role.name}: { name: value }`, vars, {
        hint: () => 'a role without variables is listed by its name: roles: [web]',
      }),
    ])
  const known = Object.fromEntries(Object.keys(role.vars.shape).map((name) => [name, z.unknown().optional()]))
  const strange = isPlain(vars)
    ? Object.entries(vars).filter(([, each]) => each instanceof z.ZodType && !isSharedVariable(each))
    : []
  refuse([
    ...objectOptions()(() => known as never).problems(`the variables of role ${role.name}`, vars),
    ...strange.map(([name]) => ({
      code: 'playbook' as const,
      message: `${name} of the variables of role ${role.name} is a schema, and no value`,
      expected: 'a value, or one of the variables that shared() gives',
    })),
  ])
}

/** Throws a RolecallError when the function of `using` that computes values is invalid. */
export function checkComputedUse(role: unknown, shape: unknown, make: unknown): void {
  if (!isRole(role)) return refuse([unexpected('the role of using', 'what role() gives', role)])
  if (!isSharedShape(shape)) return refuse([unexpected('the shared variables of using', 'what shared() gives', shape)])
  if (typeof make !== 'function')
    refuse([unexpected('the last argument of using', 'a function of the shared values', make)])
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const place = placeOfCall()
  throw new RolecallError(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
}
