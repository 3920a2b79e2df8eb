import type { Arithmetic, Comparison } from '../syntax/ast.ts'
import { percentFormat } from '../values/format.ts'
import type { Run } from './run.ts'
import {
  bounded,
  Float,
  int,
  isDict,
  isList,
  isNumber,
  Lazy,
  Opaque,
  numberOf,
  TemplateError,
  Tuple,
  typeName,
  type Value,
} from '../values/value.ts'

/** Python's arithmetic. */
export function compute(run: Run, operator: Arithmetic, leftGiven: Value, rightGiven: Value): Value {
  const left = run.plain(leftGiven)
  const right = run.plain(rightGiven)
  if (isNumber(left) && isNumber(right)) return calculate(operator, left, right)
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right
    if (isList(left) && isList(right)) return [...left, ...right]
    if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items])
  }
  if (operator === '*') {
    if (typeof right === 'number') return repeated(left, right) ?? unsupported(operator, left, right)
    if (typeof left === 'number') return repeated(right, left) ?? unsupported(operator, left, right)
  }
  if (operator === '%' && typeof left === 'string') return percentFormat(run, left, right)
  return unsupported(operator, left, right)
}

function unsupported(operator: string, left: Value, right: Value): never {
  const hint =
    typeName(left) === 'str' || typeName(right) === 'str'
      ? 'turn a text into a number with | int, or a number into a text with | string'
      : undefined
  throw new TemplateError(`'${operator}' does not work between '${typeName(left)}' and '${typeName(right)}'`, hint)
}

function repeated(value: Value, times: number): Value | undefined {
  const count = Math.max(0, times)
  const length = typeof value === 'string' || isList(value) ? value.length : 0
  bounded(length * count)
  if (typeof value === 'string') return value.repeat(count)
  return isList(value) ? Array.from({ length: count }, () => value).flat() : undefined
}

function calculate(
  operator: Arithmetic,
  leftGiven: number | boolean | Float,
  rightGiven: number | boolean | Float,
): Value {
  const left = numberOf(leftGiven)
  const right = numberOf(rightGiven)
  const isFloat = leftGiven instanceof Float || rightGiven instanceof Float
  if (right === 0 && ['/', '//', '%'].includes(operator)) throw new TemplateError('division by zero')
  const result = (value: number) => (isFloat ? new Float(value) : int(value))
  switch (operator) {
    case '+':
      return result(left + right)
    case '-':
      return result(left - right)
    case '*':
      return result(left * right)
    case '/':
      return new Float(left / right)
    case '//':
      return result(Math.floor(left / right))
    case '%':
      return result(left - Math.floor(left / right) * right)
    case '**':
      return isFloat || right < 0 ? new Float(left ** right) : int(left ** right)
  }
}

/** `-x`. */
export function negated(run: Run, value: Value): Value {
  const plain = run.plain(value)
  if (plain instanceof Float) return new Float(-plain.value)
  if (isNumber(plain)) return int(-numberOf(plain))
  throw new TemplateError(`a '${typeName(value)}' has no negative`)
}

export function compares(run: Run, operator: Comparison['operator'], left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return equal(run, left, right)
    case '!=':
      return !equal(run, left, right)
    case 'in':
      return contains(run, right, left)
    case 'not in':
      return !contains(run, right, left)
    case '<':
      return order(run, left, right, '<') < 0
    case '<=':
      return order(run, left, right, '<=') <= 0
    case '>':
      return order(run, left, right, '>') > 0
    case '>=':
      return order(run, left, right, '>=') >= 0
  }
}

/** Python's `==`. */
export function equal(run: Run, leftGiven: Value, rightGiven: Value): boolean {
  const left = run.plain(leftGiven)
  const right = run.plain(rightGiven)
  if (isNumber(left) && isNumber(right)) return numberOf(left) === numberOf(right)
  if (isList(left) && isList(right)) return sameItems(run, left, right)
  if (left instanceof Tuple && right instanceof Tuple) return sameItems(run, left.items, right.items)
  if (isDict(left) && isDict(right)) {
    return (
      left.size === right.size &&
      [...left].every(([key, each]) => {
        const other = right.get(key)
        return other !== undefined && equal(run, each, other)
      })
    )
  }
  if (left instanceof Opaque && right instanceof Opaque)
    return left.type === right.type && left.written === right.written
  return left === right
}

function sameItems(run: Run, left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((each, at) => equal(run, each, right[at] ?? null))
}

/** Python's `in`. */
export function contains(run: Run, holderGiven: Value, itemGiven: Value): boolean {
  const holder = run.plain(holderGiven)
  const item = run.plain(itemGiven)
  if (typeof holder === 'string') {
    if (typeof item === 'string') return holder.includes(item)
    throw new TemplateError(`a '${typeName(item)}' is not in a text`, 'turn it into a text with | string')
  }
  if (isList(holder) || holder instanceof Tuple) return run.items(holder).some((each) => equal(run, each, item))
  if (isDict(holder)) return holder.has(run.key(item))
  if (holder instanceof Lazy) return typeof item === 'string' && holder.keys().includes(item)
  throw new TemplateError(
    `'in' does not work on a '${typeName(holder)}'`,
    'a list, a dict or a text is needed after "in"',
  )
}

/** Python's order of two values: below 0, 0 or above 0. */
export function order(run: Run, leftGiven: Value, rightGiven: Value, operator = '<'): number {
  const left = run.plain(leftGiven)
  const right = run.plain(rightGiven)
  if (isNumber(left) && isNumber(right)) return numberOf(left) - numberOf(right)
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left === right ? 0 : 1
  if ((isList(left) && isList(right)) || (left instanceof Tuple && right instanceof Tuple)) {
    const [ours, theirs] = [run.items(left), run.items(right)]
    const at = ours.findIndex((each, index) => index >= theirs.length || !equal(run, each, theirs[index] ?? null))
    const [mine, other] = [ours[at], theirs[at]]
    return mine === undefined || other === undefined ? ours.length - theirs.length : order(run, mine, other, operator)
  }
  return unsupported(operator, left, right)
}
