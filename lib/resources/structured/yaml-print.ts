import { isScalar, parseDocument } from 'yaml'
import { isList, isMap, type Key, type Tree } from '../kit/tree.ts'

/** How a file is written: the blanks of one level, and how lines end. */
export interface Habits {
  readonly step: string
  readonly eol: string
}

/** How a text is quoted. */
export type Style = 'plain' | 'single' | 'double'

/** A value as written after the colon of a key that is indented by `pad`: ` 180`, or the lines below it. */
export function behindColon(value: Tree, pad: string, habits: Habits, style?: Style): string {
  const inner = pad + habits.step
  if (isMap(value) && value.size > 0) return habits.eol + pairs(value, inner, habits)
  if (isList(value) && value.length > 0) return habits.eol + items(value, inner, habits)
  const isLiteral = typeof value === 'string' && style === undefined && literal.test(value) && !/^[ \t]+$/m.test(value)
  if (!isLiteral) return ` ${inline(value, style)}`
  const { eol } = habits
  const body = value.replace(/\n$/, '').split('\n')
  return ` |${value.endsWith('\n') ? '' : '-'}${eol}${body.map((line) => (line === '' ? '' : inner + line)).join(eol)}`
}

/** Several lines of printable text that neither begin nor end with blank ones. */
const literal = /^[!-~\u00a1-\u1fff][\t\n -~\u00a0-\u1fff]*\n[\t\n -~\u00a0-\u1fff]*[!-~\u00a1-\u1fff]\n?$/

/** Keys and their values, one below the other. */
export function pairs(map: ReadonlyMap<Key, Tree>, pad: string, habits: Habits): string {
  return [...map].map(([key, value]) => `${pad}${inline(key)}:${behindColon(value, pad, habits)}`).join(habits.eol)
}

function items(list: readonly Tree[], pad: string, habits: Habits): string {
  return list
    .map((item) => {
      // The first key of a map in a list comes after the dash, the others below it.
      if (isMap(item) && item.size > 0) return `${pad}- ${pairs(item, `${pad}  `, habits).trimStart()}`
      return `${pad}- ${isList(item) && item.length > 0 ? flow(item) : inline(item)}`
    })
    .join(habits.eol)
}

/** A value on one line. Readers of YAML 1.1 take 1e+21 for a text, and 1.0e+21 for a number, as those of 1.2 do. */
export function inline(value: Tree, style: Style = 'plain'): string {
  if (isMap(value) || isList(value)) return flow(value)
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e')
  if (typeof value !== 'string') return String(value)
  if (style === 'plain' && isPlain(value)) return value
  const isSingle = style === 'single' && /^[ -~\u00a0-\u1fff]*$/.test(value)
  return isSingle ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value)
}

function flow(value: Tree): string {
  if (isList(value)) return `[${value.map(flow).join(', ')}]`
  if (!isMap(value)) return inline(value)
  return value.size === 0
    ? '{}'
    : `{ ${[...value].map(([key, below]) => `${inline(key)}: ${flow(below)}`).join(', ')} }`
}

/** JSON's strings are YAML's, but for what YAML calls not printable or a line break. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A text without quotes must be the same text to readers of YAML 1.2 and of 1.1, which takes `yes` for true and 1:30 for 90. */
function isPlain(text: string): boolean {
  if (!/^[\p{L}\p{N}_/.][\p{L}\p{N}_./@:+=~%\- ]*$/u.test(text) || text.endsWith(' ')) return false
  return (['1.1', '1.2'] as const).every((version) => {
    const { contents, errors } = parseDocument(text, { version, logLevel: 'silent', prettyErrors: false })
    return errors.length === 0 && isScalar(contents) && contents.value === text
  })
}
