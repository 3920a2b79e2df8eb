import type { Tree } from '../kit/tree.ts'
import { hasMoreLines } from '../kit/text.ts'
import { memoizeByText } from '../../memoize.ts'
import { Broken } from './structured.ts'

/** A value and its place, in a file of `KEY=value` lines that a shell or systemd reads. */
interface Entry {
  readonly key: string
  /** Where the whole entry begins and ends, its line end included. */
  readonly from: number
  readonly to: number
  /** The text before the value: blanks, `export`, the key, `=`. */
  readonly head: string
  /** The value as it is written. */
  readonly written: string
  /** A comment after it, or blanks. */
  readonly tail: string
}

const HEAD = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/y
/** A value without quotes and backslashes, and nothing after it: most are so, and a file of a megabyte may have 100,000. */
const PLAIN = /([^\s"'\\]*)\r?(?:\n|$)/y

/** An edit reads its file several times, and keeps something of each entry. */
const MOST_LINES = 50_000

/** Reads the entries. A value may go on in further lines within quotes. */
const entriesOf = memoizeByText(readEntries)

function readEntries(text: string): readonly Entry[] {
  if (hasMoreLines(text, MOST_LINES)) throw new Broken(`it has more than ${MOST_LINES} lines`, MOST_LINES + 1, 1)
  const entries: Entry[] = []
  let at = 0
  while (at < text.length) {
    HEAD.lastIndex = at
    const head = HEAD.exec(text)
    const entry = head?.[1] === undefined ? undefined : entryAt(text, at, head[0], head[1])
    if (entry !== undefined) entries.push(entry)
    at = entry?.to ?? endOfLine(text, at)
  }
  return entries
}

function entryAt(text: string, from: number, head: string, key: string): Entry {
  const begin = from + head.length
  PLAIN.lastIndex = begin
  const written = PLAIN.exec(text)?.[1]
  if (written !== undefined) {
    const to = PLAIN.lastIndex
    return { key, from, to, head, written, tail: text.slice(begin + written.length, to) }
  }
  const value = endOfWord(text, begin)
  const to = endOfLine(text, value)
  const behind = text.slice(value, to).replace(/\r?\n$/, '')
  // Text after a blank belongs to the value, as systemd reads it, unless it is a comment.
  const isComment = /^\s*(#.*)?$/.test(behind)
  const last = isComment ? value : value + behind.trimEnd().length
  return { key, from, to, head, written: text.slice(begin, last), tail: text.slice(last, to) }
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at + 1
}

/** What ends a stretch of letters that mean themselves: without quotes, within double and within single ones. */
const SIGNS = { '': /[\s\\"']/g, '"': /[\\"]/g, "'": /'/g }

/** Where a word of the shell ends. */
function endOfWord(text: string, from: number): number {
  let quote: '' | '"' | "'" = ''
  for (let at = from; ; at++) {
    const signs: RegExp = SIGNS[quote]
    signs.lastIndex = at
    const found = signs.exec(text)
    if (found === null) break
    at = found.index
    const [sign] = found
    if (sign === '\\') at++
    else if (sign === quote) quote = ''
    else if (sign === '"' || sign === "'") quote = sign
    else return at
  }
  if (quote !== '')
    throw new Broken(`a quotation mark ${quote} that has no end`, text.slice(0, from).split('\n').length, 1)
  return text.length
}

/** Marks a value in which the shell puts something in (`$NAME`, `$(...)`), and that is taken as it is written. No plain text begins with it. */
const AS_WRITTEN = '\u2060'

/** What a written value means. */
export function meaning(written: string): string {
  if (!/["'\\$`]/.test(written)) return written
  let text = ''
  let quote = ''
  for (let at = 0; at < written.length; at++) {
    const sign = written[at] ?? ''
    const next = written[at + 1] ?? ''
    if (quote !== "'" && (sign === '$' || sign === '`')) return AS_WRITTEN + written
    if (sign === '\\' && quote !== "'" && (quote === '' || /["\\$`\n]/.test(next))) {
      text += next === '\n' ? '' : next
      at++
    } else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
    else if (sign === quote) quote = ''
    else text += sign
  }
  return text
}

/** How a text is written: as it is where that is safe, else in the quotes in which it stays what it is. What has quotes keeps them. */
export function writtenAs(text: string, style: '' | '"' | "'" = ''): string {
  if (text.startsWith(AS_WRITTEN)) return text.slice(AS_WRITTEN.length)
  if (style === '' && /^[\w@%+=:,./-]*$/.test(text)) return text
  if (style !== "'" && !/["\\$`]/.test(text)) return `"${text}"`
  if (!text.includes("'")) return `'${text}'`
  return `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`
}

export function parseKeyValue(text: string): ReadonlyMap<string, Tree> {
  return new Map(entriesOf(text).map(({ key, written }) => [key, meaning(written)]))
}

/** The text in which a key has this value, once: the last one counts, and is the one that is changed. */
export function putKeyValue(text: string, key: string, value: string): string {
  const all = entriesOf(text).filter((entry) => entry.key === key)
  const last = all.at(-1)
  if (last === undefined) return putNew(text, key, value)
  const style = /^["']/.exec(last.written)?.[0]
  const fresh = `${last.head}${writtenAs(value, style === '"' || style === "'" ? style : '')}${last.tail}`
  return without(text, all.slice(0, -1), text.slice(0, last.from)) + fresh + text.slice(last.to)
}

/** A text, or its beginning, without these parts of it. */
function without(text: string, parts: readonly Pick<Entry, 'from' | 'to'>[], of = text): string {
  let at = 0
  const kept = parts.map(({ from, to }) => {
    const before = text.slice(at, from)
    at = to
    return before
  })
  return kept.join('') + of.slice(at)
}

export function dropKeyValue(text: string, key: string): string {
  const all = entriesOf(text).filter((entry) => entry.key === key)
  return without(text, all)
}

/** Below a comment that shows the key, else at the end. */
function putNew(text: string, key: string, value: string): string {
  const eol = /\r\n/.test(text) ? '\r\n' : '\n'
  const line = `${key}=${writtenAs(value)}`
  const shown = [
    ...text.matchAll(new RegExp(`^[ \\t]*#[ \\t]*(?:export[ \\t]+)?${key.replaceAll('.', '\\.')}[ \\t]*=.*$`, 'gm')),
  ].at(-1)
  if (shown === undefined)
    return text === '' || text.endsWith('\n') ? `${text}${line}${eol}` : `${text}${eol}${line}${eol}`
  const at = endOfLine(text, shown.index)
  return text.slice(0, at).endsWith('\n')
    ? `${text.slice(0, at)}${line}${eol}${text.slice(at)}`
    : `${text}${eol}${line}${eol}`
}
