import { insert, join, split, type Line } from '../kit/text.ts'

/** What a keyword is to say: a list is one line for each. `undefined` in a map: it is left as it is; `null`: it may not be there. */
export type Wanted = ReadonlyMap<string, readonly string[] | null>

/** A Match block, by its criteria. */
export interface MatchWanted {
  readonly criteria: string
  /** Undefined: the block may not be there. */
  readonly set: Wanted | undefined
}

interface Directive {
  readonly keyword: string
  readonly value: string
}

/** Source: sshd_config(5): keywords are case-insensitive, arguments are not; a keyword may be followed by blanks or one `=`. */
function readLine({ text }: Line): Directive | undefined {
  const [, keyword, value] = /^\s*([A-Za-z][\w]*)(?:\s+|\s*=\s*)(.*?)\s*$/s.exec(text) ?? []
  return keyword === undefined || value === undefined ? undefined : { keyword: keyword.toLowerCase(), value }
}

/** The text in which these keywords say this. What it gave, it gives again. */
export function editSshd(live: string, set: Wanted, matches: readonly MatchWanted[]): string {
  return matches.reduce((text, match) => editMatch(text, match), editGlobal(live, set))
}

function editGlobal(live: string, set: Wanted): string {
  const lines = split(live)
  const end = lines.findIndex((line) => readLine(line)?.keyword === 'match')
  const [head, rest] = end < 0 ? [lines, []] : [lines.slice(0, end), lines.slice(end)]
  // Comments right above the first block belong to it.
  let own = head.length
  while (rest.length > 0 && own > 0 && /^\s*(#.*)?$/.test(head[own - 1]?.text ?? 'x')) own--
  if (rest.length > 0 && own < head.length && own === 0) own = head.length
  return join([...editPart(head.slice(0, own), set, ''), ...head.slice(own), ...rest])
}

function editMatch(live: string, { criteria, set }: MatchWanted): string {
  const lines = split(live)
  const plain = (text: string) => text.trim().replaceAll(/\s+/g, ' ')
  const starts = lines.flatMap((line, at) => (readLine(line)?.keyword === 'match' ? [at] : []))
  const from = starts.find((at) => plain(readLine(lines[at] ?? { text: '', eol: '' })?.value ?? '') === plain(criteria))
  if (from === undefined) {
    if (set === undefined) return live
    const fresh = [...set].flatMap(([keyword, values]) => (values ?? []).map((value) => `    ${keyword} ${value}`))
    return join(insert(lines, [`Match ${criteria}`, ...fresh], {}))
  }
  let to = starts.find((at) => at > from) ?? lines.length
  while (to < lines.length && to > from + 1 && /^\s*(#.*)?$/.test(lines[to - 1]?.text ?? 'x')) to--
  const head = lines[from]
  if (set === undefined || head === undefined) return join([...lines.slice(0, from), ...lines.slice(to)])
  return join([...lines.slice(0, from), head, ...editPart(lines.slice(from + 1, to), set, '    '), ...lines.slice(to)])
}

/** One part of the file: all of it before the first block, or one block. */
function editPart(part: readonly Line[], set: Wanted, indent: string): Line[] {
  let lines = [...part]
  for (const [keyword, values] of set) {
    const same = (line: Line) => readLine(line)?.keyword === keyword.toLowerCase()
    const there = lines.filter(same)
    const wanted = values ?? []
    if (there.length === wanted.length && there.every((line, at) => readLine(line)?.value === wanted[at])) continue
    if (there.length === 0) {
      const fresh = wanted.map((value) => `${indent}${keyword} ${value}`)
      const shown = new RegExp(`^\\s*#\\s*${keyword}\\b`, 'i')
      const spot = lines.some(({ text }) => shown.test(text)) ? { after: shown } : {}
      lines = insert(lines, fresh, spot)
      continue
    }
    const first = lines.findIndex(same)
    const blank = /^\s*/.exec(there[0]?.text ?? '')?.[0] ?? ''
    const eol = there[0]?.eol === '\r\n' ? '\r\n' : '\n'
    const fresh = wanted.map((value): Line => ({ text: `${blank}${keyword} ${value}`, eol }))
    lines = lines.flatMap((line, at) => (at === first ? fresh : same(line) ? [] : [line]))
  }
  return lines
}
