import { isSecret, type Secret } from '../../secret.ts'
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

/** Looks up the variables of a template. */
export interface Scope {
  /** The value of a variable; undefined when it does not exist. */
  readonly variable: (name: string) => Value | undefined
  /** Whether a variable is written as a number, true, false or null, not as a template. */
  readonly isPlain: (name: string) => boolean
  /** Directories for relative paths of `lookup('file', ...)`. The first one with the file counts. */
  readonly directories: readonly string[]
  /** What a file that is looked up says. That of an encrypted one is a Secret. */
  readonly textOf: (text: string, file: string) => string | Secret
}

/** One evaluation of one template. Records whether a secret became part of the result. */
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

  /** A value for computing: a secret becomes its text and marks the result as secret. Undefined is an error. */
  plain(value: Value): Exclude<Value, KeptText | Undefined> {
    if (value instanceof Undefined) throw new UndefinedError(value)
    if (value instanceof KeptText) return value.text
    return isSecret(value) ? this.reveal(value) : value
  }

  /** The items of a `for` loop. */
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

  /** A value as the key of a dict. */
  key(value: Value): Key {
    const plain = this.plain(value)
    if (plain === null || ['string', 'number', 'boolean'].includes(typeof plain)) return plain as Key
    throw new TemplateError(`'${typeName(value)}' cannot be the key of a dict`)
  }
}
