import { inspect, isDeepStrictEqual } from 'node:util'
import { isSecret } from '../secret.ts'

/** Expectations of `verify`. A failed one is recorded, and the role's other checks still run. */
export type Expect = (actual: unknown, what?: string) => Matchers

export interface Matchers {
  /** The same value (Object.is). A Secret is compared by its text, which is never shown. */
  toBe(expected: unknown): void
  /** Equal in shape and values, at every depth. */
  toEqual(expected: unknown): void
  /** A text that matches a regular expression or contains a string. */
  toMatch(pattern: RegExp | string): void
  /** A text that contains a text, or a list with an element. */
  toContain(piece: unknown): void
  /** A number that is at least this large. */
  toBeAtLeast(least: number): void
}

export interface Expectation {
  readonly passed: boolean
  readonly what: string | undefined
  readonly expected: string
  readonly got: string
  /** The stack of the call, to find the line of the role. */
  readonly stack: string
}

/** Makes an `expect` that passes each expectation, met or not, to `tell`. */
export function makeExpect(
  tell: (expectation: Expectation) => void,
  /** Called for each `expect(...)`; returns the function to call when the second half, such as `.toBe(...)`, follows. */
  onExpect: () => () => void = () => () => undefined,
): Expect {
  return (actual, what) => {
    const completed = onExpect()
    const isPromise = actual instanceof Promise
    const report = (passed: boolean, expected: string) => {
      completed()
      tell({
        passed: passed && !isPromise,
        what,
        expected,
        got: isPromise ? 'a promise: write await before it' : inspect(actual, { depth: 4, breakLength: 100 }),
        stack: new Error().stack ?? '',
      })
    }
    return {
      toBe: (expected) => report(isSame(actual, expected), inspect(expected)),
      toEqual: (expected) => report(isDeepStrictEqual(actual, expected), inspect(expected, { depth: 4 })),
      toMatch: (pattern) =>
        report(typeof actual === 'string' && matches(actual, pattern), `a text that matches ${inspect(pattern)}`),
      toContain: (piece) => report(contains(actual, piece), `something that contains ${inspect(piece)}`),
      toBeAtLeast: (least) => report(typeof actual === 'number' && actual >= least, `at least ${least}`),
    }
  }
}

/** A Secret is compared by its text, with a string as with another Secret. */
function isSame(actual: unknown, expected: unknown): boolean {
  return Object.is(textOf(actual), textOf(expected))
}

function textOf(value: unknown): unknown {
  return isSecret(value) ? value.reveal() : value
}

function matches(text: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)
}

function contains(whole: unknown, one: unknown): boolean {
  const piece = textOf(one)
  if (typeof whole === 'string') return typeof piece === 'string' && whole.includes(piece)
  return Array.isArray(whole) && whole.some((element) => isDeepStrictEqual(element, piece))
}
