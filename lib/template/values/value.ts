import type { Place } from '../../errors.ts'
import { Secret } from '../../secret.ts'

/**
 * A value inside a template. Templates are written for Python, so values are Python's: a `number` is an int, a `Float` a float, a `Map` a dict, an
 * array a list. No value is a JavaScript object whose properties a template could reach.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Opaque
  | KeptText
  | Secret
  | Undefined
  | Callable
  | Lazy
  | Tuple
  | Dict
  | List

export type List = readonly Value[]

export type Key = string | number | boolean | null

export type Dict = ReadonlyMap<Key, Value>

/** A float. Python distinguishes 5.0 from 5. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A time, or an int that JavaScript cannot hold exactly: it can be written and compared, and nothing is computed with it. */
export class Opaque {
  /** Python's `str`. */
  readonly written: string
  readonly type: 'datetime' | 'date' | 'int'

  constructor(written: string, type: Opaque['type']) {
    this.written = written
    this.type = type
  }
}

/** A text that is never parsed again, even if it looks like a list or dict: the result of `to_json`, `to_yaml` and `string`. */
export class KeptText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The result of `namespace()`: the only dict that `{% set %}` can change. */
export class Namespace extends Map<Key, Value> {}

/** A tuple, such as a pair of `dict.items()`. */
export class Tuple {
  readonly items: List

  constructor(items: List) {
    this.items = items
  }
}

/** The value of an unknown name. `is defined` and `default` accept it; any other use is an error. */
export class Undefined {
  /** The message for using it. */
  readonly message: string
  /** The place of the unknown name, when it is in another variable. */
  readonly place: Place | undefined

  /** The value of an `if` without `else`: nothing, and no error inside a text. */
  readonly isNothing: boolean

  constructor(message: string, place?: Place, isNothing = false) {
    this.message = message
    this.place = place
    this.isNothing = isNothing
  }
}

/** Arguments of a filter, a test, a method or a function. */
export interface Arguments {
  readonly positional: List
  readonly named: ReadonlyMap<string, Value>
}

/** A function or a method. */
export class Callable {
  readonly name: string
  readonly call: (given: Arguments) => Value

  constructor(name: string, call: (given: Arguments) => Value) {
    this.name = name
    this.call = call
  }
}

/** A dict that computes its values on demand: `hostvars` and its entries. */
export class Lazy {
  readonly get: (key: string) => Value | undefined
  readonly keys: () => readonly string[]

  constructor(get: (key: string) => Value | undefined, keys: () => readonly string[]) {
    this.get = get
    this.keys = keys
  }
}

/** The reason why a template cannot be evaluated. Callers that know the place add it. */
export class TemplateError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** An undefined value was used. That is an error only if the result is used. */
export class UndefinedError extends TemplateError {
  readonly place: Place | undefined

  constructor({ message, place }: Undefined) {
    super(message)
    this.place = place
  }
}

export function isDict(value: Value): value is Dict {
  return value instanceof Map
}

export function isList(value: Value): value is List {
  return Array.isArray(value)
}

export function isNumber(value: Value): value is number | boolean | Float {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof Float
}

/** The number of an int, a float or, as in Python, of True and False. */
export function numberOf(value: number | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value)
}

/** Python's name of a value's type. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (value instanceof Float) return 'float'
  if (value instanceof Opaque) return value.type
  if (value instanceof Secret || value instanceof KeptText) return 'str'
  if (value instanceof Undefined) return 'AnsibleUndefined'
  if (value instanceof Callable) return 'function'
  if (value instanceof Lazy || isDict(value)) return 'dict'
  if (value instanceof Tuple) return 'tuple'
  if (isList(value)) return 'list'
  return { string: 'str', number: 'int', boolean: 'bool' }[typeof value as 'string' | 'number' | 'boolean']
}

/** An int, or an error when JavaScript cannot hold it exactly. */
export function int(value: number): number {
  if (Number.isNaN(value)) throw new TemplateError('the result is not a number')
  if (!Number.isSafeInteger(value)) throw new TemplateError('the number is too big to be exact')
  // Python's ints have no -0.
  return value === 0 ? 0 : value
}

/** The first value that is not undefined. Null counts as a value. */
export function firstOf(...found: readonly (() => Value | undefined)[]): Value | undefined {
  for (const find of found) {
    const value = find()
    if (value !== undefined) return value
  }
  return undefined
}

/** The entries in the order of Python's `sorted`: numbers by their size, texts by their characters. Undefined: keys of several types have no order. */
export function sortedEntries(dict: Dict): readonly (readonly [Key, Value])[] | undefined {
  const entries = [...dict]
  const isOf = (...types: string[]) => entries.every(([key]) => types.includes(typeof key))
  if (entries.length < 2) return entries
  if (isOf('string')) return entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  return isOf('number', 'boolean') ? entries.toSorted(([a], [b]) => Number(a) - Number(b)) : undefined
}

/** Turns a `KeptText` into plain text. */
export function unkept(value: Value): Exclude<Value, KeptText> {
  return value instanceof KeptText ? value.text : value
}

const LONGEST = 10_000_000

/** Checks the length of a text or list before it is made. Throws a TemplateError when it is too long. */
export function bounded(length: number): number {
  if (length > LONGEST) throw new TemplateError('the result is too long')
  return length
}
