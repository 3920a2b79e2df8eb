import { isTooDeep, MOST_LEVELS } from '../../text/levels.ts'
import { jsonNumber, Typed } from '../../text/typed.ts'
import type { Run } from '../evaluation/run.ts'
import {
  Float,
  int,
  isDict,
  isList,
  Opaque,
  sortedEntries,
  TemplateError,
  Tuple,
  typeName,
  type Key,
  type Value,
} from './value.ts'

interface Style {
  readonly indent: number | undefined
  readonly isSorted: boolean
  readonly isAscii: boolean
  /** The separators of items, and of a key and its value. */
  readonly separators?: readonly [items: string, keys: string]
}

/** Python's `json.dumps`. */
export function json(run: Run, given: Value, style: Style, level = 0): string {
  const value = run.plain(given)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (value instanceof Float) return jsonNumber(new Typed(value.value, 'float'))
  if (value instanceof Opaque)
    return value.type === 'int' ? value.written : text(value.written.replace(' ', 'T'), style)
  if (typeof value === 'string') return text(value, style)
  const inner = (each: Value) => json(run, each, style, level + 1)
  if (isList(value) || value instanceof Tuple) return block('[', run.items(value).map(inner), ']', style, level)
  if (isDict(value)) {
    const ordered = style.isSorted ? sortedEntries(value) : [...value]
    if (ordered === undefined)
      throw new TemplateError('keys of several types cannot be sorted', 'write sort_keys=false')
    return block(
      '{',
      ordered.map(([key, each]) => text(keyText(key), style) + (style.separators?.[1] ?? ': ') + inner(each)),
      '}',
      style,
      level,
    )
  }
  throw new TemplateError(`a '${typeName(value)}' cannot become JSON`)
}

function keyText(key: Key): string {
  return typeof key === 'string' ? key : String(key)
}

function block(
  open: string,
  parts: readonly string[],
  close: string,
  { indent, separators }: Style,
  level: number,
): string {
  if (parts.length === 0) return open + close
  if (indent === undefined) return open + parts.join(separators?.[0] ?? ', ') + close
  const line = `\n${' '.repeat(indent * (level + 1))}`
  return `${open}${line}${parts.join(`${separators?.[0] ?? ','}${line}`)}\n${' '.repeat(indent * level)}${close}`
}

function text(value: string, { isAscii }: Style): string {
  const quoted = JSON.stringify(value)
  return isAscii
    ? quoted.replace(/[\x7f-\uffff]/g, (char) =>
        char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : quoted
}

/** The values of a JSON text: 1.0 is a float, as in Python. */
export function fromJson(source: string): Value {
  const marked = source.replace(/"(?:[^"\\]|\\[^])*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (part) =>
    part.startsWith('"') || !/[.eE]/.test(part) ? part : `{"\\u0000float": ${part}}`,
  )
  JSON.parse(source)
  const data: unknown = JSON.parse(marked)
  if (isTooDeep(data)) throw new TemplateError(`the JSON is nested more than ${MOST_LEVELS} levels deep`)
  return fromPlain(data)
}

const FLOAT = '\u0000float'

/** Plain data as values of a template. */
export function fromPlain(data: unknown): Value {
  if (data === null || data === undefined) return null
  if (typeof data === 'string' || typeof data === 'boolean') return data
  if (typeof data === 'bigint') return int(Number(data))
  if (typeof data === 'number') return Number.isInteger(data) ? int(data) : new Float(data)
  if (Array.isArray(data)) return data.map(fromPlain)
  if (data instanceof Map)
    return new Map(Array.from(data, ([key, each]: [unknown, unknown]) => [String(key), fromPlain(each)]))
  if (typeof data === 'object') {
    const entries = Object.entries(data)
    const [first] = entries
    if (entries.length === 1 && first?.[0] === FLOAT) return new Float(Number(first[1]))
    return new Map(entries.map(([key, each]) => [key, fromPlain(each)]))
  }
  throw new TemplateError('the data contains something that is not a value')
}
