import { isAlias, isMap as isYamlMap, isScalar, isSeq, Lexer, LineCounter } from 'yaml'
import type { Document, Node, YAMLMap } from 'yaml'
import { MOST_LEVELS } from '../../text/levels.ts'
import { aliasTargets } from '../../text/yaml/aliases.ts'
import { parseYamlDocument } from '../../text/yaml/document.ts'
import { memoizeByText } from '../../memoize.ts'
import { Broken } from './structured.ts'
import { hasMoreLines } from '../kit/text.ts'
import { isList, isMap, WrittenMap, type Key, type Tree } from '../kit/tree.ts'

/** The data in a YAML text of one document; keys as texts. A text that says nothing is an empty map. */
export function parseYaml(text: string): Tree {
  const document = parsed(text)
  if (isImplicitNull(document.contents)) return new Map()
  const reading: Reading = { targets: aliasTargets(document), text, above: new Set(), values: 0 }
  return treeOf(document.contents, reading)
}

export function isImplicitNull(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1])
}

/** A number that a number of JavaScript cannot tell from its neighbours counts as its text in the file. */
export function keyOf(key: Node | null): Key {
  if (key === null) return null
  if (!isScalar(key)) return String(key)
  const { value, source } = key
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  const isExact = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return isExact ? value : (source ?? String(key))
}

/** The parser keeps much of each line, also of an empty one, and of each word: a million of them cost it four seconds and a gigabyte. */
const MOST_LINES = 20_000
const MOST_TOKENS = 80_000
/** A shorter text cannot have so many. */
const SHORT = MOST_TOKENS

function hasMoreTokens(text: string, most: number): boolean {
  const lexer = new Lexer().lex(text)
  for (let tokens = 0; lexer.next().done !== true; tokens++) if (tokens >= most) return true
  return false
}

export const parsed = memoizeByText(documentOf)

function documentOf(text: string): Document.Parsed {
  if (hasMoreLines(text, MOST_LINES)) throw new Broken(`it has more than ${MOST_LINES} lines`, MOST_LINES + 1, 1)
  if (text.length > SHORT && hasMoreTokens(text, MOST_TOKENS))
    throw new Broken(`it has more than ${MOST_TOKENS} words and signs`, 1, 1)
  const lineCounter = new LineCounter()
  const options = {
    lineCounter,
    keepSourceTokens: true,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  } as const
  const document = parseYamlDocument(text, options)
  const [error] = document.errors
  if (error === undefined) return document
  const { line, col } = lineCounter.linePos(error.pos[0])
  throw new Broken(error.code === 'MULTIPLE_DOCS' ? 'a second document begins' : error.message, line, col)
}

/** Aliases may refer to one another, so a short text may expand to more than any memory holds. */
const MOST_VALUES = 200_000

interface Reading {
  readonly targets: ReturnType<typeof aliasTargets>
  readonly text: string
  /** The parents of the present node. */
  readonly above: Set<Node>
  /** How many were read. */
  values: number
}

function brokenAt(text: string, at: number, message: string): Broken {
  const before = text.slice(0, at).split('\n')
  return new Broken(message, before.length, (before.at(-1) ?? '').length + 1)
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
  const { targets, above } = reading
  if (above.has(node)) throw new Broken('it holds itself', 1, 1)
  if (++reading.values > MOST_VALUES) throw new Broken(`it holds more than ${MOST_VALUES} values`, 1, 1)
  // Aliases of aliases are levels as well.
  if (above.size > MOST_LEVELS) throw new Broken(`it is nested more than ${MOST_LEVELS} levels deep`, 1, 1)
  above.add(node)
  const tree = isAlias(node) ? treeOf(targets.get(node) ?? null, reading) : valueOf(node, reading)
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
