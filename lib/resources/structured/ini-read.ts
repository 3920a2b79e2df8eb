import type { Dialect } from './ini-dialect.ts'
import { memoizeByText } from '../../memoize.ts'
import { Broken } from './structured.ts'
import { hasMoreLines, split, type Line } from '../kit/text.ts'

/** A key of an INI file: which lines it takes, and what it says. */
export interface Entry {
  readonly section: string
  readonly key: string
  /** Null: the key is alone on its line. */
  readonly value: string | null
  /** A comment after the value, with the blanks before it. */
  readonly tail: string
  readonly from: number
  /** The line after its last one. */
  readonly to: number
  /** Lines of it that may mean something else. */
  readonly doubts: readonly Doubt[]
}

/** A line that programs read in more than one way. */
export interface Doubt {
  readonly line: number
  readonly why: string
  /** The key that it would be. */
  readonly key?: string
}

export interface Section {
  readonly name: string
  /** The line after its header; 0 for the keys above all headers. */
  readonly from: number
  readonly to: number
}

export interface Ini {
  readonly lines: readonly Line[]
  readonly sections: readonly Section[]
  readonly entries: readonly Entry[]
}

/** An edit reads a text some twenty times: more lines than these would keep the controller for seconds. */
const MOST_LINES = 30_000

/** Reads lines, sections and keys. Of a line that can be read in two ways it says so, and takes it for a part of the value above. */
export const readIni = memoizeByText(linesOf)

function linesOf(text: string, dialect: Dialect): Ini {
  if (hasMoreLines(text, MOST_LINES)) throw new Broken(`it has more than ${MOST_LINES} lines`, MOST_LINES + 1, 1)
  const lines = split(text)
  const sections: Section[] = []
  const entries: Reading[] = []
  let open: { readonly name: string; readonly from: number } = { name: '', from: 0 }
  let indent = 0
  // A comment may be within a value that continues in indented lines.
  let between: number | undefined
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]
    const said = line?.text.trim() ?? ''
    if (said === '' || isComment(line)) {
      if (said !== '') between ??= index
      continue
    }
    const last = entries.at(-1)
    const isDeeper = depthOf(line) > indent && last !== undefined && dialect.indent !== 'no'
    if (isHeader(said) && isDeeper && dialect.indent === 'perhaps' && last.to === index)
      throw new Broken('it may be a header, or go on with the value above', index + 1, 1)
    if (isHeader(said) && !(isDeeper && dialect.indent === 'yes')) {
      sections.push({ ...open, to: index })
      open = { name: headerName(said, index), from: index + 1 }
      indent = Infinity
      between = undefined
      continue
    }
    if (isDeeper) {
      continueEntry(last, said, index, dialect, between)
      between = undefined
      continue
    }
    between = undefined
    indent = depthOf(line)
    const entry = readEntry(lines, index, open.name, dialect)
    entries.push(entry)
    index = entry.to - 1
  }
  sections.push({ ...open, to: lines.length })
  return { lines, sections, entries }
}

/** Adds a line to the value of the last key. A value may have a million lines, so its doubts are not copied for each. */
function continueEntry(
  last: Reading,
  said: string,
  index: number,
  dialect: Dialect,
  between: number | undefined,
): void {
  const key = keyLike(said)
  last.value = `${last.value ?? ''}${last.tail}\n${said}`
  last.tail = ''
  last.to = index + 1
  if (dialect.indent === 'perhaps' && key !== undefined)
    last.doubts.push({ line: index, key, why: 'may be a key of its own, or continue the value above' })
  if (between !== undefined) last.doubts.push({ line: between, why: 'is within the value' })
}

/** An entry while its lines are read. */
interface Reading extends Entry {
  value: string | null
  tail: string
  to: number
  readonly doubts: Doubt[]
}

function readEntry(lines: readonly Line[], from: number, section: string, dialect: Dialect): Reading {
  const said = lines[from]?.text.trim() ?? ''
  const at = separatorOf(said, dialect)
  const key = at < 0 ? said : said.slice(0, at).trimEnd()
  let value = at < 0 ? null : said.slice(at + 1).trimStart()
  let to = from + 1
  const doubts: Doubt[] = []
  if (dialect.backslash !== 'no') {
    let isContinued = value?.endsWith('\\') === true
    while (isContinued && to < lines.length) {
      const next = lines[to]
      const text = next?.text.trim() ?? ''
      if (isComment(next) && dialect.backslash === 'yes')
        doubts.push({ line: to, why: 'is a comment within the value' })
      else if (dialect.backslash === 'perhaps' && (text === '' || isHeader(text) || isComment(next))) break
      else isContinued = text.endsWith('\\')
      const name = keyLike(text)
      if (dialect.backslash === 'perhaps' && name !== undefined && depthOf(next) <= depthOf(lines[from]))
        doubts.push({ line: to, key: name, why: 'may be a key of its own, or continue the value above' })
      value = `${value ?? ''}\n${text}`
      to++
    }
  }
  if (value === null || value.includes('\n')) return { section, key, value, tail: '', from, to, doubts }
  const tail = tailOf(value, dialect)
  if (tail !== '' && dialect.behind === 'perhaps')
    return {
      section,
      key,
      value,
      tail: '',
      from,
      to,
      doubts: [...doubts, { line: from, why: `may end with a comment: ${tail.trim()}` }],
    }
  return { section, key, value: value.slice(0, value.length - tail.length), tail, from, to, doubts }
}

/** Where the key ends; -1 when it has no value. */
function separatorOf(said: string, { colon }: Dialect): number {
  const equals = said.indexOf('=')
  if (colon === 'no') return equals
  if (colon === 'yes') return said.search(/[=:]/)
  return equals < 0 ? (/^[\w.-][\w. -]*:(?=[ \t]|$)/.exec(said)?.[0].length ?? 0) - 1 : equals
}

/** The comment at the end of a value, outside of quotes, with the blanks before it. */
function tailOf(value: string, { behind, marks }: Dialect): string {
  if (behind === 'no') return ''
  let quote = ''
  for (let at = 0; at < value.length; at++) {
    const sign = value.charAt(at)
    if (sign === '\\') at++
    else if (quote !== '') quote = sign === quote ? '' : quote
    else if (sign === '"' || sign === "'") quote = sign
    else if (marks.includes(sign) && (behind === 'yes' || /[ \t]/.test(value.charAt(at - 1))))
      return value.slice(value.slice(0, at).trimEnd().length)
  }
  return ''
}

/** What would be the key, when a line looks as if it had one. */
export function keyLike(said: string): string | undefined {
  const [key] = /^[A-Za-z_][\w .%/@$+-]*(?:\[[^\]]*\])?/.exec(said) ?? []
  return key !== undefined && said.slice(key.length).trimStart().startsWith('=') ? key.trimEnd() : undefined
}

function isHeader(said: string): boolean {
  return said.startsWith('[')
}

function headerName(said: string, index: number): string {
  const plain = /^\[((?:"(?:\\.|[^"\\])*"|[^\]"])*)\]\s*(?:[;#].*)?$/s.exec(said) ?? /^\[(.*)\]$/s.exec(said)
  if (plain?.[1] !== undefined) return plain[1].trim()
  const isClosed = said.includes(']')
  throw new Broken(
    isClosed ? 'there is text after a section header' : 'a section header without its closing bracket',
    index + 1,
    1,
  )
}

function depthOf(line: Line | undefined): number {
  return /^[ \t]*/.exec(line?.text ?? '')?.[0].length ?? 0
}

export function isComment(line: Line | undefined): boolean {
  return /^[ \t]*[#;]/.test(line?.text ?? '')
}
