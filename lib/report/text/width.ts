import { createRequire } from 'node:module'

type Truncate = typeof import('cli-truncate')
type Width = typeof import('string-width')
type Wrap = typeof import('wrap-ansi')

/** Loaded with the first text that needs them: their patterns and tables of letters take 24 ms to make, at each start. */
const requireHere = createRequire(import.meta.url)
const stringWidth: Width['default'] = (text) => (requireHere('string-width') as Width).default(text)
const wrapAnsi: Wrap['default'] = (...given) => (requireHere('wrap-ansi') as Wrap).default(...given)
const cliTruncate: Truncate['default'] = (...given) => (requireHere('cli-truncate') as Truncate).default(...given)

/** Nearly every text is plain ASCII, where letters are columns: the libraries are not asked for it. */
const PLAIN = /^[\x20-\x7e]*$/

/**
 * How many columns of a terminal a text takes. East Asian wide letters and emoji take two, combining marks and colours none.
 *
 * @example width('abc')   // 3
 * width('主机')           // 4
 */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/** A text cut to so many columns, with `…` where something is missing. */
export function cut(text: string, columns: number): string {
  if (columns === Infinity || width(text) <= columns) return text
  if (columns < 1) return ''
  return PLAIN.test(text) ? `${text.slice(0, columns - 1)}…` : cliTruncate(text, columns)
}

/** A text filled with blanks to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** Below this a column of text is harder to read than lines that begin at the left. */
const NARROWEST = 16

/**
 * A text broken at blanks into lines of at most so many columns. A word that is longer than a line, such as a path, is broken where the line ends.
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
 * A text behind a head, broken into lines; those after the first stand below the text. Where there is no room behind the head, the text stands below it.
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
 * An item of a list: a text that begins two columns in, broken into lines; those after the first stand four columns in.
 *
 * @example listItem('write all four numbers', 20)   // ['  write all four', '    numbers']
 */
export function listItem(text: string, columns: number): string[] {
  return wrap(text, columns - 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`)
}
