import { inspect } from 'node:util'
import { MASK } from '../../secret.ts'

/**
 * A secret content of a file that an earlier step will write. A later resource that wants a secret content too compares with it, so that the same is
 * not told twice; whatever prints or stores it has `***`.
 */
export class Sealed {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** The bytes, for what shows nothing of them. */
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
