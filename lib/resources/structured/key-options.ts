import { z } from 'zod'
import { Secret } from '../../secret.ts'
import { isSensitive } from '../../text/sensitive.ts'
import { ofFileOptions, type EditOptions, type EditWant } from '../files/edit.ts'
import { keyText } from './key-change.ts'
import type { OptionProblem } from '../kit/options/option-problems.ts'
import { flag, isMask, list, text, value } from '../kit/options/option-types.ts'
import { isPlain, isPromise, describeValue } from '../kit/options/describe-value.ts'
import {
  entriesOf,
  isList,
  isSecret,
  isSettings,
  type Key,
  type KeyedSettings,
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

export function keyPaths(remove: NonNullable<KeysOptions['remove']>): KeyPath[] {
  return remove.map((key) => (isList<Key>(key) ? key : [key]))
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
    return setting.flatMap((item: unknown, index) =>
      item === undefined
        ? [{ what: keyText([...path, String(index)]), expected: 'a value, or null', got: 'undefined' }]
        : wrongSetting(format, item, [...path, String(index)]),
    )
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
