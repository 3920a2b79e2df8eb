import { methodOf } from './methods.ts'
import type { Run } from './run.ts'
import { refuseKnown } from './unknown.ts'
import {
  firstOf,
  isDict,
  isList,
  Lazy,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  unkept,
  type Value,
} from '../values/value.ts'

/** `value.name`: looks for a method first, then for an entry of a dict. */
export function attribute(run: Run, given: Value, name: string): Value {
  const value = unkept(given)
  if (value instanceof Undefined) return value
  const found = firstOf(
    () => methodOf(run, value, name),
    () => within(run, value, name),
  )
  return found === undefined ? missing(value, name) : found
}

/** `value[key]`: looks for an item of a list or dict first, then for a method. */
export function item(run: Run, given: Value, key: Value): Value {
  const value = unkept(given)
  if (value instanceof Undefined) return value
  if (key instanceof Undefined) return key
  const name = run.plain(key)
  const found = firstOf(
    () => within(run, value, name),
    () => (typeof name === 'string' ? methodOf(run, value, name) : undefined),
  )
  return found === undefined ? missing(value, name) : found
}

function within(run: Run, value: Value, key: Value): Value | undefined {
  if (isDict(value)) return isList(key) || key instanceof Tuple || isDict(key) ? undefined : value.get(run.key(key))
  if (value instanceof Lazy) return typeof key === 'string' ? value.get(key) : undefined
  if (typeof key !== 'number') return undefined
  if (isList(value)) return value.at(key)
  if (value instanceof Tuple) return value.items.at(key)
  return typeof value === 'string' ? Array.from(value).at(key) : undefined
}

function missing(value: Value, key: Value): Undefined {
  if (value instanceof Lazy && typeof key === 'string') refuseKnown(key)
  const what =
    typeof key === 'string' ? `'${key}'` : typeof key === 'number' ? `number ${key}` : `such a '${typeName(key)}'`
  return new Undefined(
    isList(value) && typeof key === 'number'
      ? `a list of ${value.length} has no ${what}`
      : `a '${typeName(value)}' has no ${what}`,
  )
}

/** `value[start:end:step]`. */
export function slice(run: Run, given: Value, parts: readonly (Value | undefined)[]): Value {
  const value = run.plain(given)
  const [start, end, step = 1] = parts.map((part) => {
    if (part === undefined || part === null) return undefined
    if (typeof part === 'number') return part
    throw new TemplateError(`a slice needs numbers, and gets a '${typeName(part)}'`)
  })
  if (step === 0) throw new TemplateError('the step of a slice is 0')
  if (typeof value === 'string') return pick(Array.from(value), start, end, step).join('')
  if (value instanceof Tuple) return new Tuple(pick(value.items, start, end, step))
  if (isList(value)) return pick(value, start, end, step)
  throw new TemplateError(`a '${typeName(value)}' has no slices`)
}

function pick<T>(items: readonly T[], start: number | undefined, end: number | undefined, step: number): T[] {
  const { length } = items
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1]
  const bound = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, lowest), highest)
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : bound(start)
  const to = end === undefined ? (step > 0 ? length : -1) : bound(end)
  const found: T[] = []
  for (let at = from; step > 0 ? at < to : at > to; at += step) found.push(items[at] as T)
  return found
}
