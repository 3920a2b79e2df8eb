import type { Secret } from '../secret.ts'

/** What a structured file holds: the data without its form. */
export type Tree = null | boolean | number | string | readonly Tree[] | ReadonlyMap<string, Tree>

/** A value to be set. Maps are merged into those that are there; lists and everything else replace what is there. */
export type Setting = null | boolean | number | string | Secret | readonly Setting[] | Settings

/** Keys and their values. A key that is `undefined` is left as it is. */
export interface Settings {
  readonly [key: string]: Setting | undefined
}

/** Where in a file: the names of the keys from the top. */
export type KeyPath = readonly string[]

/** What is to happen to one key. A side that is left out means: no such key. */
export interface KeyEdit {
  readonly path: KeyPath
  readonly before?: Tree
  readonly after?: Setting
}

/** What has to be done to a tree until everything in `set` is in it and nothing of `remove` is. Nothing more than that. */
export function differences(live: ReadonlyMap<string, Tree>, set: Settings, remove: readonly KeyPath[]): KeyEdit[] {
  const edits = missing(live, set, [])
  let now = applied(live, edits)
  for (const path of remove) {
    const before = path.reduce<Tree | undefined>((tree, key) => (isMap(tree) ? tree.get(key) : undefined), now)
    if (before === undefined) continue
    edits.push({ path, before })
    now = at(now, path, undefined)
  }
  return edits
}

function missing(live: ReadonlyMap<string, Tree>, set: Settings, above: KeyPath): KeyEdit[] {
  return Object.entries(set).flatMap(([key, after]): KeyEdit[] => {
    if (after === undefined) return []
    const path = [...above, key]
    const before = live.get(key)
    if (isMap(before) && isSettings(after)) return missing(before, after, path)
    if (before === undefined) return [{ path, after }]
    return equal(before, revealed(after)) ? [] : [{ path, before, after }]
  })
}

/** The tree as it is to be afterwards: what an edited text is held against. */
export function applied(tree: Tree, edits: readonly KeyEdit[]): Tree {
  return edits.reduce((now, { path, after }) => at(now, path, after === undefined ? undefined : revealed(after)), tree)
}

function at(tree: Tree, [key, ...rest]: KeyPath, value: Tree | undefined): Tree {
  if (key === undefined || !isMap(tree)) return tree
  const copy = new Map(tree)
  const below = copy.get(key)
  if (rest.length > 0) {
    if (below !== undefined) copy.set(key, at(below, rest, value))
  } else if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}

/** A setting as plain data, its secrets uncovered. */
export function revealed(setting: Setting): Tree {
  if (isSecret(setting)) return setting.reveal()
  if (isList(setting)) return setting.map(revealed)
  if (typeof setting !== 'object' || setting === null) return setting
  return new Map(
    Object.entries(setting).flatMap(([key, value]) => (value === undefined ? [] : [[key, revealed(value)] as const])),
  )
}

/** Whether two trees hold the same data. The order of keys says nothing, the order in a list does. */
export function equal(a: Tree, b: Tree): boolean {
  if (isMap(a) || isMap(b)) {
    if (!isMap(a) || !isMap(b) || a.size !== b.size) return false
    return [...a].every(([key, value]) => {
      const other = b.get(key)
      return other !== undefined && equal(value, other)
    })
  }
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false
    return a.every((value, index) => equal(value, b[index] ?? null))
  }
  return a === b
}

export function holdsSecret(setting: Setting | undefined): boolean {
  if (setting === undefined || setting === null || typeof setting !== 'object') return false
  return isSecret(setting) || Object.values(setting).some(holdsSecret)
}

export function isMap(tree: Tree | undefined): tree is ReadonlyMap<string, Tree> {
  return tree instanceof Map
}

export function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

export function isSettings(setting: Setting | undefined): setting is Settings {
  return typeof setting === 'object' && setting !== null && !isList(setting) && !isSecret(setting)
}

export function isSecret(setting: Setting | undefined): setting is Secret {
  return typeof setting === 'object' && setting !== null && 'reveal' in setting && typeof setting.reveal === 'function'
}
