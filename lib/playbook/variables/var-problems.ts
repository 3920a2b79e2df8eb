import type { z } from 'zod'
import type { Problem } from '../../errors.ts'
import type { Host } from '../../inventory/inventory.ts'
import { levelName, placeOf, type Level } from '../../inventory/variables/level.ts'
import { hasTemplate } from '../../inventory/variables/values.ts'
import { MASK } from '../../secret.ts'
import { didYouMean } from '../../text/nearest.ts'
import { wordsFor } from '../../text/schema-words.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { dotted, type Reader } from '../reader.ts'
import { schemaAt, withoutSecrets } from './secret-values.ts'
import { markOf } from './sources.ts'

/** The level that won for a variable, and its value with all templates evaluated. */
export interface Winner {
  readonly level: Level
  readonly value: unknown
}

/** The problems of a host's variables by a schema, with the places where the values are written. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  reader: Reader,
  host: Host,
  winners: ReadonlyMap<string, Winner>,
): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const common = commonOf(reader, host)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, reader, host, winners))
  const winner = winners.get(String(path[0] ?? ''))
  if (winner === undefined) {
    return [
      {
        ...common,
        message: `${dotted(reader, path)} is not set`,
        expected: issue.message,
        hint: notSetHint(reader, path, host),
      },
    ]
  }
  const { level, value } = winner
  if (path.length > 1 && valueAt(value, path.slice(1)) === undefined) {
    const missing = { message: `${dotted(reader, path)} is missing`, expected: issue.message }
    return [{ ...common, ...missing, ...placed(level, path.slice(1)) }]
  }
  return [
    {
      ...common,
      ...whatIsWrong(issue, dotted(reader, path)),
      ...placed(level, path.slice(1)),
      got: path.some((part) => isSensitive(String(part))) ? NOT_SHOWN : gotAt(path, value, reader),
      ...(level.node !== undefined && hasTemplate(level.node) ? { hint: 'the value is what a template gives' } : {}),
    },
  ]
}

/** A message that the schema's author wrote is shown unchanged. */
function whatIsWrong(issue: z.core.$ZodIssue, variable: string): Pick<Problem, 'message' | 'expected'> {
  return issue.message === wordsFor(issue)
    ? { message: `${variable}: expected ${issue.message}`, expected: issue.message }
    : { message: `${variable}: ${issue.message}` }
}

/** The problem of a secret that the schema would turn into plain text. */
export function exposedProblem(variable: string, reader: Reader, host: Host, { level }: Winner): Problem {
  return {
    ...commonOf(reader, host),
    message: `${dotted(reader, [variable])} is a secret, and would become plain text`,
    ...placed(level, []),
    expected: 'a variable whose schema makes a secret of a text',
    got: NOT_SHOWN,
    hint: `write ${variable}: z.string().transform(secret) in the schema`,
  }
}

function unknownKey(
  key: string,
  path: readonly (string | number)[],
  reader: Reader,
  host: Host,
  winners: ReadonlyMap<string, Winner>,
): Problem {
  const common = commonOf(reader, host)
  if (path.length > 0) {
    const level = winners.get(String(path[0]))?.level
    const place = level === undefined ? {} : placed(level, [...path.slice(1), key])
    const known = keysAt(reader.schema, path)
    const hint = didYouMean(key, known)
    return {
      ...common,
      message: `unknown key "${key}" in ${dotted(reader, path)}`,
      ...place,
      ...(known.length === 0 ? {} : { expected: `one of ${known.join(', ')}` }),
      ...(hint === undefined ? {} : { hint }),
    }
  }
  const level = winners.get(key)?.level
  const known = Object.keys(reader.schema.shape)
  const hint = didYouMean(key, known)
  return {
    ...common,
    message: `role ${reader.role ?? ''} has no variable "${key}"`,
    ...(level?.place === undefined ? where(level) : { place: level.place }),
    expected: known.length === 0 ? 'no variable: the role takes none' : `one of ${known.join(', ')}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

function keysAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  const { shape } = (schemaAt(schema, path) ?? {}) as { readonly shape?: object }
  return Object.keys(shape ?? {})
}

function commonOf({ role }: Reader, host: Host): Pick<Problem, 'code' | 'host' | 'role'> {
  return { code: 'vars', host: host.name, ...(role === undefined ? {} : { role }) }
}

function notSetHint(reader: Reader, path: readonly (string | number)[], host: Host): string {
  const variable = String(path[0] ?? '')
  const { asking } = markOf((reader.schema.shape as Readonly<Record<string, unknown>>)[variable])
  const flat = reader.flat(variable)
  const name = dotted(reader, [variable])
  if (asking !== undefined)
    return `it is asked for ("${asking.question}") at a terminal; elsewhere give it: -e ${name}=...`
  const file = `group_vars of a group of ${host.name}`
  if (reader.role === undefined) return `write "${variable}: ..." in ${file}, or -e ${name}=...`
  const own = `write "${reader.role}:" and "  ${variable}: ..." in ${file}, or -e ${name}=...`
  return flat.length === 0 ? own : `write "${flat[0] ?? ''}: ..." in ${file}; or ${own}`
}

const NOT_SHOWN = 'a value that is not shown'

function gotAt(path: readonly (string | number)[], whole: unknown, { schema }: Reader): string {
  const inner = schemaAt(schema, path) ?? schemaAt(schema, path.slice(0, 1))
  const value = withoutSecrets(inner, valueAt(whole, path.slice(1)))
  return value === MASK ? NOT_SHOWN : show(value)
}

function placed(level: Level, path: readonly (string | number)[]): Pick<Problem, 'place'> {
  const place = placeOf(level, path)
  return place === undefined ? where(level) : { place }
}

/** A value without a file of its own: names at least the level that set it. */
function where(level: Level | undefined): { place?: { file: string } } {
  return level === undefined ? {} : { place: { file: levelName(level) } }
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
