import type { WriteStream } from 'node:tty'
import { width } from '../text/width.ts'

/** A terminal that knows these sequences draws the text between them in one go; others ignore them. */
const BEGIN = '\x1b[?2026h'
const END = '\x1b[?2026l'
const ERASE_BELOW = '\x1b[0J'
const ERASE_REST = '\x1b[K'

/**
 * Lines at the bottom of a terminal that are redrawn. Only changed lines are written, and permanent lines go above them. The
 * cursor is below the last line. Each line must be narrower than the terminal, or it would break.
 */
export class DrawnLines {
  readonly #stream: WriteStream
  #lines: readonly string[] = []
  #columns = 0
  #rows = 0

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  /** @param above permanent lines, of any length */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    const { columns, rows } = this.#stream
    // The cursor's own row does not count.
    const shown = rows > 1 ? lines.slice(-(rows - 1)) : lines
    const isResized = columns !== this.#columns || rows !== this.#rows
    if (above.length > 0 || isResized || this.#lines.length === 0)
      this.#write(`${this.#erased()}${[...above, ...shown].map((line) => `${line}\n`).join('')}`)
    else this.#write(changesBetween(this.#lines, shown))
    this.#lines = shown
    this.#columns = columns
    this.#rows = rows
  }

  /** Erases the lines. */
  clear(): void {
    this.#write(this.#erased())
    this.#lines = []
  }

  /** A terminal that became narrower has broken long lines, so there are more rows than were drawn. */
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

/** The output that turns the old lines into the new ones, with the cursor below both. */
function changesBetween(before: readonly string[], after: readonly string[]): string {
  const first = after.findIndex((line, at) => line !== before[at])
  if (first === -1 && after.length === before.length) return ''
  const from = first === -1 ? after.length : first
  const up = before.length - from
  const changed = after.slice(from).map((line, at) => (line === before[from + at] ? '\n' : `${line}${ERASE_REST}\n`))
  return `\r${up > 0 ? `\x1b[${up}A` : ''}${changed.join('')}${after.length < before.length ? ERASE_BELOW : ''}`
}
