import { isSecret } from '../../secret.ts'
import { MOST_LEVELS } from '../../text/levels.ts'

/** A value of an inventory in code that is no data. */
export interface WrongValue {
  /** Its path, as in `hosts.web-01.port`. */
  readonly where: string
  readonly got: string
  readonly hint?: string
}

/**
 * The values that a file could not hold: they would be missing without a word, or mean something else (`{}` for a promise).
 *
 * @example wrongValues({ hosts: { a: { ansible_host: lookUp('a') } } })   // [{ where: 'hosts.a.ansible_host', got: 'a promise', hint: 'await it' }]
 */
export function wrongValues(data: unknown): WrongValue[] {
  const wrong: WrongValue[] = []
  walk(data, [], [])
  return wrong

  function walk(value: unknown, path: readonly string[], above: readonly object[]): void {
    if (value === null || isSecret(value)) return
    const found = above.some((each) => each === value)
      ? { got: 'a value that contains itself' }
      : path.length > MOST_LEVELS
        ? { got: `more than ${MOST_LEVELS} levels of lists and maps` }
        : problemOf(value)
    if (found !== undefined) wrong.push({ where: path.join('.'), ...found })
    else if (typeof value === 'object')
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name], [...above, value])
  }
}

/** What is wrong with a value, but for those inside it. */
function problemOf(value: unknown): Omit<WrongValue, 'where'> | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { got: String(value) }
    case 'bigint':
      return { got: 'a bigint', hint: 'write it as a number or as a string' }
    case 'function':
      return { got: 'a function', hint: 'call it' }
    case 'symbol':
      return { got: 'a symbol' }
    case 'object':
      return value === null ? undefined : problemOfObject(value)
  }
}

function problemOfObject(value: object): Omit<WrongValue, 'where'> | undefined {
  if (value instanceof Promise) return { got: 'a promise', hint: 'await it' }
  if (value instanceof Date) return { got: 'a date', hint: 'write it as a string: toISOString()' }
  if (value instanceof Map) return { got: 'a Map', hint: 'Object.fromEntries(map) is a plain object' }
  if (value instanceof Set) return { got: 'a Set', hint: '[...set] is a list' }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value) || prototype === Object.prototype || prototype === null) return undefined
  return { got: `an instance of ${value.constructor.name}`, hint: 'give a plain object' }
}
