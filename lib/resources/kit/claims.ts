import type { Key, KeyedSettings, KeyPath, Setting, Settings } from './tree.ts'

/** A thing on a host, such as `unit nginx.service`, and what is wanted of it; a thing at a path has that apart: `path`, and `/etc/motd`. */
export type Claim = readonly [thing: string, wanted: unknown, path?: string]

/** The whole of a path: nobody else may say something else of it. */
export function pathClaim(kind: string, { path, ...want }: { readonly path: string }): readonly Claim[] {
  return [['path', { kind, want }, path]]
}

/** What stands at a path afterwards, where a kind says that beforehand: a file of this content, a directory, a link, or nothing. */
export type Whole = { readonly path: string } & (
  | { readonly type: 'file'; readonly content: Uint8Array; readonly mode?: string | undefined }
  | { readonly type: 'absent' }
  | { readonly type: 'dir' }
  | { readonly type: 'link'; readonly to: string }
)

/** A part of a file, which somebody else may write whole. */
export interface Part {
  readonly path: string
  readonly mode?: string | undefined
  /** Whether nothing is to be done to a file with this content; undefined: there is none. */
  readonly isIn: (content: Uint8Array | undefined) => boolean
}

/** Each key of a structured file by itself: several resources may set different ones. */
export function keyClaims(
  file: string,
  set: Settings | KeyedSettings,
  remove: readonly KeyPath[],
  above: KeyPath = [],
): readonly Claim[] {
  const thing = (path: KeyPath) => `key ${path.map(String).join('.')} of`
  const entries: Iterable<readonly [Key, Setting | undefined]> = set instanceof Map ? set : Object.entries(set)
  const claims = [...entries].flatMap(([key, value]): readonly Claim[] => {
    const path = [...above, key]
    if (value === undefined) return []
    return isMap(value) ? keyClaims(file, value, [], path) : [[thing(path), value, file]]
  })
  return [...claims, ...remove.map((path): Claim => [thing(path), undefined, file])]
}

function isMap(value: Setting): value is Settings | KeyedSettings {
  if (value instanceof Map) return true
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
}
