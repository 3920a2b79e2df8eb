import { jsonScalar } from '../../text/plain-scalar.ts'
import { Typed } from '../../text/typed.ts'

/** The names under which Ansible's JSON has texts that are no template, and encrypted ones. */
export const JSON_UNSAFE = '__ansible_unsafe'
export const JSON_VAULT = '__ansible_vault'

/** What stands under `__ansible_unsafe` or `__ansible_vault`. */
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
const STRING_OR_NUMBER = /"(?:[^"\\]|\\[^])*"|-?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity\b)|\bNaN\b/g

/**
 * A JSON text as Ansible reads it: `1.0` is a float and a number of 20 digits keeps all of them (`Typed`), NaN and Infinity are numbers, and
 * `{"__ansible_unsafe": "..."}` is a text. Throws a SyntaxError for other texts.
 *
 * @example
 * readJson('{"ratio": 1.0}')   // { ratio: new Typed(1, 'float') }
 */
export function readJson(text: string): unknown {
  const marked = text.replace(STRING_OR_NUMBER, (part) =>
    part.startsWith('"') || !(jsonScalar(part) instanceof Typed) ? part : `{${JSON.stringify(NUMBER)}:"${part}"}`,
  )
  return JSON.parse(marked, revived)
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (NUMBER in value && typeof value[NUMBER] === 'string') return jsonScalar(value[NUMBER])
  if (JSON_UNSAFE in value) return new Tagged('unsafe', value[JSON_UNSAFE])
  return JSON_VAULT in value && typeof value[JSON_VAULT] === 'string' ? new Tagged('vault', value[JSON_VAULT]) : value
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
