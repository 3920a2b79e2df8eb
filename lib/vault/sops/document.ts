import { createHash } from 'node:crypto'
import { isAlias, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml'
import type { ParsedNode } from 'yaml'
import { aliasTargets } from '../../text/yaml-aliases.ts'
import { goFloat, goScalar } from './go-scalar.ts'
import { isEncrypted, isRecord, readMetadata, type SopsMetadata } from './metadata.ts'
import { decryptBound, decryptSopsValue, isSopsValue, parseSopsValue, type SopsType } from './value.ts'

/** A file of SOPS, taken apart. */
export interface SopsDocument {
  readonly text: string
  readonly metadata: SopsMetadata
  /** Where SOPS wrote what it needs itself, and what stands there when the values are opened. */
  readonly own: readonly { readonly at: Range; readonly by: string }[]
  readonly leaves: readonly Leaf[]
}

export type Range = readonly [from: number, to: number]

/** One value, in the order of the file. */
export interface Leaf {
  /** The names of the keys above it. Places in lists do not count. */
  readonly names: readonly string[]
  /** The way to it, places in lists too. */
  readonly path: readonly (string | number)[]
  readonly at: Range
  readonly text: string
  /** What the checksum counts of it when it is not encrypted; undefined for nothing. */
  readonly counted: Buffer | undefined
}

/** A value that was encrypted. */
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

/** A file in YAML or JSON; undefined for a text that SOPS did not write. */
export function readSopsDocument(text: string): SopsDocument | { readonly problem: SopsProblem } | undefined {
  if (!/(?:^|[{,])\s*["']?sops["']?\s*:/m.test(text)) return undefined
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
  })
  const { contents } = document
  if (!isMap(contents) || document.errors.length > 0) return undefined
  const items = contents.items as { key: ParsedNode; value: ParsedNode | null }[]
  const pair = items.find(({ key }) => isScalar(key) && key.value === 'sops')
  const raw: unknown = pair?.value?.toJS(document)
  if (pair?.value === undefined || pair.value === null || !isRecord(raw) || !('mac' in raw || 'lastmodified' in raw))
    return undefined
  const [from, to] = pair.value.range
  const read = readMetadata(raw)
  if ('wrong' in read)
    return { problem: { at: from, message: `the file says that SOPS encrypted it, but ${read.wrong}` } }
  const leaves: Leaf[] = []
  const targets = aliasTargets(document)
  for (const { key, value } of items) {
    if (key === pair.key) continue
    const name = nameOf(key)
    collect(value, [name], [name], targets, leaves)
  }
  const by = `null${'\n'.repeat(text.slice(from, to).split('\n').length - 1)}`
  return { text, metadata: read.value, own: [{ at: [from, to], by }], leaves }
}

function collect(
  node: ParsedNode | null | undefined,
  names: readonly string[],
  path: readonly (string | number)[],
  targets: ReturnType<typeof aliasTargets>,
  leaves: Leaf[],
): void {
  if (node === null || node === undefined) return
  if (isAlias(node)) {
    collect(targets.get(node) as ParsedNode | undefined, names, path, targets, leaves)
  } else if (isMap(node)) {
    for (const { key, value } of node.items as { key: ParsedNode; value: ParsedNode | null }[]) {
      const name = nameOf(key)
      collect(value, [...names, name], [...path, name], targets, leaves)
    }
  } else if (isSeq(node)) {
    for (const [at, item] of node.items.entries()) collect(item, names, [...path, at], targets, leaves)
  } else {
    const [from, to] = node.range
    leaves.push({ names, path, at: [from, to], text: node.source, counted: countedOf(node) })
  }
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

/** All values that were encrypted, when the whole file is as SOPS left it. */
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
      message: 'the file was changed since SOPS encrypted it: its checksum is another one',
      hint: 'take it from the repository as it was, or look at the change and let SOPS write the file: sops FILE',
    },
  }
}

/** SHA-256 of `sops`: so a checksum over encrypted values alone is never one over all of them. */
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
    message: `the encrypted value of ${under} was changed, or stands under another name than when it was encrypted`,
    hint: 'take the file from the repository as it was, or write the value anew: sops FILE',
  }
}

function countedSecret(type: SopsType, bytes: Buffer): Buffer {
  const text = bytes.toString('utf8')
  if (type === 'bool') return Buffer.from(/^(?:1|t|true)$/i.test(text) ? 'True' : 'False')
  if (type === 'float' && Number.isFinite(Number(text))) return Buffer.from(goFloat(Number(text)))
  return bytes
}
