import { isAlias, isMap as isYamlMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, Scalar, YAMLMap } from 'yaml'
import { Broken } from './structured.ts'
import { applied, equal, isList, isMap, WrittenMap, type Key, type KeyPath, type Tree } from '../kit/tree.ts'
import { behindColon, inline, pairs, type Habits, type Style } from './yaml-print.ts'

/** The data in a YAML text of one document; keys as texts. A text that says nothing is an empty map. */
export function parseYaml(text: string): Tree {
  const document = parsed(text)
  if (isImplicitNull(document.contents)) return new Map()
  const reading: Reading = { document, text, above: new Set(), values: 0 }
  return notTooDeep(() => treeOf(document.contents, reading))
}

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
  // A text that keeps its line ends (`|+`) stands before it, and would take the empty lines behind it for its own.
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

function isImplicitNull(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1])
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

/** A number that a number of JavaScript cannot tell from its neighbours counts as the text that stands there. */
function keyOf(key: Node | null): Key {
  if (key === null) return null
  if (!isScalar(key)) return String(key)
  const { value, source } = key
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  const isExact = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return isExact ? value : (source ?? String(key))
}

function splice(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to)
}

function parsed(text: string): Document.Parsed {
  const lineCounter = new LineCounter()
  const options = {
    lineCounter,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  } as const
  const document = notTooDeep(() => parseDocument(text, options))
  const [error] = document.errors
  if (error === undefined) return document
  const { line, col } = lineCounter.linePos(error.pos[0])
  throw new Broken(error.code === 'MULTIPLE_DOCS' ? 'a second document begins' : error.message, line, col)
}

/** Aliases may stand for one another, and so a short text for more than any memory holds. */
const MOST_VALUES = 200_000

interface Reading {
  readonly document: Document
  readonly text: string
  /** The nodes that the present one stands in. */
  readonly above: Set<Node>
  /** How many were read. */
  values: number
}

function brokenAt(text: string, at: number, message: string): Broken {
  const before = text.slice(0, at).split('\n')
  return new Broken(message, before.length, (before.at(-1) ?? '').length + 1)
}

/** The parser calls itself for each level of a text. */
function notTooDeep<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw new Broken('it is nested too deep', 1, 1)
    throw error
  }
}

function mapOf(map: YAMLMap<Node, Node | null>, reading: Reading): WrittenMap {
  const written = new Map<string, Key>()
  const names = new Set<Key>()
  const entries = map.items.map(({ key, value }) => {
    const name = keyOf(key)
    // The parser's own look at this compares each key with each.
    if (names.has(name) && name !== '<<') throw brokenAt(reading.text, key.range?.[0] ?? 0, 'Map keys must be unique')
    names.add(name)
    if (isScalar(key) && typeof name !== 'string' && key.source !== undefined) written.set(key.source, name)
    return [name, treeOf(value, reading)] as const
  })
  const merge = map.items.findIndex(({ key }) => isScalar(key) && key.type === 'PLAIN' && key.value === '<<')
  const from = entries[merge]?.[1]
  const sources = (isList(from) ? from : [from]).flatMap((each) => (isMap(each) ? [each] : []))
  // The first source wins over later ones.
  const merged = new Map(
    sources.toReversed().flatMap((each) => [...(each instanceof WrittenMap ? each.merged : []), ...each]),
  )
  return new WrittenMap(entries, written, merged)
}

function treeOf(node: Node | null, reading: Reading): Tree {
  if (node === null) return null
  const { document, above } = reading
  if (above.has(node)) throw new Broken('it holds itself', 1, 1)
  if (++reading.values > MOST_VALUES) throw new Broken(`it holds more than ${MOST_VALUES} values`, 1, 1)
  above.add(node)
  const tree = isAlias(node) ? treeOf(node.resolve(document) ?? null, reading) : valueOf(node, reading)
  above.delete(node)
  return tree
}

function valueOf(node: Node, reading: Reading): Tree {
  if (isYamlMap<Node, Node | null>(node)) return mapOf(node, reading)
  if (isSeq<Node>(node)) return node.items.map((item) => treeOf(item, reading))
  const value: unknown = isScalar(node) ? node.value : undefined
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  return isScalar(node) ? (node.source ?? '') : null
}
