import { Broken } from './structured.ts'
import { split, join, type Line } from './text.ts'
import { isList, isMap, type KeyPath, type Tree } from './tree.ts'

/** A key of an INI file: which lines it takes, and what it says. */
interface Entry {
  readonly section: string
  readonly key: string
  /** Null: the key stands alone on its line. */
  readonly value: string | null
  readonly from: number
  /** The line behind its last one. */
  readonly to: number
}

interface Section {
  readonly name: string
  /** The line behind its header; 0 for what stands above all headers. */
  readonly from: number
  readonly to: number
}

interface Ini {
  readonly lines: readonly Line[]
  readonly sections: readonly Section[]
  readonly entries: readonly Entry[]
}

/** The data in an INI text: sections of keys of texts; a section without a name is always there. A key that is given several times in a section is a list. */
export function parseIni(text: string): Tree {
  const { sections, entries } = read(text)
  const tree = new Map<string, Map<string, Tree>>()
  for (const { name } of sections) tree.set(name, tree.get(name) ?? new Map<string, Tree>())
  for (const { section, key, value } of entries) {
    const keys = tree.get(section)
    const before = keys?.get(key)
    keys?.set(key, before === undefined ? value : [...(isList(before) ? before : [before]), value])
  }
  return tree
}

/** The text with these values of one key, or of all keys of a section. The first line of a key keeps its place and its blanks. */
export function putIni(text: string, [section = '', key]: KeyPath, value: Tree): string | undefined {
  if (key !== undefined) return putKey(text, section, key, valuesOf(value))
  if (!isMap(value)) return undefined
  return [...value].reduce(
    (now, [name, below]) => putKey(now, section, name, valuesOf(below)),
    withSection(text, section),
  )
}

/** The text without a key, or without a section and all that stands in it. */
export function dropIni(text: string, [section = '', key]: KeyPath): string {
  const { lines, sections, entries } = read(text)
  const gone = new Set<number>()
  const drop = (from: number, to: number) => {
    for (let index = from; index < to; index++) gone.add(index)
  }
  if (key !== undefined) {
    for (const entry of entries) if (entry.section === section && entry.key === key) drop(entry.from, entry.to)
  } else {
    for (const each of sections) if (each.name === section) drop(each.from - 1, each.to - commentsAbove(lines, each))
  }
  return join(lines.filter((_, index) => !gone.has(index)))
}

/** Comments that stand right above the next header belong to that one. */
function commentsAbove(lines: readonly Line[], { from, to }: Section): number {
  if (to === lines.length) return 0
  let count = 0
  while (to - count > from && isComment(lines[to - count - 1])) count++
  return count
}

function putKey(text: string, section: string, key: string, values: readonly (string | null)[]): string {
  const { lines, entries } = read(withSection(text, section))
  const mine = entries.filter((entry) => entry.section === section && entry.key === key)
  const eol: Line['eol'] = lines.some((line) => line.eol === '\r\n') ? '\r\n' : '\n'
  const write = (value: string | null, like: Entry | undefined): Line => {
    const form = /^([ \t]*)[^=]*?([ \t]*=[ \t]*)/.exec(like === undefined ? '' : (lines[like.from]?.text ?? ''))
    const said =
      value === null ? key : `${key}${value === '' ? (form?.[2] ?? '=').trimEnd() : (form?.[2] ?? '=')}${value}`
    return { text: `${form?.[1] ?? ''}${said}`, eol }
  }
  const neighbour =
    entries.findLast((entry) => entry.section === section && entry.value !== null) ??
    entries.find(({ value }) => value !== null)
  const fresh = values.map((value, index) => ({ value, like: mine[index] }))
  const added = fresh
    .filter(({ like }) => like === undefined)
    .map(({ value }) => write(value, mine.at(-1) ?? neighbour))
  const behind = mine.at(-1)?.to ?? spotIn(read(withSection(text, section)), section)
  const result: Line[] = []
  for (const [index, line] of lines.entries()) {
    if (index === behind) result.push(...added)
    const at = mine.findIndex(({ from, to }) => from <= index && index < to)
    const entry = mine[at]
    if (entry === undefined) result.push(line)
    else if (index === entry.from && at < values.length) {
      const value = values[at] ?? null
      const last = lines[entry.to - 1]
      if (entry.value === value) result.push(...lines.slice(entry.from, entry.to))
      else result.push({ ...write(value, entry), eol: last?.eol ?? eol })
    }
  }
  if (behind >= lines.length) {
    const last = result.at(-1)
    if (last?.eol === '' && added.length > 0) result.splice(-1, 1, { ...last, eol })
    result.push(...added)
  }
  return join(result)
}

/** Behind the last key of the section's last part; in one without keys behind its header. */
function spotIn({ lines, sections, entries }: Ini, name: string): number {
  const part = sections.findLast((section) => section.name === name)
  if (part === undefined) return lines.length
  const last = entries.findLast((entry) => entry.section === name && part.from <= entry.from && entry.from < part.to)
  if (last !== undefined) return last.to
  // Keys of no section go below the comments at the top, where nothing else stands.
  return name === '' && lines.slice(part.from, part.to).every((line) => isComment(line) || line.text.trim() === '')
    ? part.to
    : part.from
}

function withSection(text: string, name: string): string {
  const { lines, sections } = read(text)
  if (sections.some((section) => section.name === name)) return text
  const eol = lines.some((line) => line.eol === '\r\n') ? '\r\n' : '\n'
  const end = text === '' || text.endsWith('\n') ? '' : eol
  const gap = text.trim() === '' || /\n\r?\n$/.test(text) ? '' : eol
  return `${text}${end}${gap}[${name}]${eol}`
}

function valuesOf(value: Tree): readonly (string | null)[] {
  return (isList(value) ? value : [value]).map((item) => (typeof item === 'string' ? item : null))
}

function read(text: string): Ini {
  const lines = split(text)
  const sections: Section[] = []
  const entries: Entry[] = []
  let open: { readonly name: string; readonly from: number } = { name: '', from: 0 }
  let indent = 0
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]
    const said = line?.text.trim() ?? ''
    if (said === '' || isComment(line)) continue
    if (said.startsWith('[')) {
      if (!said.endsWith(']')) throw new Broken('a header without its closing bracket', index + 1, 1)
      sections.push({ ...open, to: index })
      open = { name: said.slice(1, -1).trim(), from: index + 1 }
      indent = Infinity
      continue
    }
    const depth = /^[ \t]*/.exec(line?.text ?? '')?.[0].length ?? 0
    const last = entries.at(-1)
    if (depth > indent && last !== undefined && last.to === index) {
      entries.splice(-1, 1, { ...last, value: `${last.value ?? ''}\n${said}`, to: index + 1 })
      continue
    }
    indent = depth
    const at = said.indexOf('=')
    const entry =
      at < 0 ? { key: said, value: null } : { key: said.slice(0, at).trimEnd(), value: said.slice(at + 1).trimStart() }
    let to = index + 1
    let value = entry.value
    // systemd: a line that ends with a backslash goes on in the next one.
    while (value?.endsWith('\\') === true && to < lines.length) value += `\n${lines[to++]?.text.trim() ?? ''}`
    entries.push({ section: open.name, key: entry.key, value, from: index, to })
    index = to - 1
  }
  sections.push({ ...open, to: lines.length })
  return { lines, sections, entries }
}

function isComment(line: Line | undefined): boolean {
  return /^[ \t]*[#;]/.test(line?.text ?? '')
}
