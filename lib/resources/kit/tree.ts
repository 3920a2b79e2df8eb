import type { Secret } from '../../secret.ts'

/** What a key can be: in JSON and INI a text, in YAML a number, a boolean and null as well. */
export type Key = string | number | boolean | null

/** What a structured file holds: the data without its form. */
export type Tree = null | boolean | number | string | readonly Tree[] | ReadonlyMap<Key, Tree>

/** A value to be set. Maps are merged into those that are there; lists and everything else replace what is there. */
export type Setting = null | boolean | number | string | Secret | readonly Setting[] | Settings | KeyedSettings

/** Keys and their values. A key that is `undefined` is left as it is. */
export interface Settings {
  readonly [key: string]: Setting | undefined
}

/** The same with keys that need not be texts: `new Map([[8080, 'web'], [true, 'on']])`. */
export type KeyedSettings = ReadonlyMap<Key, Setting | undefined>

/** Where in a file: the names of the keys from the top. */
export type KeyPath = readonly Key[]

/** What is to happen to one key. A side that is left out means: no such key. */
export interface KeyEdit {
  readonly path: KeyPath
  readonly before?: Tree
  readonly after?: Setting
  /** Why it cannot be done: completes `PATH cannot be edited safely at KEY: it`. */
  readonly unsafe?: string
}

/** A map of a format whose keys need not be texts. */
export class WrittenMap extends Map<Key, Tree> {
  /** How keys that are no texts stand in the file: `0x10` is 16. */
  readonly written: ReadonlyMap<string, Key>
  /** What comes in by a merge key (`<<`), and is not written here. */
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

/** What has to be done to a tree until everything in `set` is in it and nothing of `remove` is. Nothing more than that. */
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

/** The keys that these names mean in a tree, and what stands there. */
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

/** A text that is no key of the map may be one that is no text: `8080` is 8080, as it stands there or as it reads. */
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

/** The tree as it is to be afterwards: what an edited text is held against. */
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

/** A setting as plain data, its secrets uncovered. */
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
