import type { Run } from './run.ts'
import {
  isNumber,
  numberOf,
  TemplateError,
  typeName,
  Undefined,
  UndefinedError,
  type Arguments,
  type List,
  type Value,
} from '../values/value.ts'

/** The function of a filter or test. */
export type Apply = (run: Run, value: Value, given: Arguments) => Value

/** The arguments of one call by the names of its parameters. */
export class Bound {
  readonly #run: Run
  readonly #values: ReadonlyMap<string, Value>

  constructor(run: Run, values: ReadonlyMap<string, Value>) {
    this.#run = run
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  get(name: string): Value | undefined {
    return this.#values.get(name)
  }

  need(name: string): Value {
    const value = this.#values.get(name)
    if (value === undefined) throw new TemplateError(`the argument "${name}" is missing`)
    if (value instanceof Undefined) throw new UndefinedError(value)
    return value
  }

  text(name: string, otherwise?: string): string {
    const value = this.#values.get(name)
    if (value === undefined && otherwise !== undefined) return otherwise
    return this.#run.text(this.need(name))
  }

  int(name: string, otherwise: number): number {
    const value = this.#values.get(name)
    if (value === undefined || value === null) return otherwise
    const plain = this.#run.plain(value)
    if (isNumber(plain)) return Math.trunc(numberOf(plain))
    throw new TemplateError(`the argument "${name}" is a '${typeName(value)}', and has to be a whole number`)
  }

  isTrue(name: string): boolean {
    const value = this.#values.get(name)
    return value !== undefined && this.#run.isTrue(value)
  }
}

/**
 * A filter or a test with named parameters. An unknown argument is an error, and so is an undefined value.
 *
 * @example
 * const replace = withParameters('replace', ['old', 'new', 'count'], (run, value, given) => ...)
 */
export function withParameters(
  parameters: readonly string[],
  apply: (run: Run, value: Value, given: Bound) => Value,
): Apply {
  return (run, value, { positional, named }) => {
    if (value instanceof Undefined) throw new UndefinedError(value)
    if (positional.length > parameters.length)
      throw new TemplateError(
        `${positional.length} arguments are given, and it takes ${parameters.length === 0 ? 'none' : `at most ${parameters.length}`}`,
      )
    const values = new Map<string, Value>()
    for (const [at, each] of positional.entries()) values.set(parameters[at] ?? '', each)
    for (const [name, each] of named) {
      if (!parameters.includes(name))
        throw new TemplateError(
          `the argument "${name}" is unknown`,
          `it takes ${parameters.join(', ') || 'no arguments'}`,
        )
      values.set(name, each)
    }
    return apply(run, value, new Bound(run, values))
  }
}

/** A filter without named parameters gets all arguments as they are. */
export function withItems(apply: (run: Run, value: Value, items: List, named: Arguments['named']) => Value): Apply {
  return (run, value, { positional, named }) => {
    if (value instanceof Undefined) throw new UndefinedError(value)
    return apply(run, value, positional, named)
  }
}
