import type { Key, KeyedSettings, KeyPath, Setting, Settings } from './tree.ts'

/**
 * A claim of a resource on one thing of a host: the thing, such as `unit nginx.service`, and the wanted value. If the thing is at a path, the path is
 * separate, because links may give one file two paths.
 */
export type Declaration = readonly [thing: string, wanted: unknown, path?: string]

/** Declares everything about a path, so no other resource may declare anything different. */
export function pathDeclaration(kind: string, { path, ...want }: { readonly path: string }): readonly Declaration[] {
  return [['path', { kind, want }, path]]
}

/** What will be at a path, for kinds that know this before the host is asked: a file with this content, a directory, a link, or nothing. */
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
  /** Whether a file with this content already has the part; undefined content: there is no file. */
  readonly isIn: (content: Uint8Array | undefined) => boolean
}

/** Owner, group and mode that a resource keeps at its path. Two resources that keep different ones at one path contradict each other. */
export interface Access {
  readonly path: string
  /** The resource keeps them for everything below the path too. */
  readonly below?: boolean | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
  /** The mode of regular files: four octal digits. */
  readonly fileMode?: string | undefined
  /** The mode of directories: four octal digits. */
  readonly directoryMode?: string | undefined
  /**
   * The group permissions that an access control list needs as its mask: bits of rwx.
   *
   * Source: acl(5), CORRESPONDENCE BETWEEN ACL ENTRIES AND FILE PERMISSION BITS.
   */
  readonly list?: { readonly fileMode: number; readonly directoryMode: number } | undefined
}

/** Everything that a resource puts into a directory. */
export interface Contents {
  readonly path: string
  /** The resource removes everything else from the directory. */
  readonly prunes: boolean
  /** What the resource puts at a path relative to the directory; `left`: it keeps what is there, or its content is not known. */
  at(relative: string): Whole | 'left' | undefined
}

/** Declares each key of a structured file separately, since several resources may set different keys. */
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
