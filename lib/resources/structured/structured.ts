import { keyDeclarations } from '../kit/declarations.ts'
import { z } from 'zod'
import { Secret } from '../../secret.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { editKind, ofFileOptions, editWant, type EditOptions, type EditWant } from '../files/edit.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { keyChange, keyText } from './key-change.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { flag, isMask, list, text, value } from '../kit/options/option-types.ts'
import { isPlain, isPromise, describeValue } from '../kit/options/describe-value.ts'
import {
  applied,
  differences,
  entriesOf,
  equal,
  holdsSecret,
  isList,
  isSecret,
  isSettings,
  revealed,
  type Key,
  type KeyedSettings,
  type KeyEdit,
  type KeyPath,
  type Setting,
  type Settings,
  type Tree,
} from '../kit/tree.ts'

/** What the kinds that edit keys of a file have in common. */
export interface KeysOptions extends Omit<EditOptions, 'insertAfter' | 'insertBefore' | 'firstMatch' | 'create'> {
  /**
   * Keys and their values. Maps are merged into those of the file, whatever the depth; a list, a text, a number replaces what
   * is there. A value may be a Secret. A key that is `undefined` is left as it is.
   */
  readonly set?: Settings | KeyedSettings
  /** Keys that may not be there: a text is a key at the top, a list the path to one further down. */
  readonly remove?: readonly (Key | KeyPath)[]
  /** Make the file when it is not there. Default true; with nothing to set no file is made. */
  readonly create?: boolean
}

export interface KeysWant extends EditWant {
  readonly set: Settings | KeyedSettings
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
  /** Keys may be numbers, booleans and null as well. */
  readonly anyKeys?: boolean
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

/** What `KeysOptions` take. */
export const keysOptions = () => {
  return {
    set: value<Settings | KeyedSettings>(
      'keys and their values',
      (given) => isPlain(given) || given instanceof Map,
    ).optional(),
    remove: list(
      REMOVED,
      z.union([oneKey(REMOVED), list('names of keys', oneKey('the name of a key'))], {
        error: 'a key, or the path to one as a list',
      }),
    ).optional(),
    create: flag().optional(),
    ...ofFileOptions(),
  }
}

const REMOVED = 'a list of keys, each a text or a path of texts'

/** What a format makes of it is looked at by `wrongKeys`. */
const oneKey = (expected: string) =>
  z.union(
    [text(expected), value<Exclude<Key, string>>(expected, (given) => isKey(given) && typeof given !== 'string')],
    {
      error: expected,
    },
  )

function isKey(given: unknown): given is Key {
  return given === null || typeof given === 'boolean' || typeof given === 'string' || Number.isFinite(given)
}

/** For a `Rule`: what the format cannot hold, and what is both set and removed. */
export function wrongKeys(
  format: Pick<Format, 'refuses' | 'anyKeys'>,
  { set = {}, remove = [] }: Pick<KeysOptions, 'set' | 'remove'>,
): OptionProblem[] {
  const names = keyPaths(remove).flatMap((path) => path.flatMap((key) => wrongKey(format, key, 'remove')))
  return [...wrongSetting(format, set, []), ...names, ...bothWays(set, keyPaths(remove))]
}

function keyPaths(remove: NonNullable<KeysOptions['remove']>): KeyPath[] {
  return remove.map((key) => (isList<Key>(key) ? key : [key]))
}

/** Makes a kind that owns some keys of a structured file, and leaves every other line to the byte as it is. */
export function keysKind(format: Format): (name: string, options: KeysOptions) => Resource<KeysWant> {
  const make = editKind<KeysWant>({
    name: format.name,
    edit: (want, live) => editKeys(format, want, live).text,
    summary: (want, live) => told(want, editKeys(format, want, live).edits),
    change: (want, live) => keyChange(want.path, editKeys(format, want, live).edits, holdsSecret(want.set)),
    isSecret: ({ set }) => holdsSecret(set),
    declarations: ({ path, set, remove }) => keyDeclarations(path, set, remove),
  })
  return (name, options) => {
    const { set = {}, remove = [], create = true } = options
    const nothing = entriesOf(set).every(([, value]) => value === undefined)
    const want = editWant(name, { ...options, create }, nothing, holdsSecret(set))
    return make(name, { ...want, set, remove: keyPaths(remove) })
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
    const unsafe = edits.find((each) => each.unsafe !== undefined)
    if (unsafe !== undefined) {
      const refused = `${path} cannot be edited safely at ${keyText(unsafe.path)}: it ${unsafe.unsafe ?? ''}`
      return { text: { refused, hint: 'change what it is merged from, or write the whole map here' }, edits: [] }
    }
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
    // A text in which one of several edits was made already, and that cannot be read any more.
    if (error instanceof Broken) return undefined
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

const DEEPEST = 100

function wrongSetting(format: Pick<Format, 'refuses' | 'anyKeys'>, setting: unknown, path: KeyPath): OptionProblem[] {
  const what = path.length === 0 ? 'set' : keyText(path)
  const isWrong = (expected: string): OptionProblem[] => [{ what, expected, got: shownAt(path, setting) }]
  if (setting === undefined) return []
  if (path.length > DEEPEST) return isWrong(`nested no deeper than ${DEEPEST} levels`)
  if (isMask(setting))
    return [{ what, expected: 'a value', got: 'a mask, which stands for a secret', hint: 'give the Secret itself' }]
  if (!isSetting(setting)) return isWrong(isPromise(setting) ? 'a value: put await before it' : 'plain data')
  const unfit = format.refuses?.(path, setting)
  if (unfit !== undefined) return isWrong(unfit)
  if (isSecret(setting)) return []
  if (typeof setting === 'number' && !Number.isFinite(setting)) return isWrong('a finite number')
  if (isList(setting))
    return setting.flatMap((item, index) => wrongSetting(format, item ?? null, [...path, String(index)]))
  if (!isSettings(setting)) return []
  return entriesOf(setting).flatMap(([key, each]) => {
    const names = wrongKey(format, key, path.length === 0 ? 'set' : keyText(path))
    return names.length > 0 ? names : wrongSetting(format, each, [...path, key])
  })
}

function wrongKey({ anyKeys = false }: Pick<Format, 'anyKeys'>, key: Key, where: string): OptionProblem[] {
  if (typeof key === 'string') return []
  const what = `keys in ${where}`
  if (!anyKeys) return [{ what, expected: 'texts', got: String(key) }]
  return isKey(key) ? [] : [{ what, expected: 'texts, finite numbers, booleans or null', got: describeValue(key) }]
}

function isSetting(value: unknown): value is Setting {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true
  return Array.isArray(value) || value instanceof Secret || value instanceof Map || isPlain(value)
}

/** A key cannot both be there and not: such a file would be edited by every run. */
function bothWays(set: Settings | KeyedSettings, remove: readonly KeyPath[]): OptionProblem[] {
  return remove.flatMap((path): OptionProblem[] => {
    if (path.length === 0) return [{ what: 'remove', expected: 'names of keys', got: 'an empty path' }]
    const wanted = path.reduce<Setting | undefined>(
      (tree, key) => (isSettings(tree) ? valueAt(tree, key) : undefined),
      set,
    )
    return wanted === undefined ? [] : [{ what: keyText(path), expected: 'either set or removed', got: 'both' }]
  })
}

function valueAt(settings: Settings | KeyedSettings, key: Key): Setting | undefined {
  return entriesOf(settings).find(([name]) => name === key || (!(settings instanceof Map) && name === String(key)))?.[1]
}

function shownAt(path: KeyPath, setting: unknown): string {
  if (setting instanceof Secret) return 'a Secret that holds something else'
  return typeof setting === 'string' && path.some((key) => isSensitive(String(key)))
    ? 'a text that is not shown'
    : describeValue(setting)
}
