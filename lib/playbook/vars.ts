import type { z } from 'zod'
import type { Problem } from '../errors.ts'
import { doubtsIn } from '../inventory/doubts.ts'
import type { Host } from '../inventory/inventory.ts'
import { layerOf, levelsOf } from '../inventory/layer.ts'
import { levelName, placeOf, resolve, type Level, type Levels, type Resolved } from '../inventory/level.ts'
import { didYouMean } from '../text/nearest.ts'
import { isSensitive } from '../text/sensitive.ts'
import { MASK } from '../secret.ts'
import { schemaAt, withoutSecrets } from './secret-values.ts'
import type { AnyRole } from './role.ts'

export type Vars = Readonly<Record<string, unknown>>

export type VarsResult = { readonly vars: Vars } | { readonly problems: readonly Problem[] }

/** A role's variables for one host, from the inventory, the playbook and `-e`, judged by the role's schema. */
export function varsFor(role: AnyRole, host: Host, fromPlaybook: Vars): VarsResult {
  const winners = new Map<string, Resolved>()
  for (const [name, levels] of levelsFor(role, host, fromPlaybook)) {
    const resolved = resolve(levels)
    if (resolved && name.startsWith(`${role.name}.`)) winners.set(name.slice(role.name.length + 1), resolved)
  }
  const doubtful = [...winners].flatMap(([name, { level }]) =>
    level.node === undefined ? [] : doubtsIn(level.node, `${role.name}.${name}`),
  )
  if (doubtful.length > 0)
    return { problems: doubtful.map((problem) => ({ ...problem, host: host.name, role: role.name })) }
  const parsed = role.vars.safeParse(Object.fromEntries([...winners].map(([name, { value }]) => [name, value])))
  if (parsed.success) return { vars: parsed.data }
  return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, role, host, winners)) }
}

/** Every level that sets a variable of the role on the host, the role's own defaults first. For `rolecall explain`. */
export function explainVars(role: AnyRole, host: Host, fromPlaybook: Vars): Levels {
  const defaults: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(role.vars.shape)) {
    const parsed = (schema as z.ZodType).safeParse(undefined)
    if (parsed.success && parsed.data !== undefined) defaults[name] = parsed.data
  }
  return levelsOf([
    layerOf('default', role.name, defaults),
    layerOf('playbook', role.name, fromPlaybook),
    ...host.layers,
  ])
}

function levelsFor(role: AnyRole, host: Host, fromPlaybook: Vars): Levels {
  return levelsOf(
    Object.keys(fromPlaybook).length === 0
      ? host.layers
      : [layerOf('playbook', role.name, fromPlaybook), ...host.layers],
  )
}

function problemsOf(
  issue: z.core.$ZodIssue,
  role: AnyRole,
  host: Host,
  winners: ReadonlyMap<string, Resolved>,
): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const common = { code: 'vars', host: host.name, role: role.name } as const
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const inside = path.length > 0
      const level = winners.get(inside ? String(path[0]) : key)?.level
      const place = inside ? level && placeOf(level, [...path.slice(1), key]) : level?.place
      const hint = inside ? undefined : didYouMean(key, Object.keys(role.vars.shape))
      return {
        ...common,
        message: inside
          ? `unknown key "${key}" in ${dotted(role, path)}`
          : `role ${role.name} has no variable "${key}"`,
        ...(place === undefined ? where(level) : { place }),
        ...(inside ? {} : { expected: `one of ${Object.keys(role.vars.shape).join(', ')}` }),
        ...(hint === undefined ? {} : { hint }),
      }
    })
  }
  const level = winners.get(String(path[0] ?? ''))?.level
  const place = level && placeOf(level, path.slice(1))
  if (level === undefined) {
    return [
      {
        ...common,
        message: `${dotted(role, path)} is not set`,
        expected: issue.message,
        hint: `write "${role.name}:" and "  ${String(path[0])}: ..." in group_vars of a group of ${host.name}, or -e ${dotted(role, path)}=...`,
      },
    ]
  }
  return [
    {
      ...common,
      message: `${dotted(role, path)}: ${issue.message}`,
      ...(place === undefined ? where(level) : { place }),
      got: path.some((part) => isSensitive(String(part))) ? NOT_SHOWN : gotAt(path, level.value, role),
    },
  ]
}

const NOT_SHOWN = 'a value that is not shown'

function gotAt(path: readonly (string | number)[], whole: unknown, role: AnyRole): string {
  const schema = schemaAt(role.vars, path) ?? schemaAt(role.vars, path.slice(0, 1))
  const value = withoutSecrets(schema, valueAt(whole, path.slice(1)))
  return value === MASK ? NOT_SHOWN : show(value)
}

/** A value without a file of its own: say at least which level set it. */
function where(level: Level | undefined): { place?: { file: string } } {
  return level === undefined ? {} : { place: { file: levelName(level) } }
}

function dotted(role: AnyRole, path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    role.name,
  )
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<string | number, unknown>)[part] : undefined,
    value,
  )
}

function show(value: unknown): string {
  return `${JSON.stringify(value)} (${Array.isArray(value) ? 'list' : value === null ? 'nothing' : typeof value === 'object' ? 'map' : typeof value})`
}
