import type { Secret } from '../../secret.ts'

/** The type of a key: in JSON and INI a text, in YAML also a number, a boolean or null. */
export type Key = string | number | boolean | null

/** The data of a structured file, without its form. */
export type Tree = null | boolean | number | string | readonly Tree[] | ReadonlyMap<Key, Tree>

/** A value to set. Maps are merged into existing ones; lists and everything else replace what is there. */
export type Setting = null | boolean | number | string | Secret | readonly Setting[] | Settings | KeyedSettings

/** Keys and their values. A key that is `undefined` is left unchanged. */
export interface Settings {
  readonly [key: string]: Setting | undefined
}

/** The same with keys that are not texts: `new Map([[8080, 'web'], [true, 'on']])`. */
export type KeyedSettings = ReadonlyMap<Key, Setting | undefined>

/** A place in a file: the names of the keys from the top. */
export type KeyPath = readonly Key[]

/** The change of one key. A missing side means that the key is absent. */
export interface KeyEdit {
  readonly path: KeyPath
  readonly before?: Tree
  readonly after?: Setting
  /** Why the edit cannot be done: completes `PATH cannot be edited safely at KEY: it`. */
  readonly unsafe?: string
}

/** A map of a format whose keys may be other than texts. */
export class WrittenMap extends Map<Key, Tree> {
  /** How keys that are not texts are written in the file: `0x10` is 16. */
  readonly written: ReadonlyMap<string, Key>
  /** The entries that a merge key (`<<`) brings in, which are not written here. */
  readonly merged: ReadonlyMap<Key, Tree>

  constructor(
    entries: Iterable<readonly [Key, Tree]>,
    written: ReadonlyMap<string, Key>,
    merged: ReadonlyMap<Key, Tree> = new Map(),
  ) {
    super(entries)
    this.written = written
    this.merged = merged
  }
}

/** The smallest edit after which a tree has everything in `set` and nothing of `remove`. */
export function differences(
  live: ReadonlyMap<Key, Tree>,
  set: Settings | KeyedSettings,
  remove: readonly KeyPath[],
): KeyEdit[] {
  const edits = missing(live, set, [])
  let now = applied(live, edits)
  for (const names of remove) {
    const { path, before, isMerged } = follow(now, names)
    if (isMerged) edits.push({ path, unsafe: 'comes in by a merge key (<<), so it cannot be removed here' })
    if (before === undefined) continue
    edits.push({ path, before })
    now = at(now, path, undefined)
  }
  return edits
}

/** The keys of a tree that these names mean, and their values. */
function follow(tree: Tree, names: KeyPath) {
  const path: Key[] = []
  let now: Tree | undefined = tree
  let isMerged = false
  for (const name of names) {
    const key: Key = isMap(now) ? keyIn(now, name) : name
    path.push(key)
    const below: Tree | undefined = isMap(now) ? now.get(key) : undefined
    isMerged = below === undefined && now instanceof WrittenMap && now.merged.has(key)
    now = below
  }
  return { path, before: now, isMerged }
}

/** A text that is not a key of the map may mean another type of key: `8080` is 8080, as written in the file or by value. */
function keyIn(map: ReadonlyMap<Key, Tree>, name: Key): Key {
  if (typeof name !== 'string' || map.has(name)) return name
  const written = map instanceof WrittenMap ? map.written.get(name) : undefined
  if (written !== undefined) return written
  const read = [...map.keys()].find((key) => String(key) === name)
  return read === undefined ? name : read
}

function missing(live: ReadonlyMap<Key, Tree>, set: Settings | KeyedSettings, above: KeyPath): KeyEdit[] {
  return entriesOf(set).flatMap(([name, after]): KeyEdit[] => {
    if (after === undefined) return []
    const key = set instanceof Map ? name : keyIn(live, name)
    const path = [...above, key]
    const before = live.get(key)
    if (isMap(before) && isSettings(after)) return missing(before, after, path)
    if (before !== undefined) return equal(before, revealed(after)) ? [] : [{ path, before, after }]
    const merged = live instanceof WrittenMap ? live.merged.get(key) : undefined
    if (merged !== undefined && equal(merged, revealed(after))) return []
    if (isMap(merged) && isSettings(after))
      return [{ path, after, unsafe: 'comes in by a merge key (<<): set here, it would hide the keys that are there' }]
    return [{ path, after }]
  })
}

/** The tree after the edit, with which the edited text is compared. */
export function applied(tree: Tree, edits: readonly KeyEdit[]): Tree {
  return edits.reduce((now, { path, after }) => at(now, path, after === undefined ? undefined : revealed(after)), tree)
}

function at(tree: Tree, [key, ...rest]: KeyPath, value: Tree | undefined): Tree {
  if (key === undefined || !isMap(tree)) return tree
  const copy = tree instanceof WrittenMap ? new WrittenMap(tree, tree.written, tree.merged) : new Map(tree)
  const below = copy.get(key)
  if (rest.length > 0) {
    if (below !== undefined) copy.set(key, at(below, rest, value))
  } else if (value === undefined) copy.delete(key)
  else copy.set(key, value)
  return copy
}

/** A setting as plain data, with its secrets revealed. */
export function revealed(setting: Setting): Tree {
  if (isSecret(setting)) return setting.reveal()
  if (isList(setting)) return setting.map(revealed)
  if (!isSettings(setting)) return setting
  return new Map(
    entriesOf(setting).flatMap(([key, value]) => (value === undefined ? [] : [[key, revealed(value)] as const])),
  )
}

/** The keys of settings in either form, with their values. */
export function entriesOf(settings: Settings | KeyedSettings): readonly (readonly [Key, Setting | undefined])[] {
  return isKeyed(settings) ? [...settings] : Object.entries(settings)
}

function isKeyed(settings: Settings | KeyedSettings): settings is KeyedSettings {
  return settings instanceof Map
}

/** Whether two trees hold the same data. The order of keys does not matter, the order of lists does. */
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
  if (isSecret(setting)) return true
  return isList(setting) ? setting.some(holdsSecret) : entriesOf(setting).some(([, value]) => holdsSecret(value))
}

export function isMap(tree: Tree | undefined): tree is ReadonlyMap<Key, Tree> {
  return tree instanceof Map
}

export function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

export function isSettings(setting: Setting | undefined): setting is Settings | KeyedSettings {
  return typeof setting === 'object' && setting !== null && !isList(setting) && !isSecret(setting)
}

export function isSecret(setting: Setting | undefined): setting is Secret {
  return typeof setting === 'object' && setting !== null && 'reveal' in setting && typeof setting.reveal === 'function'
}
