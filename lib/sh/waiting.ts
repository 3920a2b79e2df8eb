import { raw, type Sh } from './quote.ts'

/** The record separator of ASCII: what programs print begins no line with it, and a terminal shows nothing of it. */
const MARK = 0x1e
const NEWLINE = 0x0a
const WORD = 'waiting '
/** A line longer than this is none of ours. */
const LONGEST = 1000

/**
 * The shell function by which a step says that it waits for something that may go by itself, and for how long. It prints one marked
 * line on stderr, which whoever watches the step tells apart from output. A mark ends it as well: the newline may arrive late, because it
 * could be the beginning of something else.
 *
 * @example lines(waits, sh`waits "for the lock of ${name}: up to 120 s"`)
 */
export const waits: Sh = raw(`waits() { printf '\\036${WORD}%s\\036\\n' "$*" >&2; }`)

/** Tells the lines of `waits` apart from what else comes on a stream, cut anywhere. */
export class Waits {
  #begun: Buffer = Buffer.alloc(0)
  #hasNewlineToCome = false

  /** What was said of waiting in these bytes, and the bytes that are output. */
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

  /** The newline behind a line of ours belongs to it. */
  #afterNewline(bytes: Buffer): Buffer {
    if (!this.#hasNewlineToCome || bytes.length === 0) return bytes
    this.#hasNewlineToCome = false
    return bytes[0] === NEWLINE ? bytes.subarray(1) : bytes
  }
}
