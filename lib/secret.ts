import { inspect } from 'node:util'

const MASK = '***'

/**
 * A text that must not be seen: a password, a token, a key.
 * However it is printed, logged, put into JSON or into another text, it shows `***`. Only `reveal()` gives the text.
 *
 * @example
 * const token = secret('s3cr3t')
 * `${token}`       // '***'
 * token.reveal()   // 's3cr3t'
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself. Give it only to what needs it: an authentication, a file's content. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/**
 * Marks a text as secret.
 *
 * @example
 * const password = secret(process.env['DB_PASSWORD'] ?? '')
 */
export function secret(text: string): Secret {
  return new Secret(text)
}
