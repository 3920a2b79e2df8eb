import { raw, type Sh } from './quote.ts'

/** The record separator of ASCII: no program begins a line with it, and terminals do not show it. */
const MARK = 0x1e
const NEWLINE = 0x0a
const WORD = 'waiting '
/** A longer line is not one of ours. */
const LONGEST = 1000

/**
 * The shell function by which a step reports what it waits for, and how long. It prints one marked line on stderr, which is not part of the step's
 * output. A mark ends the line too: the newline may arrive late, because it could be the beginning of a mark of the frame.
 *
 * @example lines(waits, sh`waits "for the lock of ${name}: up to 120 s"`)
 */
export const waits: Sh = raw(`waits() { printf '\\036${WORD}%s\\036\\n' "$*" >&2; }`)

/** Separates the lines of `waits` from other output in a stream that arrives in pieces of any size. */
export class Waits {
  #begun: Buffer = Buffer.alloc(0)
  #hasNewlineToCome = false

  /** The messages about waiting in these bytes, and the bytes that are output. */
  take(bytes: Uint8Array): { readonly said: readonly string[]; readonly output: Uint8Array } {
    const said: string[] = []
    const output: Uint8Array[] = []
    let rest = this.#afterNewline(Buffer.concat([this.#begun, bytes]))
    this.#begun = Buffer.alloc(0)
    for (let at = rest.indexOf(MARK); at >= 0; at = rest.indexOf(MARK)) {
      const end = rest.indexOf(MARK, at + 1)
      if (end < 0 && rest.length - at > LONGEST) break
      output.push(rest.subarray(0, at))
      if (end < 0) {
        this.#begun = rest.subarray(at)
        return { said, output: Buffer.concat(output) }
      }
      const line = rest.toString('utf8', at + 1, end)
      if (line.startsWith(WORD)) {
        said.push(line.slice(WORD.length))
        this.#hasNewlineToCome = true
        rest = this.#afterNewline(rest.subarray(end + 1))
      } else {
        output.push(rest.subarray(at, end))
        rest = rest.subarray(end)
      }
    }
    return { said, output: Buffer.concat([...output, rest]) }
  }

  /** The newline after such a line belongs to the line. */
  #afterNewline(bytes: Buffer): Buffer {
    if (!this.#hasNewlineToCome || bytes.length === 0) return bytes
    this.#hasNewlineToCome = false
    return bytes[0] === NEWLINE ? bytes.subarray(1) : bytes
  }
}
