import { z } from 'zod'
import { Refusal, type Problem } from '../errors.ts'
import { placeOfCall } from '../place.ts'
import { unexpected } from '../resources/kit/options/option-problems.ts'
import { flag, list, nested, oneOf, seconds, text, value, whole } from '../resources/kit/options/option-types.ts'
import { objectOptions } from '../resources/kit/options/options.ts'
import { isPlain } from '../resources/kit/options/shown.ts'
import type { Failures, Percent, Play, RoleUse } from './playbook.ts'
import type { AnyRole } from './role.ts'

/** What `playbook` takes. */
export interface PlaybookDefinition {
  readonly name: string
  /** One line for `rolecall list playbooks`. */
  readonly about?: string
  /** For every play that says nothing else itself. */
  readonly failures?: Failures
  readonly plays: readonly Play[]
}

const named = () => text('a text of one line', /^[^\p{Cc}]*\S[^\p{Cc}]*$/u)
const failures = () => oneOf(['go-on', 'stop-run'])
const tags = () => list('a list of tags', text('a tag', /^\S+$/))

function count(least: number) {
  const isCount = (given: unknown) => Number.isInteger(given) && Number(given) >= least
  const isPercent = (given: unknown) => typeof given === 'string' && /^\d+(\.\d+)?%$/.test(given) && isShare(given)
  const isShare = (given: string) => parseFloat(given) <= 100 && parseFloat(given) >= least
  return value<number | Percent>(
    `a whole number from ${least}, or a share such as '30%'`,
    (given) => isCount(given) || isPercent(given),
  )
}

const readPlay = objectOptions<Play>()(() => ({
  name: named(),
  hosts: text('an inventory pattern, such as all or web:!web-1', /\S/, {
    hint: (given) => (Array.isArray(given) ? 'join several with a colon: web:db' : undefined),
  }),
  roles: list('a list of roles', value<AnyRole | RoleUse>('what role() or using() gives', isRoleOrUse)),
  after: list(
    'a list of plays',
    z.union([named(), nested('{ play, ended: true }', { play: named(), ended: z.literal(true) })], {
      error: 'the name of a play, or { play, ended: true }',
    }),
  ).optional(),
  concurrency: whole('a whole number from 1', 1, Number.MAX_SAFE_INTEGER).optional(),
  serial: count(1).optional(),
  maxFailures: count(0).optional(),
  anyErrorsFatal: flag().optional(),
  deadline: seconds().optional(),
  failures: failures().optional(),
  tags: tags().optional(),
}))

const readPlaybook = objectOptions<PlaybookDefinition>()(() => ({
  name: named(),
  about: text().optional(),
  failures: failures().optional(),
  plays: list('a list of plays', value<Play>('a play: { name, hosts, roles }', isPlain)),
}))

/** Everything that is wrong with the definition of a playbook, play by play. */
export function playbookProblems(given: unknown): Problem[] {
  const plays = isPlain(given) && Array.isArray(given['plays']) ? given['plays'] : []
  return [
    ...readPlaybook.problems(ofPlaybook(given), given),
    ...plays.flatMap((play: unknown, index) => (isPlain(play) ? readPlay.problems(ofPlay(play, index), play) : [])),
  ]
}

function ofPlaybook(given: unknown): string {
  return isPlain(given) && typeof given['name'] === 'string' ? `playbook "${given['name']}"` : 'the playbook'
}

function ofPlay(play: Readonly<Record<string, unknown>>, index: number): string {
  return typeof play['name'] === 'string' ? `play "${play['name']}"` : `play ${index + 1}`
}

function isRole(given: unknown): given is AnyRole {
  return (
    isPlain(given) &&
    given['type'] === 'role' &&
    typeof given['apply'] === 'function' &&
    given['vars'] instanceof z.ZodObject
  )
}

function isRoleOrUse(given: unknown): boolean {
  return isRole(given) || (isPlain(given) && given['type'] === 'use' && isRole(given['role']))
}

const callback = (expected: string) =>
  value<(given: never) => unknown>(expected, (given) => typeof given === 'function')

interface Definition {
  readonly name: string
  readonly about?: string
  readonly tags?: readonly string[]
  readonly deadline?: number
  readonly vars?: z.ZodObject
  readonly judge?: (given: never) => unknown
  readonly apply: (given: never) => unknown
  readonly verify?: (given: never) => unknown
}

const readRole = objectOptions<Definition>()(() => ({
  name: text('lower case letters, digits and hyphens', /^[a-z][a-z0-9-]*$/),
  about: text().optional(),
  tags: tags().optional(),
  deadline: seconds().optional(),
  vars: value<z.ZodObject>('z.object({ ... })', (given) => given instanceof z.ZodObject).optional(),
  judge: callback('a function of the hosts').optional(),
  apply: callback('a function: async apply({ ensure }) { ... }'),
  verify: callback('a function: async verify({ $ }) { ... }').optional(),
}))

/** Throws a Refusal with everything that is wrong with what `role` was given. */
export function checkRole(given: unknown): void {
  refuse(
    readRole.problems(isPlain(given) && typeof given['name'] === 'string' ? `role ${given['name']}` : 'role', given),
  )
}

/** Throws a Refusal with everything that is wrong with what `playbook` was given. */
export function checkPlaybook(given: unknown): void {
  refuse(playbookProblems(given))
}

/** Throws a Refusal with everything that is wrong with what `using` was given: a variable that the role does not have, say. */
export function checkUse(role: unknown, vars: unknown): void {
  if (!isRole(role)) return refuse([unexpected('the role of using', 'what role() gives', role)])
  const known = Object.fromEntries(Object.keys(role.vars.shape).map((name) => [name, z.unknown().optional()]))
  refuse(objectOptions()(() => known as never).problems(`the variables of role ${role.name}`, vars))
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const place = placeOfCall()
  throw new Refusal(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
}
