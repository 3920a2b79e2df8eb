import type { Key, KeyedSettings, KeyPath, Setting, Settings } from './tree.ts'

/**
 * What one resource declares of one thing on a host: the thing, such as `unit nginx.service`, and the wanted value. For a thing at a path the path
 * stands apart, because links may give one file two paths.
 */
export type Declaration = readonly [thing: string, wanted: unknown, path?: string]

/** Declares everything about a path: no other resource may declare anything different. */
export function pathDeclaration(kind: string, { path, ...want }: { readonly path: string }): readonly Declaration[] {
  return [['path', { kind, want }, path]]
}

/** What will be at a path, for kinds that know this before they ask the host: a file of this content, a directory, a link, or nothing. */
export type Whole = { readonly path: string } & (
  | { readonly type: 'file'; readonly content: Uint8Array; readonly mode?: string | undefined }
  | { readonly type: 'absent' }
  | { readonly type: 'dir' }
  | { readonly type: 'link'; readonly to: string }
)

/** A part of a file; another resource may write the whole file. */
export interface Part {
  readonly path: string
  readonly mode?: string | undefined
  /** Whether a file with this content already has the part; undefined: there is no file. */
  readonly isIn: (content: Uint8Array | undefined) => boolean
}

/** Owner, group and mode that a resource keeps at its path. Two resources that keep different ones there contradict one another. */
export interface Access {
  readonly path: string
  /** It keeps them for all that is below the path, too. */
  readonly below?: boolean | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** Of regular files. Four octal digits. */
  readonly fileMode?: string | undefined
  /** Of directories. Four octal digits. */
  readonly directoryMode?: string | undefined
  /**
   * What an access control list needs of the group's part of a mode, which is its mask: bits of rwx.
   *
   * Source: acl(5), CORRESPONDENCE BETWEEN ACL ENTRIES AND FILE PERMISSION BITS.
   */
  readonly list?: { readonly fileMode: number; readonly directoryMode: number } | undefined
}

/** All that a resource brings into a directory. */
export interface Contents {
  readonly path: string
  /** It removes everything else from the directory. */
  readonly prunes: boolean
  /** What it puts at a path relative to the directory; `left`: whatever is there stays, or nobody knows what it puts there. */
  at(relative: string): Whole | 'left' | undefined
}

/** Declares each key of a structured file separately: several resources may set different keys. */
export function keyDeclarations(
  file: string,
  set: Settings | KeyedSettings,
  remove: readonly KeyPath[],
  above: KeyPath = [],
): readonly Declaration[] {
  const thing = (path: KeyPath) => `key ${path.map(String).join('.')} of`
  const entries: Iterable<readonly [Key, Setting | undefined]> = set instanceof Map ? set : Object.entries(set)
  const declarations = [...entries].flatMap(([key, value]): readonly Declaration[] => {
    const path = [...above, key]
    if (value === undefined) return []
    return isMap(value) ? keyDeclarations(file, value, [], path) : [[thing(path), value, file]]
  })
  return [...declarations, ...remove.map((path): Declaration => [thing(path), undefined, file])]
}

function isMap(value: Setting): value is Settings | KeyedSettings {
  if (value instanceof Map) return true
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
}
