import type { Change } from '../kit/kind.ts'
import {
  entriesOf,
  holdsSecret,
  isList,
  isMap,
  isSecret,
  isSettings,
  revealed,
  type Key,
  type KeyEdit,
  type KeyPath,
  type Setting,
  type Tree,
} from '../kit/tree.ts'

/** The longest list that is shown on one line. */
const ONE_LINE = 60

/** A key as a person would name it: `log.local.location`; in quotes where a name would be taken for two. */
export function keyText(path: KeyPath): string {
  const names = path[0] === '' && path.length > 1 ? path.slice(1) : path
  const isPlain = (name: Key) => typeof name !== 'string' || /^[\w@/:+-]+$/.test(name)
  return names.map((name) => (isPlain(name) ? String(name) : JSON.stringify(name))).join('.')
}

/**
 * A change of keys as a reader sees it: a line for each key, before and after. In a file that holds a secret of ours,
 * nothing is shown but the keys that are set, and of these the secret ones are named only.
 */
export function keyChange(path: string, edits: readonly KeyEdit[], secret: boolean): Change {
  return { label: path, pairs: edits.map((edit) => [before(edit, secret).join('\n'), after(edit).join('\n')]) }
}

function before(edit: KeyEdit, secret: boolean): string[] {
  if (edit.before === undefined) return []
  const hidden = secret && (edit.after === undefined || holdsSecret(edit.after))
  return hidden ? [`${keyText(edit.path)}: (not shown)`] : linesOf(edit.path, edit.before)
}

function after(edit: KeyEdit): string[] {
  return edit.after === undefined ? [] : masked(edit.path, edit.after)
}

function masked(path: KeyPath, setting: Setting): string[] {
  if (!holdsSecret(setting)) return linesOf(path, revealed(setting))
  if (!isSettings(setting) || isSecret(setting)) return [`${keyText(path)}: (secret)`]
  return entriesOf(setting).flatMap(([key, value]) => (value === undefined ? [] : masked([...path, key], value)))
}

function linesOf(path: KeyPath, tree: Tree): string[] {
  const key = keyText(path)
  if (isMap(tree) && tree.size > 0) return [...tree].flatMap(([name, below]) => linesOf([...path, name], below))
  const whole = flow(tree)
  if (!isList(tree) || tree.length < 2 || whole.length <= ONE_LINE) return [`${key}: ${whole}`]
  return [`${key}:`, ...tree.map((item) => `  - ${flow(item)}`)]
}

function flow(tree: Tree): string {
  if (isMap(tree))
    return `{${[...tree].map(([key, value]) => `${typeof key === 'string' ? JSON.stringify(key) : String(key)}: ${flow(value)}`).join(', ')}}`
  return isList(tree) ? `[${tree.map(flow).join(', ')}]` : JSON.stringify(tree)
}
