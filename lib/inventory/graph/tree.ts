import type { Place } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import type { Typed } from '../../text/typed.ts'
import type { SecretCommand } from '../../vault/command-secret.ts'

/** The file (or `-e` argument) of a node. It converts an offset in the text to line and column. */
export interface Source {
  readonly file: string
  /** Relative paths written in this source start here. */
  readonly directory: string
  /** The file is encrypted: its texts are secrets. */
  readonly isSecret?: boolean
  place(offset: number): Place
  /** Decrypts a `!vault` value of this source, or runs a program for a value. */
  openValue(sealed: string | SecretCommand, place: Place): Secret
}

interface Standing {
  readonly source: Source
  readonly offset: number
}

export type Scalar = string | number | boolean | null | Secret

/** A YAML value with its place. Aliases and merge keys are already resolved. */
export type YamlNode = ScalarNode | ListNode | MapNode

export interface ScalarNode extends Standing {
  readonly kind: 'scalar'
  /** The value as Ansible reads it: YAML 1.1, or a Python literal in an INI file. Reading this property decrypts a `!vault` value or runs the program for a secret. */
  readonly value: Scalar
  /** `unsafe`: the text is never a template. `vault`: the value is encrypted in the file, or printed by a program. */
  readonly tag?: 'unsafe' | 'vault'
  /** The spelling of a value that is no text, where it matters: `0644`, `yes`, `1.10`. */
  readonly spelled?: string
  /** The type in Python, where the value does not tell: `1.0` is a float. */
  readonly type?: Typed['type']
}

export interface ListNode extends Standing {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

export interface MapNode extends Standing {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

/** One `key: value` of a map. Its place is that of the key. */
export interface Entry extends Standing {
  /** As written. */
  readonly key: string
  /** What the key is in Python, where that is no text: `yes:` is True, `80:` a number. */
  readonly typed?: number | boolean | null | Typed
  readonly node: YamlNode
}

export function standsAt(it: YamlNode | Entry): Place {
  return it.source.place(it.offset)
}

/** A value whose texts are no templates. */
export function asUnsafe(node: YamlNode): YamlNode {
  switch (node.kind) {
    case 'scalar':
      return node.tag === 'vault' ? node : { ...node, tag: 'unsafe' }
    case 'list':
      return { ...node, items: node.items.map(asUnsafe) }
    case 'map':
      return {
        ...node,
        entries: new Map(Array.from(node.entries, ([key, entry]) => [key, { ...entry, node: asUnsafe(entry.node) }])),
      }
  }
}

export function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.tag === undefined && node.value === null
}

/** The plain, frozen JavaScript value: frozen because many hosts share it. */
export function plain(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return Object.freeze(node.items.map(plain))
    case 'map':
      return Object.freeze(
        Object.fromEntries(Array.from(node.entries.values(), (entry) => [entry.key, plain(entry.node)])),
      )
  }
}

/**
 * The place of the value at `path` inside a node. A missing value has the place of the map or list that should contain it.
 *
 * @example
 * placeWithin(zones, [1, 'name'])   // { file: 'inventory/group_vars/dns.yml', line: 9, column: 13 }
 */
export function placeWithin(node: YamlNode, path: readonly (string | number)[]): Place {
  let holder: YamlNode | Entry = node
  for (const step of path) {
    const inside: YamlNode | Entry | undefined = child('node' in holder ? holder.node : holder, step)
    if (inside === undefined) break
    holder = inside
  }
  // An empty value has no text, so its place is that of its key.
  if ('node' in holder && !isEmpty(holder.node)) return standsAt(holder.node)
  return standsAt(holder)
}

function child(node: YamlNode, step: string | number): YamlNode | Entry | undefined {
  switch (node.kind) {
    case 'scalar':
      return undefined
    case 'list':
      return node.items[Number(step)]
    case 'map':
      return node.entries.get(String(step))
  }
}

const LONGEST_QUOTE = 60

/** Describes a node, for the `got` of a problem: `a list of 3`, `the number 5`, `nothing`. */
export function describe(node: YamlNode): string {
  switch (node.kind) {
    case 'list':
      return `a list of ${node.items.length}`
    case 'map':
      return 'a map'
    case 'scalar':
      return describeScalar(node.value)
  }
}

/** Like `describe`, but names only the type, because the value may be a secret. */
export function describeType(node: YamlNode): string {
  if (node.kind !== 'scalar' || node.value === null) return describe(node)
  if (typeof node.value === 'number') return 'a number'
  return typeof node.value === 'boolean' ? 'true or false' : 'a text'
}

function describeScalar(value: Scalar): string {
  if (value === null) return 'nothing'
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Secret) return 'a secret'
  const short = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}...` : value
  return `the text ${JSON.stringify(short)}`
}
