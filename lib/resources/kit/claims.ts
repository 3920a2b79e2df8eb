import type { Key, KeyedSettings, KeyPath, Setting, Settings } from './tree.ts'

/** A thing on a host, such as `path /etc/motd`, and what is wanted of it. */
export type Claim = readonly [thing: string, wanted: unknown]

/** The whole of a path: nobody else may say something else of it. */
export function pathClaim(kind: string, want: { readonly path: string }): readonly Claim[] {
  return [[`${PATH}${want.path}`, { kind, want }]]
}

const PATH = 'path '

/** The path that a claim is about, if it is about one. */
export function claimedPath([thing]: Claim): string | undefined {
  return thing.startsWith(PATH) ? thing.slice(PATH.length) : undefined
}

/** Each key of a structured file by itself: several resources may set different ones. */
export function keyClaims(
  file: string,
  set: Settings | KeyedSettings,
  remove: readonly KeyPath[],
  above: KeyPath = [],
): readonly Claim[] {
  const thing = (path: KeyPath) => `key ${path.map(String).join('.')} of ${file}`
  const entries: Iterable<readonly [Key, Setting | undefined]> = set instanceof Map ? set : Object.entries(set)
  const claims = [...entries].flatMap(([key, value]): readonly Claim[] => {
    const path = [...above, key]
    if (value === undefined) return []
    return isMap(value) ? keyClaims(file, value, [], path) : [[thing(path), value]]
  })
  return [...claims, ...remove.map((path): Claim => [thing(path), undefined])]
}

function isMap(value: Setting): value is Settings | KeyedSettings {
  if (value instanceof Map) return true
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
}
