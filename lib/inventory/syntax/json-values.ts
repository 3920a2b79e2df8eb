import { jsonScalar } from '../../text/yaml/scalar.ts'
import { Typed } from '../../text/typed.ts'

/** The names under which Ansible's JSON has texts that are no template, and encrypted ones. */
export const JSON_UNSAFE = '__ansible_unsafe'
export const JSON_VAULT = '__ansible_vault'

/** The value of `__ansible_unsafe` or `__ansible_vault`. */
export class Tagged {
  readonly tag: 'unsafe' | 'vault'
  readonly value: unknown

  constructor(tag: Tagged['tag'], value: unknown) {
    this.tag = tag
    this.value = value
  }
}

/** A number in the text, which a JavaScript number does not hold as Python reads it. */
const NUMBER = '\0number'
/** Before a key of digits alone, which JavaScript's objects would move before all others. */
const DIGITS = '\0digits'
const STRING_OR_NUMBER = /"(?:[^"\\]|\\[^])*"|-?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity\b)|\bNaN\b/g

/**
 * A JSON text as Ansible reads it: `1.0` is a float and a number of 20 digits keeps all of them (`Typed`), NaN and Infinity are numbers, and
 * `{"__ansible_unsafe": "..."}` is a text. An object with a key of digits alone is a Map, so that its keys keep their order. Throws a SyntaxError for other texts.
 *
 * @example
 * readJson('{"ratio": 1.0}')   // { ratio: new Typed(1, 'float') }
 */
export function readJson(text: string): unknown {
  const marked = text.replace(STRING_OR_NUMBER, (part, at: number) => {
    if (/^"\d+"$/.test(part) && /^\s*:/.test(text.slice(at + part.length, at + part.length + 99)))
      return JSON.stringify(DIGITS + part.slice(1, -1))
    return part.startsWith('"') || !(jsonScalar(part) instanceof Typed) ? part : `{${JSON.stringify(NUMBER)}:"${part}"}`
  })
  return JSON.parse(marked, revived)
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (NUMBER in value && typeof value[NUMBER] === 'string') return jsonScalar(value[NUMBER])
  if (JSON_UNSAFE in value) return new Tagged('unsafe', value[JSON_UNSAFE])
  if (JSON_VAULT in value && typeof value[JSON_VAULT] === 'string') return new Tagged('vault', value[JSON_VAULT])
  const entries = Array.isArray(value) ? [] : Object.entries(value)
  if (!entries.some(([key]) => key.startsWith(DIGITS))) return value
  return new Map(entries.map(([key, each]) => [key.startsWith(DIGITS) ? key.slice(DIGITS.length) : key, each]))
}

/** A map of a JSON text. */
export type JsonMap = Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>

export function isJsonMap(value: unknown): value is JsonMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Typed) &&
    !(value instanceof Tagged)
  )
}

export function membersOf(map: JsonMap): readonly (readonly [string, unknown])[] {
  return map instanceof Map ? [...(map as ReadonlyMap<string, unknown>)] : Object.entries(map)
}

export function memberOf(map: JsonMap, key: string): unknown {
  if (map instanceof Map) return (map as ReadonlyMap<string, unknown>).get(key)
  return Object.hasOwn(map, key) ? (map as Readonly<Record<string, unknown>>)[key] : undefined
}

/** Whether a text is JSON. Ansible tries JSON first, whatever a file's name is. */
export function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(
      text.replace(/"(?:[^"\\]|\\[^])*"|-?\bInfinity\b|\bNaN\b/g, (part) => (part.startsWith('"') ? part : '0')),
    )
    return true
  } catch {
    return false
  }
}
