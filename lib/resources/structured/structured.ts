import { keyDeclarations } from '../kit/declarations.ts'
import { editKind, editWant } from '../files/edit.ts'
import { memoizeByText, memoizeByWant } from '../../memoize.ts'
import type { Refused, Resource } from '../kit/kind.ts'
import { keyChange, keyText } from './key-change.ts'
import {
  applied,
  differences,
  entriesOf,
  equal,
  holdsSecret,
  isList,
  revealed,
  type KeyEdit,
  type KeyPath,
  type Tree,
} from '../kit/tree.ts'
import { type KeysOptions, type KeysWant, type Format, keyPaths } from './key-options.ts'

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
export function keysKind(given: Format): (name: string, options: KeysOptions) => Resource<KeysWant> {
  const format = { ...given, parse: memoizeByText(given.parse) }
  const edits = memoizeByWant((want: KeysWant, live: string) => editKeys(format, want, live))
  const make = editKind<KeysWant>({
    name: format.name,
    edit: (want, live) => edits(want, live).text,
    summary: (want, live) => summaryOf(want, edits(want, live).edits),
    change: (want, live) => keyChange(want.path, edits(want, live).edits, holdsSecret(want.set)),
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
      return { text: { refused, hint: 'change the map that is merged in, or write the whole map here' }, edits: [] }
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
  const refused = `${path} has no keys: its ${format.called} is ${isList(tree) ? 'a list' : 'a single value'}`
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
      hint: 'correct it by hand, or give its whole content: file(...)',
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

function summaryOf({ absent }: KeysWant, edits: readonly KeyEdit[]): string {
  const list = (some: readonly KeyEdit[]) => some.map(({ path }) => keyText(path)).join(', ')
  const set = edits.filter(({ after }) => after !== undefined)
  const gone = edits.filter(({ after }) => after === undefined)
  if (absent) return list(gone)
  return [...(set.length > 0 ? [`set ${list(set)}`] : []), ...(gone.length > 0 ? [`remove ${list(gone)}`] : [])].join(
    '; ',
  )
}
