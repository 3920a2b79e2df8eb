import { z } from 'zod'
import { RolecallError, type Problem } from '../../errors.ts'
import { doubtsIn, flatDoubtsIn } from '../../inventory/variables/doubts.ts'
import type { Host } from '../../inventory/inventory.ts'
import { layerOf } from '../../inventory/variables/layer.ts'
import type { Level } from '../../inventory/variables/level.ts'
import { hasTemplate } from '../../inventory/variables/values.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { errorMessage } from '../../text/error-message.ts'
import { levelsFor, type VariableLevels } from './levels.ts'
import { parseVars } from './parse-vars.ts'
import { placeOfUse, type RoleUse } from '../playbook.ts'
import { readerOf, sharedReader, type Reader } from '../reader.ts'
import type { AnyRole } from '../role.ts'
import { isSharedVariable, type SharedShape } from './shared-shape.ts'
import { markOf } from './sources.ts'
import { exposedProblem, problemsOf, type Winner } from './var-problems.ts'

export type Vars = Readonly<Record<string, unknown>>

export type VarsResult = { readonly vars: Vars } | { readonly problems: readonly Problem[] }

/** A role in a play as a `RoleUse` without variables. */
export function useOf(given: AnyRole | RoleUse): RoleUse {
  return given.type === 'use' ? given : { type: 'use', role: given, vars: {} }
}

/**
 * A role's variables for one host, from the inventory, the playbook and `-e`, validated by the role's schema. After a failure the playbook's values
 * win over `-e`, which may name the very release that has failed.
 */
export function varsFor(use: RoleUse, host: Host, when: 'always' | 'after a failure' = 'always'): VarsResult {
  return attempt(host, use.role.name, () => {
    const set = setBy(use, host)
    if ('problems' in set) return set
    const layers =
      Object.keys(set.vars).length === 0 ? [] : [layerOf('playbook', use.role.name, set.vars, placeOfUse(use))]
    const reader = readerOf(use.role)
    const levels = levelsFor(reader, host, ...layers)
    return readAll(reader, host, when === 'always' ? levels : withoutExtra(levels, set.vars))
  })
}

/** The levels, without `-e` for variables that the playbook sets. */
function withoutExtra(levels: VariableLevels, set: Vars): VariableLevels {
  return new Map(
    Array.from(levels, ([name, all]) => [
      name,
      Object.hasOwn(set, name) ? all.filter(({ rank }) => rank !== 'extra') : all,
    ]),
  )
}

/** Shared variables for one host. */
export function sharedFor(shape: SharedShape, host: Host): VarsResult {
  const reader = sharedReader(shape)
  return attempt(host, undefined, () => readAll(reader, host, levelsFor(reader, host)))
}

/** The values that a playbook sets, with shared variables read for the host. */
function setBy({ role, vars, computed }: RoleUse, host: Host): VarsResult {
  const made = computed === undefined ? { vars: {} } : computedFor(computed, role, host)
  if ('problems' in made) return made
  const read: Record<string, unknown> = { ...made.vars }
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(vars)) {
    if (value === undefined) continue
    const found = isSharedVariable(value) ? sharedValue(value, host) : { value }
    if ('problems' in found) problems.push(...found.problems)
    else read[name] = found.value
  }
  return problems.length > 0 ? { problems } : { vars: read }
}

function computedFor({ shared, make }: NonNullable<RoleUse['computed']>, role: AnyRole, host: Host): VarsResult {
  const values = sharedFor(shared, host)
  if ('problems' in values) return values
  try {
    return { vars: make(values.vars) }
  } catch (error) {
    if (error instanceof RolecallError) return { problems: error.problems }
    const message = `what using() computes for role ${role.name} failed: ${errorMessage(error)}`
    return { problems: [{ code: 'playbook', host: host.name, role: role.name, message }] }
  }
}

function sharedValue(
  schema: z.ZodType,
  host: Host,
): { readonly value: unknown } | { readonly problems: readonly Problem[] } {
  const [name = '', ...others] = markOf(schema).flat ?? []
  const one = { schema: z.object({ [name]: schema }), role: undefined, flat: () => [name, ...others] }
  const found = attempt(host, undefined, () => readAll(one, host, levelsFor(one, host)))
  return 'problems' in found ? found : { value: found.vars[name] }
}

/** Every level that sets a variable of the role on the host, the role's own defaults first. For `rolecall explain`. */
export function explainVars(use: RoleUse, host: Host): VariableLevels {
  const { role } = use
  const defaults: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(role.vars.shape)) {
    const parsed = (schema as z.ZodType).safeParse(undefined)
    if (parsed.success && parsed.data !== undefined) defaults[name] = parsed.data
  }
  const set = setBy(use, host)
  if ('problems' in set) throw new RolecallError(set.problems)
  return levelsFor(
    readerOf(role),
    host,
    layerOf('default', role.name, defaults),
    layerOf('playbook', role.name, set.vars, placeOfUse(use)),
  )
}

function readAll(reader: Reader, host: Host, levels: VariableLevels): VarsResult {
  const problems: Problem[] = []
  const winners = new Map<string, Winner>()
  for (const [variable, ofVariable] of levels) {
    const level = ofVariable.at(-1)
    if (level === undefined) continue
    // Flat variables are Ansible's, and are read as Ansible reads them.
    if (level.node !== undefined) {
      const doubts = isOwn(reader, level) ? doubtsIn(level.node, level.name) : flatDoubtsIn(level.node)
      problems.push(...doubts.map((problem) => onHost(problem, reader, host)))
    }
    try {
      winners.set(variable, { level, value: valueOf(level, host) })
    } catch (error) {
      if (!(error instanceof RolecallError)) throw error
      problems.push(...error.problems.map((problem) => onHost(problem, reader, host)))
    }
  }
  if (problems.length > 0) return { problems }
  const values = Object.fromEntries(Array.from(winners, ([name, { value }]) => [name, value]))
  const parsed = parseVars(reader.schema, values, () => typedValues(winners, host))
  if ('issues' in parsed)
    return { problems: parsed.issues.flatMap((issue) => problemsOf(issue, reader, host, winners)) }
  const exposed = ('exposed' in parsed ? parsed.exposed : []).flatMap((variable) => {
    const winner = winners.get(variable)
    return winner === undefined || mayBeText(variable, winner) ? [] : [exposedProblem(variable, reader, host, winner)]
  })
  return exposed.length > 0 ? { problems: exposed } : { vars: parsed.vars }
}

/**
 * Files are encrypted as a whole, but not everything in them is secret: a user name, a domain. So a role that wants a text gets one, which is masked
 * wherever it is shown. A variable whose name sounds secret, or whose value is made of secrets, must be a Secret.
 */
function mayBeText(variable: string, { level }: Winner): boolean {
  return level.node !== undefined && !hasTemplate(level.node) && !isSensitive(variable) && !isSensitive(level.name)
}

function isOwn({ role }: Reader, { name }: Level): boolean {
  return role !== undefined && name.startsWith(`${role}.`)
}

/** The value of a level on a host. Throws a RolecallError when a template in it cannot be evaluated. */
export function valueOf({ node, value }: Level, host: Host, typing: 'ansible' | 'typed' = 'ansible'): unknown {
  return node === undefined ? value : host.values.of(node, host.name, typing)
}

/** Template values with the types of their expressions. */
function typedValues(winners: ReadonlyMap<string, Winner>, host: Host): Vars {
  const found: Record<string, unknown> = {}
  for (const [name, { level }] of winners) {
    if (level.node !== undefined && hasTemplate(level.node)) found[name] = valueOf(level, host, 'typed')
  }
  return found
}

function onHost(problem: Problem, { role }: Reader, host: Host): Problem {
  return { ...problem, host: host.name, ...(role === undefined ? {} : { role }) }
}

function attempt(host: Host, role: string | undefined, work: () => VarsResult): VarsResult {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    return {
      problems: error.problems.map((problem) => ({
        ...problem,
        host: host.name,
        ...(role === undefined ? {} : { role }),
      })),
    }
  }
}
