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

/** How many of the parameters have to be given, and how many may be given without their names. */
interface Places {
  readonly needed?: number
  readonly unnamed?: number
}

/**
 * A filter or a test with named parameters. An unknown argument is an error, and so is an undefined value.
 *
 * @example
 * const replace = withParameters(['old', 'new', 'count'], (run, value, given) => ..., { needed: 2 })
 */
export function withParameters(
  parameters: readonly string[],
  apply: (run: Run, value: Value, given: Bound) => Value,
  { needed = 0, unnamed = parameters.length }: Places = {},
): Apply {
  return (run, value, { positional, named }) => {
    if (value instanceof Undefined) throw new UndefinedError(value)
    if (positional.length > unnamed) throw tooMany(positional.length, unnamed, parameters[unnamed])
    const values = new Map<string, Value>()
    for (const [at, each] of positional.entries()) values.set(parameters[at] ?? '', each)
    for (const [name, each] of named) {
      if (!parameters.includes(name))
        throw new TemplateError(
          `the argument "${name}" is unknown`,
          `it takes ${parameters.join(', ') || 'no arguments'}`,
        )
      if (values.has(name)) throw new TemplateError(`the argument "${name}" is given twice`)
      values.set(name, each)
    }
    const missing = parameters.slice(0, needed).find((name) => !values.has(name))
    if (missing !== undefined) throw new TemplateError(`the argument "${missing}" is missing`)
    return apply(run, value, new Bound(run, values))
  }
}

function tooMany(given: number, most: number, next: string | undefined): TemplateError {
  const takes = most === 0 ? 'none' : `at most ${most}`
  return new TemplateError(
    next === undefined
      ? `${given} ${given === 1 ? 'argument is' : 'arguments are'} given, and it takes ${takes}`
      : `${given} ${given === 1 ? 'argument is' : 'arguments are'} given without a name, and it takes ${takes}`,
    next === undefined ? 'leave the others out' : `write the name, as in ${next}=...`,
  )
}

/** A filter without named parameters gets all arguments as they are. */
export function withItems(apply: (run: Run, value: Value, items: List, named: Arguments['named']) => Value): Apply {
  return (run, value, { positional, named }) => {
    if (value instanceof Undefined) throw new UndefinedError(value)
    return apply(run, value, positional, named)
  }
}
