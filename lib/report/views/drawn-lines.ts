import type { WriteStream } from 'node:tty'
import { width } from '../text/width.ts'

/** A terminal that knows these words shows what stands between them as one picture; others pass over them. */
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'
const ERASE_BELOW = '\x1b[0J'
const ERASE_REST = '\x1b[K'

/**
 * Lines at the lower end of a terminal that are drawn again and again. Only those that have changed are written, and lasting lines go above them. The
 * cursor stands below the last line. No line may have as many columns as the terminal: that would break it.
 */
export class DrawnLines {
  readonly #stream: WriteStream
  #lines: readonly string[] = []
  #columns = 0
  #rows = 0

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  /** @param above lines that stay, of any length */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const { columns, rows } = this.#stream
    // The row of the cursor is none of theirs.
    const shown = rows > 1 ? lines.slice(-(rows - 1)) : lines
    const isResized = columns !== this.#columns || rows !== this.#rows
    if (above.length > 0 || isResized || this.#lines.length === 0)
      this.#write(`${this.#erased()}${[...above, ...shown].map((line) => `${line}\n`).join('')}`)
    else this.#write(changesBetween(this.#lines, shown))
    this.#lines = shown
    this.#columns = columns
    this.#rows = rows
  }

  /** Takes them off the terminal. */
  clear(): void {
    this.#write(this.#erased())
    this.#lines = []
  }

  /** A terminal that was made narrower has broken each line that is too long for it: those are more rows than were drawn. */
  #erased(): string {
    const { columns, rows } = this.#stream
    const rowsOf = (line: string) => Math.max(1, Math.ceil(width(line) / columns))
    const drawn =
      columns < this.#columns ? this.#lines.reduce((sum, line) => sum + rowsOf(line), 0) : this.#lines.length
    const up = Math.min(drawn, Math.max(1, rows - 1))
    return drawn === 0 ? '' : `\r\x1b[${up}A${ERASE_BELOW}`
  }

  #write(text: string): void {
    if (text !== '') this.#stream.write(`${BEGIN}${text}${END}`)
  }
}

/** What turns one picture into the next, with the cursor below both. */
function changesBetween(before: readonly string[], after: readonly string[]): string {
  const first = after.findIndex((line, at) => line !== before[at])
  if (first === -1 && after.length === before.length) return ''
  const from = first === -1 ? after.length : first
  const up = before.length - from
  const changed = after.slice(from).map((line, at) => (line === before[from + at] ? '\n' : `${line}${ERASE_REST}\n`))
  return `\r${up > 0 ? `\x1b[${up}A` : ''}${changed.join('')}${after.length < before.length ? ERASE_BELOW : ''}`
}
