import { beginningOf } from '../../sh/frame-reader.ts'

/** How much a host may print while no request is waiting, in bytes: a process left behind by an earlier step may go on printing. */
const MOST_UNASKED = 64 * 1024 * 1024
/** A status has at most three digits. */
const LONGEST_STATUS = 3

/** The consumer of the answers in a stream. */
interface AnswerParts {
  /** Receives bytes of the current answer. */
  readonly data: (bytes: Uint8Array) => void
  /** The answer is complete, with the shell's exit status. */
  readonly end: (status: number) => void
}

/**
 * Reads one of the two streams of a shell that answers requests, in pieces of any size. Each answer ends with `BOUNDARY end STATUS` and a newline.
 * The boundary is new for each request, so nothing that was printed before can be taken for an end.
 *
 * Throws an Error in plain words if the stream breaks this protocol.
 */
export class AnswerStream {
  readonly #parts: AnswerParts
  #end: Buffer | undefined
  #rest: Buffer = Buffer.alloc(0)
  #unasked = 0

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** Starts the answer with this boundary. */
  expect(boundary: string): void {
    this.#end = Buffer.from(`${boundary} end `)
    this.#rest = Buffer.alloc(0)
  }

  push(chunk: Buffer): void {
    if (this.#end === undefined) return this.#ignore(chunk)
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const at = all.indexOf(this.#end)
    if (at < 0) {
      // Bytes that cannot be part of the boundary are passed on at once, so that a step is reported while it runs.
      const safe = all.length - beginningOf(this.#end, all)
      this.#rest = all.subarray(safe)
      if (safe > 0) this.#parts.data(all.subarray(0, safe))
      return
    }
    const from = at + this.#end.length
    const newline = all.indexOf(10, from)
    const status = all.toString('latin1', from, newline < 0 ? all.length : newline)
    if (status.length > LONGEST_STATUS || !/^\d*$/.test(status) || (newline >= 0 && status === ''))
      throw new Error('the end of an answer has no status')
    if (newline < 0) {
      this.#rest = all
      return
    }
    if (at > 0) this.#parts.data(all.subarray(0, at))
    this.#end = undefined
    this.#rest = Buffer.alloc(0)
    this.#parts.end(Number(status))
    if (newline + 1 < all.length) this.push(all.subarray(newline + 1))
  }

  /** The stream has ended, so a possible beginning of a boundary was none. */
  close(): void {
    if (this.#end !== undefined && this.#rest.length > 0) this.#parts.data(this.#rest)
    this.#rest = Buffer.alloc(0)
  }

  #ignore(chunk: Buffer): void {
    this.#unasked += chunk.length
    if (this.#unasked > MOST_UNASKED) throw new Error(`more than ${MOST_UNASKED} bytes came that nobody asked for`)
  }
}
