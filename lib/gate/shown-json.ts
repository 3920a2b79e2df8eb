import { inspect } from 'node:util'
import { isSecret, MASK } from '../secret.ts'
import { jsonNumber, Typed } from '../text/typed.ts'
import { escapedActive } from './neutral.ts'
import { redact } from './redact.ts'

/**
 * A user's data, such as variables, as indented JSON in the order of its keys. Only secrets differ from the data: they are masked. Numbers are written as by
 * Python: `1.0`, all digits, and `Infinity` for `.inf`. Unlike an event, the data is never cut, and no key has a special meaning. Characters that would affect
 * a terminal are written as JSON escapes.
 *
 * @example
 * shownJson({ motd: 'a\nb' })   // '{\n    "motd": "a\\nb"\n}'
 */
export function shownJson(data: unknown): string {
  return escapedActive(
    JSON.stringify(maskedData(data, 0), null, 4)
      .replaceAll(/(?<=[^\\]|^)"\\u0000(-?[\w.+-]+)"/g, '$1')
      .replaceAll('"\\u0000\\u0000', '"\\u0000'),
  )
}

/** Deeper than any data that a person writes. It bounds data that refers to itself. */
const DEEPEST = 500

function maskedData(value: unknown, depth: number): unknown {
  if (isSecret(value)) return MASK
  if (value instanceof Typed) return MARK + jsonNumber(value)
  if (typeof value === 'string') return unmarked(redact(value))
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEEPEST) return redact(inspect(value))
  if (Array.isArray(value)) return value.map((each) => maskedData(each, depth + 1))
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [unmarked(redact(name)), maskedData(each, depth + 1)]))
}

/** Marks a number that JSON.stringify cannot write. A user's text that begins with the mark gets a second one. */
const MARK = '\0'

function unmarked(text: string): string {
  return text.startsWith(MARK) ? MARK + text : text
}
