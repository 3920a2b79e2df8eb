import { dialects, type Dialect } from './ini-dialect.ts'
import { isComment, readIni, type Doubt, type Entry, type Ini, type Section } from './ini-read.ts'
import { Unsafe } from './structured.ts'
import { join, type Line } from '../kit/text.ts'
import { isList, isMap, type Tree } from '../kit/tree.ts'

/** A section and a key of it, or a whole section. */
type IniPath = readonly string[]

/** The data in an INI text: sections of keys of texts; a section without a name is always there. A key that is given several times in a section is a list. */
export function parseIni(text: string, dialect: Dialect = dialects.unknown): Tree {
  const { sections, entries } = readIni(text, dialect)
  const values = new Map<string, Map<string, (string | null)[]>>()
  for (const { name } of sections) values.set(name, values.get(name) ?? new Map<string, (string | null)[]>())
  for (const { section, key, value } of entries) {
    const keys = values.get(section)
    const before = keys?.get(key)
    if (before === undefined) keys?.set(key, [value])
    else before.push(value)
  }
  const valueOf = (all: readonly (string | null)[]): Tree => (all.length === 1 ? (all[0] ?? null) : all)
  const keysOf = (keys: ReadonlyMap<string, readonly (string | null)[]>) =>
    new Map([...keys].map(([key, all]) => [key, valueOf(all)] as const))
  return new Map([...values].map(([section, keys]) => [section, keysOf(keys)] as const))
}

/** The text with these values of one key, or of all keys of a section. The first line of a key keeps its place and its blanks. */
export function putIni(
  text: string,
  [section = '', key]: IniPath,
  value: Tree,
  dialect: Dialect = dialects.unknown,
): string | undefined {
  if (key !== undefined) return putKey(text, section, key, valuesOf(value), dialect)
  if (!isMap(value)) return undefined
  return [...value].reduce(
    (now, [name, below]) => putKey(now, section, String(name), valuesOf(below), dialect),
    withSection(text, section, dialect),
  )
}

/** The text without a key, or without a section with its keys. */
export function dropIni(text: string, [section = '', key]: IniPath, dialect: Dialect = dialects.unknown): string {
  const { lines, sections, entries } = readIni(text, dialect)
  const gone = new Set<number>()
  const drop = (from: number, to: number) => {
    for (let index = from; index < to; index++) gone.add(index)
  }
  if (key !== undefined) {
    const mine = entries.filter((entry) => entry.section === section && entry.key === key)
    for (const entry of mine) if (entry.to > entry.from + 1) sure(lines, entry.doubts)
    for (const entry of mine) drop(entry.from, entry.to)
  } else {
    for (const each of sections) if (each.name === section) drop(each.from - 1, each.to - commentsAbove(lines, each))
  }
  return join(lines.filter((_, index) => !gone.has(index)))
}

/** Throws where some programs find a key that is not found here: it would be said to be gone, and is there. */
export function sureOfIni(text: string, [section = '', key]: IniPath, dialect: Dialect): void {
  if (key === undefined) return
  const ini = readIni(text, dialect)
  const isThere = ini.entries.some((entry) => entry.section === section && entry.key === key)
  checkTwins(ini, section, key, isThere, dialect)
}

/** Comments right above the next header belong to that header. */
function commentsAbove(lines: readonly Line[], { from, to }: Section): number {
  if (to === lines.length) return 0
  let count = 0
  while (to - count > from && isComment(lines[to - count - 1])) count++
  return count
}

function putKey(
  text: string,
  section: string,
  key: string,
  values: readonly (string | null)[],
  dialect: Dialect,
): string {
  const ini = readIni(withSection(text, section, dialect), dialect)
  const { lines, entries } = ini
  const mine = entries.filter((entry) => entry.section === section && entry.key === key)
  checkTwins(ini, section, key, mine.length > 0, dialect)
  for (const [at, entry] of mine.entries())
    if (at >= values.length || entry.value !== values[at]) sure(lines, entry.doubts)
  const eol: Line['eol'] = lines.some((line) => line.eol === '\r\n') ? '\r\n' : '\n'
  const write = (value: string | null, like: Entry | undefined): Line => {
    const form = like === undefined ? undefined : formOf(lines[like.from]?.text ?? '', like)
    const sign = form?.sign ?? '='
    const said = value === null ? key : `${key}${value === '' ? sign.trimEnd() : sign}${value}`
    return { text: `${form?.indent ?? ''}${said}`, eol }
  }
  const neighbour =
    entries.findLast((entry) => entry.section === section && entry.value !== null) ??
    entries.find(({ value }) => value !== null)
  const fresh = values.map((value, index) => ({ value, like: mine[index] }))
  const added = fresh
    .filter(({ like }) => like === undefined)
    .map(({ value }) => write(value, mine.at(-1) ?? neighbour))
  const behind = mine.at(-1)?.to ?? spotIn(ini, section)
  const result: Line[] = []
  let at = 0
  for (const [index, line] of lines.entries()) {
    if (index === behind) result.push(...added)
    while ((mine[at]?.to ?? Infinity) <= index) at++
    const entry = mine[at]
    if (entry === undefined || index < entry.from) result.push(line)
    else if (index === entry.from && at < values.length) {
      const value = values[at] ?? null
      const last = lines[entry.to - 1]
      if (entry.value === value) for (const kept of lines.slice(entry.from, entry.to)) result.push(kept)
      else {
        const { text: fresh } = write(value, entry)
        result.push({ text: fresh + entry.tail, eol: last?.eol ?? eol })
      }
    }
  }
  if (behind >= lines.length) {
    const last = result.at(-1)
    if (last?.eol === '' && added.length > 0) result.splice(-1, 1, { ...last, eol })
    result.push(...added)
  }
  return join(result)
}

/** After the last key of the section's last part; after the header if it has no keys. */
function spotIn({ lines, sections, entries }: Ini, name: string): number {
  const part = sections.findLast((section) => section.name === name)
  if (part === undefined) return lines.length
  const last = entries.findLast((entry) => entry.section === name && part.from <= entry.from && entry.from < part.to)
  if (last !== undefined) return last.to
  // Keys of no section go below the comments at the top, when there is nothing else.
  return name === '' && lines.slice(part.from, part.to).every((line) => isComment(line) || line.text.trim() === '')
    ? part.to
    : part.from
}

function withSection(text: string, name: string, dialect: Dialect): string {
  const { lines, sections } = readIni(text, dialect)
  if (sections.some((section) => section.name === name)) return text
  const twin = sections.find((section) => dialect.same(section.name) === dialect.same(name))
  if (twin !== undefined)
    throw new Unsafe(`is the section ${JSON.stringify(name)} under another spelling`, twin.from, spelled(twin.name))
  const eol = lines.some((line) => line.eol === '\r\n') ? '\r\n' : '\n'
  const end = text === '' || text.endsWith('\n') ? '' : eol
  const gap = text.trim() === '' || /\n\r?\n$/.test(text) ? '' : eol
  return `${text}${end}${gap}[${name}]${eol}`
}

/** The indentation of a key's line, and the text between the key and its value. */
function formOf(text: string, { key }: Entry): { readonly indent: string; readonly sign: string } | undefined {
  const [, indent = '', rest = ''] = /^([ \t]*)(.*)$/s.exec(text) ?? []
  const [sign] = /^[ \t]*[=:][ \t]*/.exec(rest.slice(key.length)) ?? []
  return { indent, sign: sign ?? '=' }
}

/** A line that is read in more than one way is neither replaced nor removed. */
function sure(lines: readonly Line[], doubts: readonly Doubt[]): void {
  for (const { line, why } of doubts) throw unsafe(lines, line, why)
}

/** A key is not added where some programs have it already: under another spelling, without an equals sign, or as a part of a value. */
function checkTwins({ lines, entries }: Ini, section: string, key: string, isThere: boolean, dialect: Dialect): void {
  for (const entry of entries) {
    if (entry.section !== section) continue
    const swallowed = entry.doubts.find(
      (doubt) => doubt.key !== undefined && dialect.same(doubt.key) === dialect.same(key),
    )
    if (swallowed !== undefined) throw unsafe(lines, swallowed.line, swallowed.why)
    if (isThere) continue
    if (entry.value !== null) {
      if (dialect.same(entry.key) === dialect.same(key) && entry.key !== key)
        throw new Unsafe(`is the key ${JSON.stringify(key)} under another spelling`, entry.from + 1, spelled(entry.key))
    } else if (entry.key.startsWith(key) && /^([ \t]|[ \t]*:)/.test(entry.key.slice(key.length))) {
      throw unsafe(lines, entry.from, `may be the key ${JSON.stringify(key)} with its value`)
    }
  }
}

function spelled(name: string): string {
  return `write it as the file does: ${JSON.stringify(name)}`
}

function unsafe(lines: readonly Line[], line: number, why: string): Unsafe {
  const text = lines[line]?.text.trim() ?? ''
  const known = Object.keys(dialects).filter((name) => name !== 'unknown')
  const hint = `say which program reads it (dialect: ${known.map((name) => `'${name}'`).join(', ')}), or give its whole content: file(...)`
  return new Unsafe(`(${text.length > 60 ? `${text.slice(0, 59)}…` : text}) ${why}`, line + 1, hint)
}

function valuesOf(value: Tree): readonly (string | null)[] {
  return (isList(value) ? value : [value]).map((item) => (typeof item === 'string' ? item : null))
}
