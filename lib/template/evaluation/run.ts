import { isSecret } from '../../secret.ts'
import {
  isDict,
  isList,
  Lazy,
  KeptText,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  UndefinedError,
  type Key,
  type List,
  type Value,
} from '../values/value.ts'
import { str } from '../values/words.ts'

/** Where a template finds what it names. */
export interface Scope {
  /** The value of a variable; undefined when there is none of that name. */
  readonly variable: (name: string) => Value | undefined
  /** Whether a variable is written as a number, true, false or nothing, and not as a template. */
  readonly isPlain: (name: string) => boolean
  /** Relative paths of `lookup('file', ...)` start in the first of these that has the file. */
  readonly directories: readonly string[]
}

/** One evaluation of one template. It notes whether a secret became part of the result. */
export class Run {
  readonly scope: Scope
  #usedSecret: boolean

  constructor(scope: Scope, isSecret = false) {
    this.scope = scope
    this.#usedSecret = isSecret
  }

  get usedSecret(): boolean {
    return this.#usedSecret
  }

  readonly reveal = (secret: { reveal(): string }): string => {
    this.#usedSecret = true
    return secret.reveal()
  }

  /** Python's `str()`. */
  text(value: Value): string {
    return str(value, this.reveal)
  }

  /** A value to compute with: a secret is its text, and the result is one. Undefined is an error. */
  plain(value: Value): Exclude<Value, KeptText | Undefined> {
    if (value instanceof Undefined) throw new UndefinedError(value)
    if (value instanceof KeptText) return value.text
    return isSecret(value) ? this.reveal(value) : value
  }

  /** What `for` goes over. */
  items(value: Value): List {
    if (value instanceof Undefined && value.isNothing) return []
    const plain = this.plain(value)
    if (isList(plain)) return plain
    if (plain instanceof Tuple) return plain.items
    if (isDict(plain)) return [...plain.keys()]
    if (plain instanceof Lazy) return plain.keys()
    if (typeof plain === 'string') return Array.from(plain)
    throw new TemplateError(`'${typeName(value)}' object is not iterable`, 'a list, a dict or a text is needed here')
  }

  /** Python's `bool()`. */
  isTrue(value: Value): boolean {
    if (value instanceof Undefined && value.isNothing) return false
    const plain = this.plain(value)
    if (plain === null || typeof plain === 'boolean') return plain === true
    if (typeof plain === 'number') return plain !== 0
    if (typeof plain === 'string') return plain !== ''
    if (isList(plain)) return plain.length > 0
    if (isDict(plain)) return plain.size > 0
    if (plain instanceof Tuple) return plain.items.length > 0
    return plain instanceof Lazy || !('value' in plain) || plain.value !== 0
  }

  /** What may be the key of a dict. */
  key(value: Value): Key {
    const plain = this.plain(value)
    if (plain === null || ['string', 'number', 'boolean'].includes(typeof plain)) return plain as Key
    throw new TemplateError(`'${typeName(value)}' cannot be the key of a dict`)
  }
}
