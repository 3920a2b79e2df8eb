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
  return escapedActive(written(data, 0))
}

/** Deeper than any data that a person writes. It bounds data that refers to itself. */
const DEEPEST = 500

/** Written by hand, since a JavaScript object puts keys such as "10" before all others. */
function written(value: unknown, depth: number): string {
  if (isSecret(value)) return JSON.stringify(MASK)
  if (value instanceof Typed) return value.type === 'time' ? JSON.stringify(value.value) : jsonNumber(value)
  if (typeof value === 'string') return JSON.stringify(redact(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  if (depth === DEEPEST) return JSON.stringify(redact(inspect(value)))
  if (Array.isArray(value))
    return block(
      '[]',
      depth,
      value.map((each) => written(each, depth + 1)),
    )
  const entries =
    value instanceof Map
      ? [...(value as ReadonlyMap<string, unknown>)]
      : Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return block(
    '{}',
    depth,
    entries
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => `${JSON.stringify(redact(name))}: ${written(each, depth + 1)}`),
  )
}

/** The indentation of one level. */
const STEP = '    '

function block(brackets: '[]' | '{}', depth: number, parts: readonly string[]): string {
  if (parts.length === 0) return brackets
  const inner = STEP.repeat(depth + 1)
  return `${brackets.charAt(0)}\n${parts.map((part) => inner + part).join(',\n')}\n${STEP.repeat(depth)}${brackets.charAt(1)}`
}
