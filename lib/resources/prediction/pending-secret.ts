import { inspect } from 'node:util'
import { MASK } from '../../secret.ts'

/**
 * The secret content of a file that an earlier step will write. A later resource with a secret content compares with it, so that the same change is
 * not reported twice. Anything that prints or stores it gets `***`.
 */
export class PendingSecret {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The bytes, for code that never shows them. */
  reveal(): Uint8Array {
    return this.#bytes
  }

  toJSON(): string {
    return MASK
  }

  toString(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}
