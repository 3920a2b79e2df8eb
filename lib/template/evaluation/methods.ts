import { isSecret } from '../../secret.ts'
import { equal } from './operators.ts'
import { braceFormat } from '../values/format.ts'
import type { Run } from './run.ts'
import { capitalized, splitAt, splitLines, titled } from '../values/strings.ts'
import {
  Callable,
  isDict,
  isList,
  Lazy,
  TemplateError,
  Tuple,
  typeName,
  type Arguments,
  type Dict,
  type List,
  type Value,
} from '../values/value.ts'

type Method<T> = (run: Run, value: T, given: Arguments) => Value

/** A method of a value. The list is closed, so that templates reach nothing of JavaScript or Python. */
export function methodOf(run: Run, value: Value, name: string): Value | undefined {
  const made = (call: (given: Arguments) => Value) => new Callable(name, call)
  if (typeof value === 'string' || isSecret(value)) {
    const method = own(TEXT, name)
    return method && made((given) => method(run, run.text(value), given))
  }
  if (value instanceof Lazy)
    return name === 'keys'
      ? made(() => value.keys())
      : name === 'get'
        ? made((given) => or(value.get(run.text(given.positional[0] ?? null)), given.positional[1]))
        : undefined
  if (isDict(value)) {
    const method = own(DICT, name)
    return method && made((given) => method(run, value, given))
  }
  if (isList(value)) {
    const method = own(LIST, name)
    return method && made((given) => method(run, value, given))
  }
  return undefined
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function text(run: Run, { positional }: Arguments, at: number): string {
  const value = positional[at]
  if (value === undefined) throw new TemplateError('an argument is missing')
  const plain = run.plain(value)
  if (typeof plain !== 'string') throw new TemplateError(`the argument is a '${typeName(value)}', and has to be a text`)
  return plain
}

function whole({ positional }: Arguments, at: number, otherwise: number): number {
  const value = positional[at]
  if (value === undefined || value === null) return otherwise
  if (typeof value !== 'number')
    throw new TemplateError(`the argument is a '${typeName(value)}', and has to be a whole number`)
  return value
}

/** A text or a tuple of texts. */
function some(run: Run, { positional }: Arguments): readonly string[] {
  const value = positional[0] ?? null
  return value instanceof Tuple
    ? value.items.map((each) => run.text(each))
    : [text(run, { positional, named: new Map() }, 0)]
}

function stripped(side: 'both' | 'start' | 'end'): Method<string> {
  return (run, value, given) => {
    const chars = given.positional[0] === undefined || given.positional[0] === null ? undefined : text(run, given, 0)
    return trimmed(value, chars, side)
  }
}

export function trimmed(value: string, chars: string | undefined, side: 'both' | 'start' | 'end' = 'both'): string {
  const isGone = (char: string | undefined) =>
    char !== undefined && (chars === undefined ? /\s/.test(char) : chars.includes(char))
  let start = 0
  let end = value.length
  while (side !== 'end' && start < end && isGone(value[start])) start++
  while (side !== 'start' && end > start && isGone(value[end - 1])) end--
  return value.slice(start, end)
}

const TEXT: Readonly<Record<string, Method<string>>> = {
  upper: (_, value) => value.toUpperCase(),
  lower: (_, value) => value.toLowerCase(),
  capitalize: (_, value) => capitalized(value),
  title: (_, value) => titled(value),
  strip: stripped('both'),
  lstrip: stripped('start'),
  rstrip: stripped('end'),
  startswith: (run, value, given) => some(run, given).some((each) => value.startsWith(each)),
  endswith: (run, value, given) => some(run, given).some((each) => value.endsWith(each)),
  split: (run, value, given) =>
    splitAt(value, given.positional[0] == null ? undefined : text(run, given, 0), whole(given, 1, -1)),
  rsplit: (run, value, given) => {
    const parts = splitAt(value, given.positional[0] == null ? undefined : text(run, given, 0), -1)
    const most = whole(given, 1, -1)
    if (most < 0 || parts.length <= most + 1) return parts
    const separator = given.positional[0] == null ? ' ' : text(run, given, 0)
    return [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
  },
  splitlines: (_, value) => splitLines(value),
  replace: (run, value, given) => {
    const [from, to, count] = [text(run, given, 0), text(run, given, 1), whole(given, 2, -1)]
    return replaced(value, from, to, count)
  },
  join: (run, value, given) =>
    run
      .items(given.positional[0] ?? null)
      .map((each) => run.text(each))
      .join(value),
  format: (run, value, given) => braceFormat(run, value, given.positional, given.named),
  find: (run, value, given) => value.indexOf(text(run, given, 0)),
  rfind: (run, value, given) => value.lastIndexOf(text(run, given, 0)),
  index: (run, value, given) => {
    const at = value.indexOf(text(run, given, 0))
    if (at === -1) throw new TemplateError('the text does not contain what index() looks for')
    return at
  },
  count: (run, value, given) => value.split(text(run, given, 0)).length - 1,
  isdigit: (_, value) => /^\d+$/.test(value),
  isnumeric: (_, value) => /^\p{N}+$/u.test(value),
  isalpha: (_, value) => /^\p{L}+$/u.test(value),
  isalnum: (_, value) => /^[\p{L}\p{N}]+$/u.test(value),
  isupper: (_, value) => value !== value.toLowerCase() && value === value.toUpperCase(),
  islower: (_, value) => value !== value.toUpperCase() && value === value.toLowerCase(),
  isspace: (_, value) => /^\s+$/.test(value),
  zfill: (_, value, given) => {
    const sign = /^[-+]?/.exec(value)?.[0] ?? ''
    return sign + value.slice(sign.length).padStart(whole(given, 0, 0) - sign.length, '0')
  },
  ljust: (run, value, given) =>
    value.padEnd(whole(given, 0, 0), given.positional[1] === undefined ? ' ' : text(run, given, 1)),
  rjust: (run, value, given) =>
    value.padStart(whole(given, 0, 0), given.positional[1] === undefined ? ' ' : text(run, given, 1)),
  partition: (run, value, given) => {
    const separator = text(run, given, 0)
    const at = value.indexOf(separator)
    return new Tuple(at === -1 ? [value, '', ''] : [value.slice(0, at), separator, value.slice(at + separator.length)])
  },
  removeprefix: (run, value, given) =>
    value.startsWith(text(run, given, 0)) ? value.slice(text(run, given, 0).length) : value,
  removesuffix: (run, value, given) => {
    const end = text(run, given, 0)
    return end !== '' && value.endsWith(end) ? value.slice(0, -end.length) : value
  },
}

/** Python's `replace` with its count. */
export function replaced(value: string, from: string, to: string, count: number): string {
  if (count < 0) return from === '' ? to + Array.from(value, (char) => char + to).join('') : value.split(from).join(to)
  const parts = value.split(from)
  const least = Math.max(0, parts.length - 1 - count)
  return parts.reduce((before, part, at) => before + (at <= parts.length - 1 - least ? to : from) + part)
}

function or(value: Value | undefined, otherwise: Value = null): Value {
  return value === undefined ? otherwise : value
}

const DICT: Readonly<Record<string, Method<Dict>>> = {
  keys: (_, value) => [...value.keys()],
  values: (_, value) => [...value.values()],
  items: (_, value) => Array.from(value, (pair) => new Tuple(pair)),
  get: (run, value, { positional: [key = null, otherwise = null] }) => or(value.get(run.key(key)), otherwise),
  copy: (_, value) => value,
}

const LIST: Readonly<Record<string, Method<List>>> = {
  index: (run, value, { positional: [wanted = null] }) => {
    const at = value.findIndex((each) => equal(run, each, wanted))
    if (at === -1) throw new TemplateError('the list does not contain what index() looks for')
    return at
  },
  count: (run, value, { positional: [wanted = null] }) => value.filter((each) => equal(run, each, wanted)).length,
  copy: (_, value) => value,
}
