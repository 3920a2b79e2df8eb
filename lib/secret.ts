import { inspect } from 'node:util'

const MASK = '***'

/** Below this a text is too common to be taken for a secret wherever it appears. */
const SHORTEST_MASKED = 4
const known = new Set<string>()

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
    if (text.length >= SHORTEST_MASKED) known.add(text)
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

/**
 * Masks every secret of this process that stands in a text: the last line of defence for what comes back from a host,
 * where a secret's type is lost.
 */
export function redact(text: string): string {
  let masked = text
  for (const hidden of known) masked = masked.replaceAll(hidden, MASK)
  return masked
}
