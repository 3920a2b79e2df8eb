import { Secret } from '../../secret.ts'
import { jsonNumber, Typed, untyped } from '../../text/typed.ts'
import type { Place } from '../../errors.ts'
import { asUnsafe } from '../graph/tree.ts'
import type { Entry, MapNode, Scalar, Source, YamlNode } from '../graph/tree.ts'
import { Tagged } from './json-values.ts'
import { sealedScalar } from './sealed.ts'

/**
 * A source of values that do not come from YAML. `place` is the place of all of them, or a function from their offsets to places.
 *
 * @example
 * sourceAt({ file: 'inventory/hosts.ts' }, 'inventory')
 */
export function sourceAt(
  place: Place | ((offset: number) => Place),
  directory: string,
  more: Pick<Partial<Source>, 'isSecret' | 'openValue'> = {},
): Source {
  const at = typeof place === 'function' ? place : () => place
  return {
    file: at(0).file,
    directory,
    place: at,
    openValue: more.openValue ?? nothingEncrypted,
    isSecret: more.isSecret ?? false,
  }
}

function nothingEncrypted(): never {
  throw new Error('nothing in this source is encrypted')
}

/**
 * The node of a plain value: JSON data and Secrets. Anything else becomes null.
 *
 * @example
 * nodeOf({ port: 80 }, source, 0)
 */
export function nodeOf(value: unknown, source: Source, offset: number): YamlNode {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => nodeOf(item, source, offset)), source, offset }
  }
  if (value instanceof Tagged) return tagged(value, source, offset)
  if (value instanceof Typed) return { kind: 'scalar', value: value.value, type: value.type, source, offset }
  if (value instanceof Map) return pairsOf(value, source, offset)
  if (typeof value === 'object' && value !== null && !(value instanceof Secret)) return mapOf(value, source, offset)
  return { kind: 'scalar', value: scalarOf(value), source, offset }
}

function scalarOf(value: unknown): Scalar {
  if (value instanceof Secret) return value
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return typeof value === 'bigint' ? value.toString() : null
}

function tagged({ tag, value }: Tagged, source: Source, offset: number): YamlNode {
  return tag === 'unsafe' ? asUnsafe(nodeOf(value, source, offset)) : sealedScalar(String(value), source, offset)
}

/** The node of a map whose keys may be numbers, true, false and null. */
function pairsOf(pairs: ReadonlyMap<unknown, unknown>, source: Source, offset: number): MapNode {
  const entries = new Map<string, Entry>()
  const numbers = new Map<string, Pick<Entry, 'key' | 'typed'>>()
  for (const [written, inner] of pairs) {
    if (typeof written !== 'string' && !isKeyOfPython(written)) continue
    const found =
      typeof written === 'string' ? undefined : firstOfEqual(numbers, { key: keyText(written), typed: written })
    const given = found?.typed === undefined ? written : found.typed
    const isText = typeof given === 'string'
    const key = isText ? given : keyText(given)
    entries.set(key, { key, ...(isText ? {} : { typed: given }), node: nodeOf(inner, source, offset), source, offset })
  }
  return { kind: 'map', entries, source, offset }
}

function isKeyOfPython(key: unknown): key is NonNullable<Entry['typed']> | null {
  return key === null || typeof key === 'number' || typeof key === 'boolean' || key instanceof Typed
}

/**
 * A key that is no text, as JSON has it.
 *
 * @example
 * keyText(true)   // 'true'
 */
export function keyText(key: NonNullable<Entry['typed']> | null): string {
  return typeof key === 'number' || key instanceof Typed ? jsonNumber(key) : String(key)
}

/**
 * To Python, 1, 1.0 and true are one key: the first of them stays, with the last value. Gives that first one.
 *
 * @param numbers the keys of one map that are no texts
 */
export function firstOfEqual<T extends Pick<Entry, 'key' | 'typed'>>(numbers: Map<string, T>, key: T): T {
  const { typed } = key
  if (typed === undefined || typed === null || (typed instanceof Typed && typed.type === 'time')) return key
  const size = typed instanceof Typed && typed.type === 'int' ? String(typed.value) : String(Number(untyped(typed)))
  const first = numbers.get(size)
  if (first === undefined) numbers.set(size, key)
  return first ?? key
}

/** The node of an object. */
export function mapOf(value: object, source: Source, offset: number): MapNode {
  const entries = new Map<string, Entry>()
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) entries.set(key, { key, node: nodeOf(inner, source, offset), source, offset })
  }
  return { kind: 'map', entries, source, offset }
}
