import type { Leaf, Range, SopsDocument, SopsProblem } from './document.ts'
import { readMetadata } from './metadata.ts'

type Read = SopsDocument | { readonly problem: SopsProblem } | undefined

/** One line `name=value`. */
interface Line {
  readonly section: string | undefined
  readonly name: string
  readonly value: string
  /** The ranges of the value and of the whole line. */
  readonly valueAt: Range
  readonly lineAt: Range
}

/** Parses a file of environment variables (lines of `NAME=value`); undefined for a text that SOPS did not write. */
export function readDotenv(text: string): Read {
  const lines = linesOf(text, dotenvLine)
  const own = lines.filter(({ name }) => name.startsWith('sops_'))
  const leaves = lines
    .filter(({ name }) => !name.startsWith('sops_'))
    .map((line) => leafOf(line, [line.name], unescaped(line.value)))
  return documentOf(text, own, (name) => name.slice('sops_'.length), leaves)
}

/** Parses an INI file, in which SOPS has a section of its own. */
export function readIni(text: string): Read {
  const lines = linesOf(text, iniLine, LONG_INI_LINES)
  const own = lines.filter(({ section }) => section === 'sops')
  const leaves = lines
    .filter(({ section }) => section !== 'sops')
    .map((line) => leafOf(line, [line.section ?? 'DEFAULT', line.name], unquoted(line.value)))
  return documentOf(text, own, (name) => name, leaves, /^[^\S\n]*\[sops\][^\S\n]*$\n?/m)
}

type NameAndValue = readonly [name: string, value: string] | undefined

function dotenvLine(line: string): NameAndValue {
  const at = line.indexOf('=')
  return at < 1 || line.startsWith('#') ? undefined : [line.slice(0, at), line.slice(at + 1)]
}

function iniLine(line: string): NameAndValue {
  const at = line.search(/[=:]/)
  const name = line.slice(0, Math.max(0, at)).trim()
  return name === '' || /^[#;[]/.test(name) ? undefined : [name, line.slice(at + 1).trim()]
}

/** A value for a line of a file of environment variables, without line breaks. */
export function inDotenv(text: string): string {
  return text.replaceAll('\n', '\\n')
}

/** A value within three quotes may have several lines. */
const LONG_INI_LINES = /^[^\n=:#;[]*[=:][^\S\n]*"""[^]*?"""[^\n]*/

/** @param long the shape of a line that goes on over line breaks */
function linesOf(text: string, parse: (line: string) => NameAndValue, long?: RegExp): Line[] {
  const found: Line[] = []
  let section: string | undefined
  let at = 0
  while (at <= text.length) {
    const end = text.indexOf('\n', at)
    const short = text.slice(at, end < 0 ? text.length : end)
    const line = short.includes('"""') ? (long?.exec(text.slice(at))?.[0] ?? short) : short
    section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section
    const [name, value] = parse(line) ?? []
    if (name !== undefined && value !== undefined) {
      const from = at + line.lastIndexOf(value)
      found.push({
        section,
        name,
        value,
        valueAt: [from, from + value.length],
        lineAt: [at, Math.min(at + line.length + 1, text.length)],
      })
    }
    at += line.length + 1
  }
  return found
}

function leafOf({ value, valueAt }: Line, names: readonly string[], counted: string): Leaf {
  return { names, path: names, at: valueAt, text: value, counted: Buffer.from(counted) }
}

function documentOf(
  text: string,
  own: readonly Line[],
  short: (name: string) => string,
  leaves: readonly Leaf[],
  heading?: RegExp,
): Read {
  const [first] = own
  if (first === undefined) return undefined
  const read = readMetadata(unflattened(own.map(({ name, value }) => [short(name), unescaped(value)])))
  if ('wrong' in read)
    return { problem: { at: first.lineAt[0], message: `the file says that SOPS encrypted it, but ${read.wrong}` } }
  const found = heading?.exec(text)
  const at: Range[] = found === null || found === undefined ? [] : [[found.index, found.index + found[0].length]]
  return {
    text,
    metadata: read.value,
    own: [...own.map(({ lineAt }) => lineAt), ...at].map((range) => ({ at: range, by: '' })),
    leaves,
  }
}

/** `age__list_0__map_enc` means `enc` in the first item of the list `age`. */
function unflattened(entries: readonly (readonly [string, string])[]): Record<string, unknown> {
  const lists = new Map<string, Record<string, string>[]>()
  const plain: Record<string, unknown> = {}
  for (const [name, value] of entries) {
    const [, list, at, inner] = /^(\w+?)__list_(\d{1,3})__map_(\w+)$/.exec(name) ?? []
    if (list === undefined || inner === undefined) plain[name] = value
    else {
      const items = lists.get(list) ?? []
      items[Number(at)] = { ...items[Number(at)], [inner]: value }
      lists.set(list, items)
    }
  }
  return { ...plain, ...Object.fromEntries(lists) }
}

function unescaped(value: string): string {
  return value.replaceAll('\\n', '\n')
}

/**
 * A value of an INI file, without its quotes and the comment after it.
 *
 * Source: gopkg.in/ini.v1, readValue.
 */
function unquoted(value: string): string {
  const [, long] = /^"""([^]*)"""/.exec(value) ?? /^`([^]*)`/.exec(value) ?? []
  if (long !== undefined) return long
  const [bare = ''] = value.split(/[#;]/, 1)
  return /^(["'])((?:(?!\1)[^])*)\1$/.exec(bare.trim())?.[2] ?? bare.trim()
}
