import { inspect } from 'node:util'
import { RolecallError } from './errors.ts'
import { placeIn } from './place.ts'
import { processState } from './process-state.ts'

/** Shown in place of a secret. For readers only, never data. */
export const MASK = '***'

/**
 * A text that must not be seen: a password, a token, a key.
 *
 * Printed or logged, a secret shows as `***`. Converting it to text throws an error that names the line: in a template, with `+`, `String()`, `join`,
 * `JSON.stringify`, `Buffer.from`. Places that accept a secret: `content` of a file, options whose type names `Secret`, and the tags `secretText`
 * (text that stays secret), `sh` and `$` (commands).
 *
 * @example
 * const token = secret('s3cr3t')
 * secretText`TOKEN=${token}\n`     // a Secret: TOKEN=s3cr3t
 * `TOKEN=${token}\n`               // refused
 * token.reveal()                   // 's3cr3t', which nothing protects any more but the masks in reports
 */
export class Secret {
  readonly #text: string
  /**
   * The same for equal texts in this process, so that data with secrets can be compared; says nothing about the text.
   *
   * @internal
   */
  readonly number: number

  constructor(text: string, more: { readonly byLine?: boolean } = {}) {
    this.#text = text
    this.number = numberOf(text, more.byLine ?? true)
  }

  /** The text itself, for code that takes no Secret. Anything made from it is plain text: prefer `map`. */
  reveal(): string {
    return this.#text
  }

  /**
   * A secret that is derived from this one.
   *
   * @example
   * secretText`Authorization: Basic ${secretText`admin:${password}`.map((text) => Buffer.from(text).toString('base64'))}`
   */
  map(change: (text: string) => string): Secret {
    return new Secret(change(this.#text))
  }

  /** Throws. */
  toString(): never {
    throw secretAsText()
  }

  /** Throws. */
  toLocaleString(): never {
    throw secretAsText()
  }

  /** Throws. */
  toJSON(): never {
    throw secretAsText()
  }

  /** Throws. */
  valueOf(): never {
    throw secretAsText()
  }

  /** Refused. */
  [Symbol.toPrimitive](): never {
    throw secretAsText()
  }

  /** @internal */
  [inspect.custom](): string {
    return MASK
  }
}

/**
 * Marks a text as secret. A secret stays as it is.
 *
 * Texts of fewer than 4 characters are too common to be masked wherever they appear: such a secret is only hidden where its type is known.
 *
 * @example
 * const password = secret(process.env['DB_PASSWORD'] ?? '')
 */
export function secret(text: string | Secret): Secret {
  return text instanceof Secret ? text : new Secret(text)
}

/** Whether a value is a Secret. */
export function isSecret(value: unknown): value is Secret {
  return value instanceof Secret
}

/** Whether a value is a Secret, or holds one at any depth. */
export function holdsSecret(value: unknown): boolean {
  return holds(value, new Set())
}

function holds(value: unknown, above: ReadonlySet<object>): boolean {
  if (value instanceof Secret) return true
  if (typeof value !== 'object' || value === null || above.has(value)) return false
  const within = new Set(above).add(value)
  if (value instanceof Map) return [...value].flat().some((each) => holds(each, within))
  if (value instanceof Set) return [...value].some((each) => holds(each, within))
  return ArrayBuffer.isView(value) ? false : Object.values(value).some((each) => holds(each, within))
}

/** A text that is secret in this process. */
interface KnownSecret {
  readonly text: string
  /** Each of its lines is secret as well; false for a text composed of secrets that are known themselves. */
  readonly byLine: boolean
}

/** Never forgotten: a secret may live longer than the run that made it. */
const numbers = new Map<string, number>()
const known = processState(() => ({ list: [] as KnownSecret[], byLine: new Map<string, boolean>() }))

/** The texts that became known after the first `since`. */
export function knownSecrets(since = 0): readonly KnownSecret[] {
  const { list } = known()
  return since >= list.length ? [] : list.slice(since)
}

function numberOf(text: string, byLine: boolean): number {
  const before = known().byLine.get(text)
  if (before === undefined || (byLine && !before)) {
    known().list.push({ text, byLine })
    known().byLine.set(text, byLine)
  }
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  return number
}

/** Frames of a stack to search for the user's own line: a serializer may be between. */
const FRAMES = 50

/** The error for a secret that would become text, with the user's line that led here. */
export function secretAsText(): RolecallError {
  const here: { stack?: string } = {}
  const usual = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES
  Error.captureStackTrace(here, secretAsText)
  const place = placeIn(here.stack ?? '')
  Error.stackTraceLimit = usual
  return new RolecallError({
    code: 'playbook',
    message: 'a secret would become plain text here',
    ...(place === undefined ? {} : { place }),
    expected: 'a Secret that stays one',
    got: 'a Secret in a template, after +, or in String(), join() or JSON.stringify()',
    hint: 'write secretText`...` for a text, secretText.json(...) for JSON, sh`...` or $`...` for a command; give an option the Secret itself',
  })
}
