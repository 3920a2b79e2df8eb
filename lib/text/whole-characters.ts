/**
 * Cuts a stream of bytes only between characters of UTF-8. zx makes a text of each piece by itself, and a character that is cut in two becomes two unknown
 * ones. Bytes that are no UTF-8 pass through unchanged.
 */
export class WholeCharacters {
  #begun = Buffer.alloc(0)

  /** The bytes up to the last whole character. Those of a character that has only begun wait for the next piece. */
  next(piece: Uint8Array): Buffer {
    const all = Buffer.concat([this.#begun, piece])
    const whole = all.length - lengthOfBegun(all)
    this.#begun = all.subarray(whole)
    return all.subarray(0, whole)
  }

  /** What has waited for bytes that did not come. */
  end(): Buffer {
    return this.#begun
  }
}

/** A character has at most four bytes. */
const MOST_BEGUN = 3

/** How many bytes at the end are the beginning of a character. Source: RFC 3629, section 3. */
function lengthOfBegun(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(MOST_BEGUN, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0
    if (byte >= 0x80 && byte < 0xc0) continue
    const needed = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : 2
    return byte >= 0xc2 && byte < 0xf5 && length < needed ? length : 0
  }
  return 0
}
