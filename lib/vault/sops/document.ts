import { createHash } from 'node:crypto'
import { isAlias, isMap, isScalar, isSeq, Scalar } from 'yaml'
import type { ParsedNode, YAMLSeq } from 'yaml'
import { MOST_LEVELS } from '../../text/levels.ts'
import { aliasTargets } from '../../text/yaml/aliases.ts'
import { parseYamlDocument } from '../../text/yaml/document.ts'
import { goFloat, goScalar } from './go-scalar.ts'
import { isRecord } from '../../is-record.ts'
import { isEncrypted, readMetadata, type SopsMetadata } from './metadata.ts'
import { decryptBound, decryptSopsValue, isSopsValue, parseSopsValue, type SopsType } from './value.ts'

/** A parsed SOPS file. */
export interface SopsDocument {
  readonly text: string
  readonly metadata: SopsMetadata
  /** The ranges of SOPS' own metadata and of encrypted comments, and their replacements in the decrypted text. */
  readonly own: readonly { readonly at: Range; readonly by: string }[]
  readonly leaves: readonly Leaf[]
}

export type Range = readonly [from: number, to: number]

/** One value, in the order of the file. */
export interface Leaf {
  /** The names of the keys above the value, without positions in lists. */
  readonly names: readonly string[]
  /** The path to the value, with positions in lists. */
  readonly path: readonly (string | number)[]
  readonly at: Range
  readonly text: string
  /** The part of an unencrypted value that goes into the checksum; undefined for none. */
  readonly counted: Buffer | undefined
}

/** An encrypted value. */
export interface SopsSecret {
  readonly leaf: Leaf
  readonly type: SopsType
  readonly text: string
}

export interface SopsProblem {
  /** An offset in the text. */
  readonly at: number
  readonly message: string
  readonly hint?: string
}

/** Parses a YAML or JSON file; undefined for a text that SOPS did not write. */
export function readSopsDocument(text: string): SopsDocument | { readonly problem: SopsProblem } | undefined {
  if (!/(?:^|[{,])\s*["']?sops["']?\s*:/m.test(text)) return undefined
  const document = parseYamlDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
  })
  const { contents } = document
  if (!isMap(contents) || document.errors.length > 0) return undefined
  const items = contents.items as { key: ParsedNode; value: ParsedNode | null }[]
  const pair = items.find(({ key }) => isScalar(key) && key.value === 'sops')
  const targets = aliasTargets(document)
  const raw = pair?.value && dataOf(pair.value, targets)
  if (pair?.value === undefined || pair.value === null || !isRecord(raw) || !('mac' in raw || 'lastmodified' in raw))
    return undefined
  const [from, to] = pair.value.range
  const read = readMetadata(raw)
  if ('wrong' in read)
    return { problem: { at: from, message: `the file says that SOPS encrypted it, but ${read.wrong}` } }
  const leaves: Leaf[] = []
  const into: Collected = { targets, leaves, comments: new Map(), values: 0 }
  for (const { key, value } of items) {
    if (key === pair.key) continue
    const name = nameOf(key)
    const problem = collect(value, [name], [name], into)
    if (problem !== undefined) return { problem }
  }
  const by = `null${'\n'.repeat(text.slice(from, to).split('\n').length - 1)}`
  const comments = [...into.comments.values()].map((comment) => withoutComment(comment, text))
  return { text, metadata: read.value, own: [{ at: [from, to], by }, ...comments], leaves }
}

/** Nested aliases can expand to billions of values, and to as many levels as there are lines. */
const MOST_VALUES = 100_000

interface Collected {
  readonly targets: ReturnType<typeof aliasTargets>
  readonly leaves: Leaf[]
  /** By their offsets: an alias repeats those of its anchor. */
  readonly comments: Map<number, Comment>
  values: number
}

/** An encrypted comment of a list. SOPS writes it as an item, which is none once it is decrypted. */
interface Comment {
  readonly at: Range
  /** The list has no other items. */
  readonly isAlone: boolean
}

function isComment(item: ParsedNode): item is Scalar.Parsed {
  return isScalar(item) && parseSopsValue(item.source)?.type === 'comment'
}

function withoutComment({ at: [from, to], isAlone }: Comment, text: string): SopsDocument['own'][number] {
  const dash = text.lastIndexOf('-', from)
  return { at: [dash, to], by: isAlone ? '  []' : '#' }
}

/** All values under a key, or the problem of a structure without end. */
function collect(
  node: ParsedNode | null | undefined,
  names: readonly string[],
  path: readonly (string | number)[],
  into: Collected,
): SopsProblem | undefined {
  if (node === null || node === undefined) return undefined
  const [from, to] = node.range
  if (path.length > MOST_LEVELS) return { at: from, message: `this is nested more than ${MOST_LEVELS} levels deep` }
  if (++into.values > MOST_VALUES)
    return { at: from, message: `the file has more than ${MOST_VALUES} values with its aliases` }
  if (isAlias(node)) return collect(into.targets.get(node) as ParsedNode | undefined, names, path, into)
  if (isScalar(node)) {
    into.leaves.push({ names, path, at: [from, to], text: node.source, counted: countedOf(node) })
    return undefined
  }
  const inside = isSeq(node)
    ? itemsOf(node, into).map((item, at) => ({ item, step: at, below: names }))
    : (node.items as { key: ParsedNode; value: ParsedNode | null }[]).map(({ key, value }) => {
        const name = nameOf(key)
        return { item: value, step: name, below: [...names, name] }
      })
  for (const { item, step, below } of inside) {
    const problem = collect(item, below, [...path, step], into)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** The items of a list, without comments. */
function itemsOf({ items, flow }: YAMLSeq.Parsed, { comments }: Collected): readonly ParsedNode[] {
  const found = flow === true ? [] : items.filter(isComment)
  const isAlone = found.length === items.length
  for (const [at, { range }] of found.entries())
    comments.set(range[0], { at: [range[0], range[1]], isAlone: isAlone && at === 0 })
  return items.filter((item) => flow === true || !isComment(item))
}

/** The data under `sops:`. An alias becomes its anchor's value; an alias without an anchor, or inside its own anchor, becomes undefined. */
function dataOf(
  node: ParsedNode,
  targets: ReturnType<typeof aliasTargets>,
  known = new Map<unknown, unknown>(),
): unknown {
  if (isAlias(node)) return known.get(targets.get(node))
  const inside = (each: ParsedNode | null) => each && dataOf(each, targets, known)
  const items = isScalar(node) ? [] : (node.items as { key: ParsedNode; value: ParsedNode | null }[])
  const data = isScalar(node)
    ? node.value
    : isSeq(node)
      ? node.items.map(inside)
      : Object.fromEntries(items.map(({ key, value }) => [nameOf(key), inside(value)]))
  known.set(node, data)
  return data
}

function nameOf(key: ParsedNode): string {
  return isScalar(key) ? key.source : ''
}

function countedOf(node: Scalar.Parsed): Buffer | undefined {
  const text = node.source
  if (node.tag === 'tag:yaml.org,2002:binary') return Buffer.from(text, 'base64')
  const isText = node.type !== Scalar.PLAIN || node.tag === '!' || node.tag === 'tag:yaml.org,2002:str'
  const counted = isText && node.tag !== 'tag:yaml.org,2002:int' ? text : goScalar(text)
  return counted === undefined ? undefined : Buffer.from(counted)
}

/** All encrypted values, if the checksum proves that the file is unchanged. */
export function openSopsDocument(
  { leaves, metadata, own }: SopsDocument,
  key: Buffer,
): { readonly secrets: readonly SopsSecret[] } | { readonly problem: SopsProblem } {
  const secrets: SopsSecret[] = []
  const hash = createHash('sha512')
  if (metadata.macOnlyEncrypted) hash.update(ONLY_ENCRYPTED)
  for (const leaf of leaves) {
    if (!isEncrypted(metadata.rule, leaf.names, isSopsValue(leaf.text))) {
      if (!metadata.macOnlyEncrypted && leaf.counted !== undefined) hash.update(leaf.counted)
      continue
    }
    if (leaf.text === '' || leaf.counted === undefined) continue
    const opened = openLeaf(leaf, key)
    if ('message' in opened) return { problem: opened }
    secrets.push({ leaf, type: opened.type, text: opened.bytes.toString('utf8') })
    hash.update(countedSecret(opened.type, opened.bytes))
  }
  const mac = parseSopsValue(metadata.mac ?? '')
  const expected = mac && decryptBound(mac, key, metadata.lastModified)?.toString('utf8')
  if (expected === hash.digest('hex').toUpperCase()) return { secrets }
  return {
    problem: {
      at: own[0]?.at[0] ?? 0,
      message: 'the file was changed since SOPS encrypted it: its checksum does not match',
      hint: 'take it from the repository as it was, or look at the change and let SOPS write the file: sops FILE',
    },
  }
}

/** SHA-256 of `sops`. It keeps a checksum over encrypted values only from being equal to one over all values. */
const ONLY_ENCRYPTED = Buffer.from('8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69', 'hex')

function openLeaf({ names, text, at }: Leaf, key: Buffer): { type: SopsType; bytes: Buffer } | SopsProblem {
  const under = names.join('.')
  const value = parseSopsValue(text)
  if (value === undefined) {
    return {
      at: at[0],
      message: isSopsValue(text)
        ? `the encrypted value of ${under} is damaged`
        : `${under} is not encrypted, and by the rule of this file it has to be`,
      hint: isSopsValue(text) ? 'take the file from the repository as it was' : 'let SOPS write the file: sops FILE',
    }
  }
  const bytes = decryptSopsValue(value, key, names)
  if (bytes !== undefined) return { type: value.type, bytes }
  return {
    at: at[0],
    message: `the encrypted value of ${under} was changed, or its name was changed after it was encrypted`,
    hint: 'take the file from the repository as it was, or write the value again: sops FILE',
  }
}

function countedSecret(type: SopsType, bytes: Buffer): Buffer {
  const text = bytes.toString('utf8')
  if (type === 'bool') return Buffer.from(/^(?:1|t|true)$/i.test(text) ? 'True' : 'False')
  if (type === 'float' && Number.isFinite(Number(text))) return Buffer.from(goFloat(Number(text)))
  return bytes
}
