import { GrowingBuffer } from './growing-buffer.ts'
import type { Part } from './frame.ts'

/** What the reader of a stream reports as data arrives. */
export type FrameEvent =
  | { readonly type: 'start'; readonly name: string }
  | { readonly type: 'data'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly name: string; readonly code: number; readonly bytes: Uint8Array }

/** The limit in bytes of an answer that is kept whole, unless its part sets another limit. */
const MOST_BYTES = 8 * 1024 * 1024

/** The limit in bytes of the output of a step that a watcher sees. */
const MOST_WATCHED = 8 * 1024 * 1024

/** After a mark: a letter and three numbers. */
const LONGEST_WORD = 64

/**
 * Reads one of the two streams of a framed script as it arrives, in pieces of any size.
 *
 * Throws an Error in plain words if an answer is out of turn, repeated or too long: a host may send anything.
 *
 * `data` is for watchers; `end` has all output of a section, without the newline that belongs to the mark.
 */
export class FrameReader {
  readonly #mark: Buffer
  readonly #parts: readonly Part[]
  readonly #onEvent: (event: FrameEvent) => void
  #pending = Buffer.alloc(0)
  #part: Part | undefined
  #answer = new GrowingBuffer()
  #watched = 0
  readonly #started = new Set<Part>()
  readonly #ended = new Map<string, number>()

  constructor(mark: string, parts: readonly Part[], onEvent: (event: FrameEvent) => void) {
    this.#mark = Buffer.from(`\n${mark} `)
    this.#parts = parts
    this.#onEvent = onEvent
  }

  push(chunk: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk])
    for (;;) {
      const at = this.#pending.indexOf(this.#mark)
      if (at === -1) break
      const end = this.#pending.indexOf(10, at + this.#mark.length)
      if ((end === -1 ? this.#pending.length : end) - at - this.#mark.length > LONGEST_WORD)
        throw new Error('a mark is followed by no known word')
      this.#keep(at)
      if (end === -1) return
      const word = this.#pending.toString('latin1', this.#mark.length, end - at)
      this.#pending = this.#pending.subarray(end - at + 1)
      this.#takeMark(word)
    }
    // All bytes except a possible beginning of a mark are already content.
    this.#keep(this.#pending.length - beginningOf(this.#mark, this.#pending))
  }

  #keep(count: number): void {
    if (count === 0) return
    const bytes = this.#pending.subarray(0, count)
    this.#pending = this.#pending.subarray(count)
    if (this.#part === undefined) return
    const { name, keepLast, mostBytes = MOST_BYTES } = this.#part
    this.#answer.push(bytes)
    if (keepLast !== undefined) this.#answer.keepLast(keepLast)
    else if (this.#answer.length > mostBytes) throw new Error(`the answer of ${name} has more than ${mostBytes} bytes`)
    this.#watched += bytes.length
    if (this.#watched <= MOST_WATCHED) this.#onEvent({ type: 'data', name, bytes })
  }

  #takeMark(word: string): void {
    const [, kind, first, second, third] = /^([sex]) (\d{1,6})(?: (\d{1,6}))?(?: (\d{1,3}))?$/.exec(word) ?? []
    const part = first === undefined ? undefined : this.#parts[Number(first)]
    if (part === undefined) throw new Error('a mark is followed by no known word')
    if (kind === 's') this.#start(part)
    else if (second === undefined) throw new Error(`the answer of ${part.name} ends without a status`)
    else if (kind === 'e') this.#end(part, Number(second))
    else this.#cutOff(Number(first), Number(second), Number(third ?? 1))
  }

  #start(part: Part): void {
    if (this.#started.has(part)) throw new Error(`${part.name} is answered twice`)
    this.#started.add(part)
    this.#part = part
    this.#answer = new GrowingBuffer()
    this.#watched = 0
    this.#onEvent({ type: 'start', name: part.name })
  }

  #end(part: Part, code: number): void {
    if (this.#part !== part) throw new Error(`the answer of ${part.name} is out of turn`)
    this.#part = undefined
    this.#ended.set(part.name, code)
    this.#onEvent({ type: 'end', name: part.name, code, bytes: this.#answer.last(part.keepLast) })
  }

  #cutOff(first: number, count: number, status: number): void {
    const bundle = this.#parts.slice(first, first + count)
    if (bundle.some(({ name }) => (this.#ended.get(name) ?? 0) !== 0)) return
    const open = bundle.find(({ name }) => !this.#ended.has(name))
    if (open === undefined) return
    if (this.#part !== open) this.#start(open)
    this.#end(open, status)
  }
}

/** How many bytes at the end of `bytes` could be the beginning of `mark`. */
export function beginningOf(mark: Buffer, bytes: Buffer): number {
  const first = mark[0] ?? 0
  const from = Math.max(0, bytes.length - mark.length + 1)
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (mark.compare(bytes, at, bytes.length, 0, bytes.length - at) === 0) return bytes.length - at
  return 0
}
