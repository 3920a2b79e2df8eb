import { editKind, editWant, type EditOptions, type EditWant } from './edit.ts'
import type { Refused, Resource } from './kind.ts'
import { keyChange, keyText } from './key-change.ts'
import { absolute, wrong } from './path.ts'
import {
  applied,
  differences,
  equal,
  holdsSecret,
  isList,
  isSecret,
  isSettings,
  revealed,
  type KeyEdit,
  type KeyPath,
  type Setting,
  type Settings,
  type Tree,
} from './tree.ts'

/** What the kinds that edit keys of a file have in common. */
export interface KeysOptions extends Omit<EditOptions, 'after' | 'before' | 'create'> {
  /**
   * Keys and their values. Maps are merged into those of the file, whatever the depth; a list, a text, a number replaces what
   * is there. A value may be a Secret. A key that is `undefined` is left as it is.
   */
  readonly set?: Settings
  /** Keys that may not be there: a text is a key at the top, a list the path to one further down. */
  readonly remove?: readonly (string | readonly string[])[]
  /** Make the file when it is not there. Default true; with nothing to set no file is made. */
  readonly create?: boolean
}

export interface KeysWant extends EditWant {
  readonly set: Settings
  readonly remove: readonly KeyPath[]
}

/** How a format is read and edited, as pure functions on its text. */
export interface Format {
  /** The kind: `jsonFile`. */
  readonly name: string
  /** What such a file is called: `JSON`. */
  readonly called: string
  /** The data in a text; an empty text is an empty map. Throws a `Broken`. */
  readonly parse: (text: string) => Tree
  /** The text with this value at a key. Everything above the key is there, and is a map. Undefined: it cannot be done in place. */
  readonly put: (text: string, path: KeyPath, value: Tree) => string | undefined
  /** The text without a key that is there. */
  readonly drop: (text: string, path: KeyPath) => string | undefined
  /** Throws an `Unsafe` where a key that is not found may be there all the same. */
  readonly sure?: (text: string, path: KeyPath) => void
  /** What this format cannot hold, of one value and the path to it: completes `Expected ... to be`. */
  readonly refuses?: (path: KeyPath, value: Setting) => string | undefined
}

/** A text that is not what it should be, and where; lines and columns count from 1. */
export class Broken extends Error {
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number) {
    super(message)
    this.line = line
    this.column = column
  }
}

/** A line that a change would have to touch, and that can be read in more than one way. */
export class Unsafe extends Error {
  readonly line: number
  readonly hint: string

  /** `message` completes `PATH cannot be edited safely at KEY: line N`. */
  constructor(message: string, line: number, hint: string) {
    super(message)
    this.line = line
    this.hint = hint
  }
}

/** Makes a kind that owns some keys of a structured file, and leaves every other line to the byte as it is. */
export function keysKind(format: Format): (path: string, options: KeysOptions) => Resource<KeysWant> {
  const make = editKind<KeysWant>({
    name: format.name,
    edit: (want, live) => editKeys(format, want, live).text,
    say: (want, live) => told(want, editKeys(format, want, live).edits),
    change: (want, live) => keyChange(want.path, editKeys(format, want, live).edits, holdsSecret(want.set)),
    isSecret: ({ set }) => holdsSecret(set),
  })
  return (path, options) => {
    const name = absolute(format.name, path)
    const id = `${format.name}:${name}`
    const set = options.set ?? {}
    const remove = (options.remove ?? []).map((key) => (typeof key === 'string' ? [key] : key))
    checkSettings(id, format, set, [])
    checkRemoved(id, set, remove)
    const nothing = Object.values(set).every((value) => value === undefined)
    const create = options.create ?? true
    return make(name, { ...editWant(id, name, { ...options, create }, nothing, holdsSecret(set)), set, remove })
  }
}

interface Edited {
  readonly text: string | Refused
  readonly edits: readonly KeyEdit[]
}

/** What is to happen to which keys, and the text in which it has happened. What it gave, it gives again. */
export function editKeys(
  format: Format,
  { path, set, remove }: Pick<KeysWant, 'path' | 'set' | 'remove'>,
  live: string,
): Edited {
  const tree = read(format, path, live)
  if (tree instanceof Map) {
    const edits = differences(tree, set, remove)
    const text = edited(format, path, live, edits, remove)
    if (typeof text === 'object') return { text, edits: [] }
    if (text === live && edits.length === 0) return { text, edits }
    // The edited text is read again and held against what it is to say: an edit that came out wrong reaches no file.
    if (text !== undefined && says(format, text, applied(tree, edits))) return { text, edits }
    const keys = edits.map(({ path: key }) => keyText(key)).join(', ')
    const refused = `${path} cannot be edited in place at ${keys}`
    return { text: { refused, hint: 'give its whole content: file(...), or write it in a simpler form' }, edits }
  }
  if (typeof tree === 'object' && tree !== null && 'refused' in tree) return { text: tree, edits: [] }
  const refused = `${path} has no keys: at the top of its ${format.called} stands ${isList(tree) ? 'a list' : 'a single value'}`
  return { text: { refused, hint: 'give its whole content: file(...)' }, edits: [] }
}

/** Undefined: it cannot be done in place. */
function edited(
  format: Format,
  path: string,
  live: string,
  edits: readonly KeyEdit[],
  remove: readonly KeyPath[],
): string | Refused | undefined {
  let text: string | undefined = live
  let at: KeyPath = []
  try {
    for (at of remove) format.sure?.(live, at)
    for (const { path: key, after } of edits) {
      if (text === undefined) break
      at = key
      text = after === undefined ? format.drop(text, key) : format.put(text, key, revealed(after))
    }
    return text
  } catch (error) {
    if (!(error instanceof Unsafe)) throw error
    const refused = `${path} cannot be edited safely at ${keyText(at)}: line ${error.line} ${error.message}`
    return { refused, hint: error.hint }
  }
}

function read(format: Format, path: string, text: string): Tree | Refused {
  try {
    return format.parse(text)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    const where = `line ${error.line}, column ${error.column}`
    return {
      refused: `${path} is broken ${format.called} at ${where}: ${error.message}`,
      hint: 'mend it by hand, or give its whole content: file(...)',
    }
  }
}

function says(format: Format, text: string, wanted: Tree): boolean {
  try {
    return equal(format.parse(text), wanted)
  } catch (error) {
    if (error instanceof Broken) return false
    throw error
  }
}

function told({ absent }: KeysWant, edits: readonly KeyEdit[]): string {
  const list = (some: readonly KeyEdit[]) => some.map(({ path }) => keyText(path)).join(', ')
  const set = edits.filter(({ after }) => after !== undefined)
  const gone = edits.filter(({ after }) => after === undefined)
  if (absent) return list(gone)
  return [...(set.length > 0 ? [`set ${list(set)}`] : []), ...(gone.length > 0 ? [`remove ${list(gone)}`] : [])].join(
    '; ',
  )
}

function checkSettings(id: string, format: Format, setting: Setting | undefined, path: KeyPath): void {
  const where = path.length === 0 ? `set of ${id}` : `${keyText(path)} of ${id}`
  if (setting === undefined) return
  const unfit = format.refuses?.(path, setting)
  if (unfit !== undefined) throw wrong(where, unfit, isSecret(setting) ? 'a secret that is none' : shown(setting))
  if (isSecret(setting)) return
  if (typeof setting === 'number' && !Number.isFinite(setting)) throw wrong(where, 'a finite number', String(setting))
  if (isList(setting)) {
    for (const [index, item] of setting.entries()) checkSettings(id, format, item, [...path, String(index)])
  } else if (isSettings(setting)) {
    const plain: unknown = Object.getPrototypeOf(setting)
    if (plain !== Object.prototype && plain !== null)
      throw wrong(where, 'plain data', plain?.constructor.name ?? 'an object')
    for (const [key, value] of Object.entries(setting)) checkSettings(id, format, value, [...path, key])
  } else if (!['string', 'number', 'boolean'].includes(typeof setting) && setting !== null)
    throw wrong(where, 'plain data', typeof setting)
}

/** A key cannot both be there and not: such a file would be edited by every run. */
function checkRemoved(id: string, set: Settings, remove: readonly KeyPath[]): void {
  for (const path of remove) {
    if (path.length === 0) throw wrong(`remove of ${id}`, 'names of keys', 'an empty path')
    const wanted = path.reduce<Setting | undefined>((tree, key) => (isSettings(tree) ? tree[key] : undefined), set)
    if (wanted !== undefined) throw wrong(`${keyText(path)} of ${id}`, 'either set or removed', 'both')
  }
}

function shown(setting: Setting): string {
  return JSON.stringify(setting)
}
