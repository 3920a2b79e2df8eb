import { inspect } from 'node:util'
import { isSecret, MASK } from '../secret.ts'
import { escapedActive } from './neutral.ts'
import { redact } from './redact.ts'

/**
 * Data of the user's own, such as variables, as JSON in the order of its keys, with lines and indentation. It is equal to the data but for secrets, which
 * are masked. Unlike an event it is not cut, and a key means nothing in it. Characters that would do something to a terminal are escapes of JSON.
 *
 * @example
 * shownJson({ motd: 'a\nb' })   // '{\n    "motd": "a\\nb"\n}'
 */
export function shownJson(data: unknown): string {
  return escapedActive(JSON.stringify(maskedData(data, 0), null, 4))
}

/** Deeper than any data that a person writes: what goes on for ever ends here. */
const DEEPEST = 500

function maskedData(value: unknown, depth: number): unknown {
  if (isSecret(value)) return MASK
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEEPEST) return redact(inspect(value))
  if (Array.isArray(value)) return value.map((each) => maskedData(each, depth + 1))
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [redact(name), maskedData(each, depth + 1)]))
}
