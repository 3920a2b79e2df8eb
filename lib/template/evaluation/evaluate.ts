import { attribute, item, slice } from './access.ts'
import type { Expression, Given, Part } from '../syntax/ast.ts'
import { filterNamed } from '../filters/filters.ts'
import { functionNamed } from './functions.ts'
import { refuseKnown } from './unknown.ts'
import { compares, compute, negated } from './operators.ts'
import type { Run } from './run.ts'
import { testNamed } from './tests.ts'
import {
  Callable,
  Namespace,
  firstOf,
  Float,
  isDict,
  isNumber,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Arguments,
  type Key,
  type Value,
} from '../values/value.ts'

/** Variables that a template itself sets, the innermost scope first. */
export class Locals {
  readonly #own = new Map<string, Value>()
  readonly #outer: Locals | undefined

  constructor(outer?: Locals) {
    this.#outer = outer
  }

  get(name: string): Value | undefined {
    const own = this.#own.get(name)
    return own === undefined ? this.#outer?.get(name) : own
  }

  set(name: string, value: Value): void {
    this.#own.set(name, value)
  }
}

/** Evaluates the parts of a template, piece by piece. */
export function* outputs(run: Run, parts: readonly Part[], locals: Locals): Generator<Value, void> {
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        yield part.value
        break
      case 'output':
        yield evaluate(run, part.of, locals)
        break
      case 'if': {
        const branch = part.branches.find(({ test }) => run.isTrue(evaluate(run, test, locals)))
        yield* outputs(run, branch?.body ?? part.otherwise, locals)
        break
      }
      case 'for':
        yield* loop(run, part, locals)
        break
      case 'set':
        assign(run, part, locals)
    }
  }
}

function* loop(run: Run, part: Part & { readonly type: 'for' }, locals: Locals): Generator<Value, void> {
  const rounds = run.items(evaluate(run, part.over, locals)).flatMap((value) => {
    const inner = new Locals(locals)
    unpack(run, part.names, value, inner)
    return part.only === undefined || run.isTrue(evaluate(run, part.only, inner)) ? [{ value, inner }] : []
  })
  if (rounds.length === 0) return yield* outputs(run, part.otherwise, locals)
  for (const [at, { inner }] of rounds.entries()) {
    const facts: [Key, Value][] = [
      ['index', at + 1],
      ['index0', at],
      ['revindex', rounds.length - at],
      ['revindex0', rounds.length - at - 1],
      ['first', at === 0],
      ['last', at === rounds.length - 1],
      ['length', rounds.length],
      ['previtem', rounds[at - 1]?.value ?? new Undefined('there is no previous item')],
      ['nextitem', rounds[at + 1]?.value ?? new Undefined('there is no next item')],
      ['cycle', new Callable('cycle', ({ positional }): Value => positional[at % positional.length] ?? null)],
    ]
    inner.set('loop', new Map(facts))
    yield* outputs(run, part.body, inner)
  }
}

function unpack(run: Run, names: readonly string[], value: Value, into: Locals): void {
  const [only] = names
  if (names.length === 1 && only !== undefined) return into.set(only, value)
  const items = run.items(value)
  if (items.length !== names.length)
    throw new TemplateError(`${items.length} values cannot be unpacked into ${names.length} names`)
  for (const [at, name] of names.entries()) into.set(name, items[at] ?? null)
}

function assign(run: Run, { names, attribute: inside, value }: Part & { readonly type: 'set' }, locals: Locals): void {
  const made =
    'type' in value
      ? evaluate(run, value, locals)
      : [...outputs(run, value, new Locals(locals))].map((each) => run.text(each)).join('')
  if (inside === undefined) return unpack(run, names, made, locals)
  const holder = locals.get(names[0] ?? '')
  if (!(holder instanceof Namespace))
    throw new TemplateError(`{% set %} of "${names[0] ?? ''}.${inside}" needs a namespace()`)
  holder.set(inside, made)
}

/** Evaluates an expression. Throws a TemplateError. */
export function evaluate(run: Run, of: Expression, locals: Locals): Value {
  const value = (each: Expression) => evaluate(run, each, locals)
  switch (of.type) {
    case 'constant':
      return of.value
    case 'name':
      return named(run, of.name, locals)
    case 'list':
      return of.items.map(value)
    case 'tuple':
      return new Tuple(of.items.map(value))
    case 'dict':
      return new Map(of.entries.map(([key, each]) => [run.key(value(key)), value(each)]))
    case 'attribute':
      return attribute(run, value(of.of), of.name)
    case 'item':
      return item(run, value(of.of), value(of.key))
    case 'slice':
      return slice(
        run,
        value(of.of),
        of.parts.map((part) => part && value(part)),
      )
    case 'call':
      return call(value(of.of), given(of.given, value))
    case 'filter':
      return filterNamed(of.name)(run, value(of.of), given(of.given, value))
    case 'test':
      return testNamed(of.name)(run, value(of.of), given(of.given, value))
    case 'not':
      return !run.isTrue(value(of.of))
    case 'negative':
      return negated(run, value(of.of))
    case 'positive':
      return positive(run, value(of.of))
    case 'and': {
      const left = value(of.left)
      return run.isTrue(left) ? value(of.right) : left
    }
    case 'or': {
      const left = value(of.left)
      return run.isTrue(left) ? left : value(of.right)
    }
    case 'arithmetic':
      return compute(run, of.operator, value(of.left), value(of.right))
    case 'concatenation':
      return of.parts.map((part) => run.text(value(part))).join('')
    case 'comparison':
      return comparison(run, of, value)
    case 'condition':
      if (run.isTrue(value(of.test))) return value(of.yes)
      return of.no === undefined
        ? new Undefined('the condition is false, and there is no else', undefined, true)
        : value(of.no)
  }
}

function named(run: Run, name: string, locals: Locals): Value {
  const found = firstOf(
    () => locals.get(name),
    () => run.scope.variable(name),
    () => functionNamed(run, name),
  )
  if (found !== undefined) return found
  refuseKnown(name)
  return new Undefined(`'${name}' is not defined`)
}

function comparison(
  run: Run,
  { first, rest }: Expression & { readonly type: 'comparison' },
  value: (of: Expression) => Value,
): boolean {
  let left = value(first)
  for (const { operator, right: of } of rest) {
    const right = value(of)
    if (!compares(run, operator, left, right)) return false
    left = right
  }
  return true
}

function positive(run: Run, value: Value): Value {
  const plain = run.plain(value)
  if (isNumber(plain)) return typeof plain === 'boolean' ? Number(plain) : plain
  throw new TemplateError(`'+' does not work on a '${typeName(value)}'`)
}

function given({ positional, named }: Given, value: (of: Expression) => Value): Arguments {
  return { positional: positional.map(value), named: new Map(Array.from(named, ([name, of]) => [name, value(of)])) }
}

function call(callee: Value, given: Arguments): Value {
  if (callee instanceof Callable) return callee.call(given)
  if (callee instanceof Undefined)
    throw new TemplateError(
      callee.message,
      'only functions and methods of texts, lists and dicts that inventories use are known',
    )
  throw new TemplateError(
    `a '${typeName(callee)}' is not a function`,
    isDict(callee) || callee instanceof Float ? 'remove the parentheses' : undefined,
  )
}
