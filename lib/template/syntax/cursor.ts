import type { Token } from './lexer.ts'
import { TemplateError } from '../values/value.ts'
import { MOST_LEVELS } from '../../text/levels.ts'

/** A level of nesting counts as this many links of a chain such as `a + b + c`: only evaluating recurses for each link, not parsing. */
const LINKS_OF_A_LEVEL = 5

/** Reads tokens one after the other. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0
  #links = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Reads a nested part. Throws a TemplateError when the nesting is too deep. */
  nested<T>(read: () => T): T {
    const before = this.#links
    this.#deepen(LINKS_OF_A_LEVEL)
    const found = read()
    this.#links = before
    return found
  }

  /** Counts a link of a chain, such as `a + b + c` or `a | b | c`, whose left part is nested in it. */
  link(): void {
    this.#deepen(1)
  }

  #deepen(links: number): void {
    this.#links += links
    if (this.#links > MOST_LEVELS * LINKS_OF_A_LEVEL)
      throw new TemplateError(
        `the template is nested more than ${MOST_LEVELS} levels deep`,
        'divide it among several variables',
      )
  }

  get current(): Token | undefined {
    return this.#tokens[this.#at]
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at + 1]
  }

  take(): Token | undefined {
    return this.#tokens[this.#at++]
  }

  is(type: 'name' | 'operator' | 'mark', ...values: readonly string[]): boolean {
    return matches(this.current, type, values)
  }

  nextIs(type: 'name' | 'operator' | 'mark', ...values: readonly string[]): boolean {
    return matches(this.next, type, values)
  }

  /** Skips the token if it comes next. */
  skip(type: 'name' | 'operator' | 'mark', value: string): boolean {
    if (!this.is(type, value)) return false
    this.#at++
    return true
  }

  expect(type: 'name' | 'operator' | 'mark', value: string): void {
    if (!this.skip(type, value)) throw new TemplateError(`${shown(this.current)} is where "${value}" should be`)
  }

  name(what: string): string {
    const token = this.take()
    if (token?.type !== 'name') throw new TemplateError(`${shown(token)} is where ${what} should be`)
    return token.value
  }
}

function matches(token: Token | undefined, type: string, values: readonly string[]): boolean {
  return token?.type === type && (values.length === 0 || values.includes(String(token.value)))
}

export function shown(token: Token | undefined): string {
  if (token === undefined || token.value === '}}' || token.value === '%}') return 'the end'
  return token.type === 'string' ? 'a text' : `"${token.value}"`
}
