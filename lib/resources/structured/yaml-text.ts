import { isMap as isYamlMap, isPair, isScalar, isSeq } from 'yaml'
import type { Node, Scalar, YAMLMap } from 'yaml'
import { applied, equal, isList, type Key, type KeyPath, type Tree } from '../kit/tree.ts'
import { behindColon, inline, pairs, type Habits, type Style } from './yaml-print.ts'
import { parseYaml, isImplicitNull, keyOf, parsed } from './yaml-read.ts'

/** The text with this value at a key. It is edited by the ranges of its parts: what is not named keeps its form. */
export function putYaml(text: string, path: KeyPath, value: Tree): string | undefined {
  const { contents } = parsed(text)
  const habits = habitsOf(text, contents)
  const key = path.at(-1)
  if (key === undefined) return undefined
  if (isImplicitNull(contents)) {
    return `${text}${text === '' || text.endsWith('\n') ? '' : habits.eol}${pairs(new Map([[key, value]]), '', habits)}${habits.eol}`
  }
  const holder = walk(contents, path.slice(0, -1))
  if (holder === undefined) return undefined
  const pair = pairOf(holder, key)
  return pair === undefined ? insert(text, path, holder, value, habits) : replace(text, holder, pair, value, habits)
}

/** The text without a key, with the lines below it and with comments that are indented deeper than it. */
export function dropYaml(text: string, path: KeyPath): string | undefined {
  const { contents } = parsed(text)
  const holder = walk(contents, path.slice(0, -1))
  const key = path.at(-1)
  const pair = holder === undefined || key === undefined ? undefined : pairOf(holder, key)
  if (holder === undefined || pair === undefined) return undefined
  const { items } = holder
  if (items.length === 1 && path.length > 1) return putYaml(text, path.slice(0, -1), new Map())
  const from = startOf(pair)
  if (holder.flow === true) {
    const index = items.indexOf(pair)
    const [previous, next] = [items[index - 1], items[index + 1]]
    if (next !== undefined) return splice(text, from, startOf(next), '')
    if (previous !== undefined) return splice(text, endOf(previous), endOf(pair), '')
    return splice(text, holder.range?.[0] ?? 0, holder.range?.[1] ?? 0, '{}')
  }
  const column = columnOf(text, from)
  const to = lineEnd(text, endOf(pair))
  const below = new RegExp(`^(?:[ \\t]*\\r?\\n)*[ \\t]{${column + 1},}#[^\\n]*(?:\\n|$)`)
  let end = to
  for (let more = below.exec(text.slice(end)); more !== null; more = below.exec(text.slice(end))) end += more[0].length
  const rest = splice(text, from - column, end, '')
  if (equal(parseYaml(rest), applied(parseYaml(text), [{ path }]))) return rest
  // A text that keeps its line ends (`|+`) comes before it, and would include the empty lines after it.
  const [empty = ''] = /^(?:[ \t]*\r?\n)*/.exec(text.slice(end)) ?? []
  return splice(text, from - column, end + empty.length, '')
}

type Item = YAMLMap<Node, Node | null>['items'][number]

function replace(text: string, holder: YAMLMap<Node, Node | null>, pair: Item, value: Tree, habits: Habits) {
  const colon = colonEnd(pair)
  if (colon === undefined) return undefined
  const old = isImplicitNull(pair.value) ? null : pair.value
  const from = old?.range?.[0] ?? colon
  const to = old === null ? colon : leafEnd(old)
  const isBelow = to > 0 && text[to - 1] === '\n'
  const gap = text.slice(colon, from)
  const isFlow = holder.flow === true || (isSeq(old) && old.flow === true && isList(value))
  const behind = text.slice(to, lineEnd(text, to)).trim()
  const pad = ' '.repeat(columnOf(text, startOf(pair)))
  const style = isScalar(old) ? styleOf(old) : behind === '' ? undefined : 'plain'
  const block = ` ${inline(value, style)}`
  const full = isFlow ? block : behindColon(value, pad, habits, style)
  const end = isBelow ? habits.eol : ''
  if (old === null && full.startsWith(habits.eol) && behind !== '') {
    const at = lineEnd(text, to)
    return text.endsWith('\n') || at < text.length
      ? splice(text, at, at, full.slice(habits.eol.length) + habits.eol)
      : text + full
  }
  // On one line with its key and without anchor or tag, the blanks between the two may be an alignment: they stay.
  if (old !== null && gap !== '' && gap.trim() === '' && !gap.includes('\n') && full.startsWith(' '))
    return splice(text, from, to, full.slice(1) + end)
  return splice(text, colon, to, full + end)
}

function insert(
  text: string,
  path: KeyPath,
  holder: YAMLMap<Node, Node | null>,
  value: Tree,
  habits: Habits,
): string | undefined {
  const key = path.at(-1)
  if (key === undefined) return undefined
  const last = holder.items.at(-1)
  const [start, end] = [holder.range?.[0] ?? 0, holder.range?.[1] ?? 0]
  if (last === undefined) {
    const fresh = new Map([[key, value]])
    return path.length > 1
      ? putYaml(text, path.slice(0, -1), fresh)
      : splice(text, start, end, pairs(fresh, '', habits))
  }
  if (holder.flow === true) return splice(text, endOf(last), endOf(last), `, ${inline(key)}: ${inline(value)}`)
  const pad = ' '.repeat(columnOf(text, startOf(holder.items[0] ?? last)))
  const at = lineEnd(text, endOf(last))
  const lines = `${pad}${inline(key)}:${behindColon(value, pad, habits)}`
  const begun = at === 0 || text[at - 1] === '\n'
  return splice(text, at, at, begun ? lines + habits.eol : habits.eol + lines)
}

/** The quotes of a text that is there. Undefined: it is written over several lines, and nothing is to be kept. */
function styleOf({ type }: Scalar): Style | undefined {
  if (type === 'QUOTE_DOUBLE') return 'double'
  if (type === 'QUOTE_SINGLE') return 'single'
  return type === 'PLAIN' ? 'plain' : undefined
}

function habitsOf(text: string, contents: Node | null): Habits {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const inner = isYamlMap<Node, Node | null>(contents)
    ? contents.items.map((item) => item.value).find((value) => isYamlMap(value) && value.flow !== true)
    : undefined
  const column = inner?.range ? columnOf(text, inner.range[0]) : 0
  return { step: ' '.repeat(column === 0 ? 2 : column), eol }
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

/** Where the line ends that something ends on, its line end included. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

function startOf(pair: Item): number {
  return pair.key.range?.[0] ?? 0
}

function endOf(pair: Item): number {
  const beyond = colonEnd(pair) ?? pair.key.range?.[1] ?? 0
  return isImplicitNull(pair.value) ? beyond : leafEnd(pair.value)
}

function colonEnd({ srcToken }: Item): number | undefined {
  const colon = srcToken?.sep?.find((token) => token.type === 'map-value-ind')
  return colon === undefined ? undefined : colon.offset + 1
}

/** Where the last thing in it ends. The range of a block reaches further: over comments that follow it. */
function leafEnd(node: Node): number {
  const end = node.range?.[1] ?? 0
  if (isYamlMap<Node, Node | null>(node) && node.flow !== true) {
    const last = node.items.at(-1)
    return last === undefined ? end : endOf(last)
  }
  if (!isSeq<Node>(node) || node.flow === true) return end
  const last = node.items.at(-1)
  if (last === undefined || isPair(last)) return end
  return isImplicitNull(last)
    ? node.srcToken?.type === 'block-seq'
      ? dashEnd(node.srcToken.items.at(-1), end)
      : end
    : leafEnd(last)
}

function dashEnd(
  item: { readonly start: readonly { type: string; offset: number }[] } | undefined,
  end: number,
): number {
  const dash = item?.start.find((token) => token.type === 'seq-item-ind')
  return dash === undefined ? end : dash.offset + 1
}

function walk(node: Node | null, [key, ...rest]: KeyPath): YAMLMap<Node, Node | null> | undefined {
  if (!isYamlMap<Node, Node | null>(node)) return undefined
  return key === undefined ? node : walk(pairOf(node, key)?.value ?? null, rest)
}

function pairOf(map: YAMLMap<Node, Node | null>, key: Key): Item | undefined {
  return map.items.find((pair) => keyOf(pair.key) === key)
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to)
}
