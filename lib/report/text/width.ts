import { createRequire } from 'node:module'

type Truncate = typeof import('cli-truncate')
type Width = typeof import('string-width')
type Wrap = typeof import('wrap-ansi')

/** Loaded with the first text that needs them, because loading takes 24 ms. */
const requireHere = createRequire(import.meta.url)
const stringWidth: Width['default'] = (text) => (requireHere('string-width') as Width).default(text)
const wrapAnsi: Wrap['default'] = (...given) => (requireHere('wrap-ansi') as Wrap).default(...given)
const cliTruncate: Truncate['default'] = (...given) => (requireHere('cli-truncate') as Truncate).default(...given)

/** Nearly every text is plain ASCII, where each character takes one column: no library is needed. */
const PLAIN = /^[\x20-\x7e]*$/

/**
 * The number of terminal columns of a text. East Asian wide characters and emoji take two, combining marks and colours none.
 *
 * @example width('abc')   // 3
 * width('主机')           // 4
 */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/** Cuts a text to a number of columns, and marks the cut with `…`. */
export function cut(text: string, columns: number): string {
  if (columns === Infinity || width(text) <= columns) return text
  if (columns < 1) return ''
  return PLAIN.test(text) ? `${text.slice(0, columns - 1)}…` : cliTruncate(text, columns)
}

/** Cuts a name to a number of columns in its middle: names of hosts often differ only in their last characters. */
export function cutMiddle(text: string, columns: number): string {
  if (width(text) <= columns) return text
  if (columns < 3) return cut(text, columns)
  if (!PLAIN.test(text)) return cliTruncate(text, columns, { position: 'middle' })
  const end = Math.floor((columns - 1) / 2)
  return `${text.slice(0, columns - 1 - end)}…${text.slice(text.length - end)}`
}

/** Pads a text with blanks to a number of columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** In a narrower column, the text is harder to read than below the head. */
const NARROWEST = 16

/**
 * Breaks a text at blanks into lines of a number of columns. A word longer than a line, such as a path, is broken at the end of the line.
 *
 * @param columns Infinity: the text stays whole
 */
export function wrap(text: string, columns: number): string[] {
  if (columns === Infinity || width(text) <= columns) return [text]
  return wrapAnsi(text, Math.max(1, columns), { hard: true })
    .split('\n')
    .map((line) => line.trimEnd())
}

/**
 * Puts a text after a head and breaks it into lines, aligned under the text. Without enough room after the head, the text starts below the head.
 *
 * @example
 * hang('  hint  ', 'write all four numbers', 22)   // ['  hint  write all four', '        numbers']
 */
export function hang(head: string, text: string, columns: number): string[] {
  const room = columns - width(head)
  if (room < NARROWEST && width(text) > room) {
    const margin = ' '.repeat(Math.max(0, Math.min(4, columns - NARROWEST)))
    return [head.trimEnd(), ...wrap(text, columns - margin.length).map((line) => `${margin}${line}`)]
  }
  const [first = '', ...others] = wrap(text, room)
  const margin = ' '.repeat(width(head))
  return [`${head}${first}`, ...others.map((line) => `${margin}${line}`)]
}

/**
 * A list item: a text broken into lines. The first is indented by two columns, the others by four.
 *
 * @example listItem('write all four numbers', 20)   // ['  write all four', '    numbers']
 */
export function listItem(text: string, columns: number): string[] {
  return wrap(text, columns - 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`)
}
