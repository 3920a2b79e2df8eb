import { isSecret } from '../../secret.ts'
import { equal } from './operators.ts'
import { braceFormat } from '../values/format.ts'
import type { Run } from './run.ts'
import { capitalized, splitAt, splitAtEnd, splitLines, titled } from '../values/strings.ts'
import {
  bounded,
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

/** The names of the arguments of `split` and `rsplit`. */
const SPLIT = ['sep', 'maxsplit']

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

/** How many arguments a method needs, how many it takes, and which of them may have a name. Python's methods are strict about that. */
function taking<T>(needed: number, most: number, method: Method<T>, names: readonly string[] = []): Method<T> {
  return (run, value, { positional, named }) => {
    const all: (Value | undefined)[] = [...positional]
    for (const [name, each] of named) {
      const at = names.indexOf(name)
      if (at === -1) throw new TemplateError(`the argument "${name}" is unknown`, 'leave the name out')
      if (all[at] !== undefined) throw new TemplateError(`the argument "${name}" is given twice`)
      all[at] = each
    }
    const given = Array.from(all, (each) => each ?? null)
    if (given.length < needed) throw new TemplateError('an argument is missing')
    if (given.length > most)
      throw new TemplateError(
        `${given.length} ${given.length === 1 ? 'argument is' : 'arguments are'} given, and it takes ${most === 0 ? 'none' : `at most ${most}`}`,
        'leave the others out',
      )
    return method(run, value, { positional: given, named: new Map() })
  }
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
  if (typeof value === 'boolean') return Number(value)
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

/** The part of a text that the second and the third argument leave, and where it begins. Undefined: it would begin after the end. */
function part(
  value: string,
  given: Arguments,
): { readonly chars: readonly string[]; readonly start: number } | undefined {
  const chars = Array.from(value)
  const bound = (at: number) => Math.max(0, at < 0 ? at + chars.length : at)
  const start = bound(whole(given, 1, 0))
  const end = Math.min(chars.length, bound(whole(given, 2, chars.length)))
  return start > chars.length || end < start ? undefined : { chars: chars.slice(start, end), start }
}

/** Where a text is found in the part of another one, counted in characters. -1: not there. */
function placeOf(run: Run, value: string, given: Arguments, isLast: boolean): number {
  const wanted = text(run, given, 0)
  const within = part(value, given)
  if (within === undefined) return -1
  const whole = within.chars.join('')
  const at = isLast ? whole.lastIndexOf(wanted) : whole.indexOf(wanted)
  return at === -1 ? -1 : within.start + Array.from(whole.slice(0, at)).length
}

function occurrences(whole: string, wanted: string): number {
  return wanted === '' ? Array.from(whole).length + 1 : whole.split(wanted).length - 1
}

/** The one character that fills a text up. */
function fillOf(run: Run, given: Arguments): string {
  const fill = given.positional[1] === undefined ? ' ' : text(run, given, 1)
  if (Array.from(fill).length !== 1) throw new TemplateError('the fill is one character')
  return fill
}

function filled(before: number, value: string, after: number, fill: string): string {
  return fill.repeat(Math.max(0, bounded(before))) + value + fill.repeat(Math.max(0, bounded(after)))
}

const lengthOf = (value: string) => Array.from(value).length

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
  upper: taking(0, 0, (_, value) => value.toUpperCase()),
  lower: taking(0, 0, (_, value) => value.toLowerCase()),
  capitalize: taking(0, 0, (_, value) => capitalized(value)),
  title: taking(0, 0, (_, value) => titled(value)),
  swapcase: taking(0, 0, (_, value) =>
    Array.from(value, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join(''),
  ),
  strip: taking(0, 1, stripped('both')),
  lstrip: taking(0, 1, stripped('start')),
  rstrip: taking(0, 1, stripped('end')),
  startswith: taking(1, 3, (run, value, given) => {
    const within = part(value, given)?.chars.join('')
    return within !== undefined && some(run, given).some((each) => within.startsWith(each))
  }),
  endswith: taking(1, 3, (run, value, given) => {
    const within = part(value, given)?.chars.join('')
    return within !== undefined && some(run, given).some((each) => within.endsWith(each))
  }),
  split: taking(0, 2, (run, value, given) => splitAt(value, separator(run, given), whole(given, 1, -1)), SPLIT),
  rsplit: taking(0, 2, (run, value, given) => splitAtEnd(value, separator(run, given), whole(given, 1, -1)), SPLIT),
  splitlines: taking(
    0,
    1,
    (run, value, given) =>
      run.isTrue(given.positional[0] ?? false)
        ? (value.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [])
        : splitLines(value),
    ['keepends'],
  ),
  replace: taking(2, 3, (run, value, given) =>
    replaced(value, text(run, given, 0), text(run, given, 1), whole(given, 2, -1)),
  ),
  join: taking(1, 1, (run, value, given) =>
    run
      .items(given.positional[0] ?? null)
      .map((each) => {
        const plain = run.plain(each)
        if (typeof plain === 'string') return plain
        throw new TemplateError(`a '${typeName(each)}' is among the texts to join`, 'use the filter join')
      })
      .join(value),
  ),
  format: (run, value, given) => braceFormat(run, value, given.positional, given.named),
  find: taking(1, 3, (run, value, given) => placeOf(run, value, given, false)),
  rfind: taking(1, 3, (run, value, given) => placeOf(run, value, given, true)),
  index: taking(1, 3, (run, value, given) => {
    const at = placeOf(run, value, given, false)
    if (at === -1) throw new TemplateError('the text does not contain what index() looks for')
    return at
  }),
  count: taking(1, 3, (run, value, given) => {
    const wanted = text(run, given, 0)
    const within = part(value, given)
    return within === undefined ? 0 : occurrences(within.chars.join(''), wanted)
  }),
  isdigit: taking(0, 0, (_, value) => /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u.test(value)),
  isnumeric: taking(0, 0, (_, value) => /^\p{N}+$/u.test(value)),
  isalpha: taking(0, 0, (_, value) => /^\p{L}+$/u.test(value)),
  isalnum: taking(0, 0, (_, value) => /^[\p{L}\p{N}]+$/u.test(value)),
  isupper: taking(0, 0, (_, value) => value !== value.toLowerCase() && value === value.toUpperCase()),
  islower: taking(0, 0, (_, value) => value !== value.toUpperCase() && value === value.toLowerCase()),
  isspace: taking(0, 0, (_, value) => /^\s+$/.test(value)),
  zfill: taking(1, 1, (_, value, given) => {
    const sign = /^[-+]?/.exec(value)?.[0] ?? ''
    return sign + filled(whole(given, 0, 0) - lengthOf(value), value.slice(sign.length), 0, '0')
  }),
  ljust: taking(1, 2, (run, value, given) =>
    filled(0, value, whole(given, 0, 0) - lengthOf(value), fillOf(run, given)),
  ),
  rjust: taking(1, 2, (run, value, given) =>
    filled(whole(given, 0, 0) - lengthOf(value), value, 0, fillOf(run, given)),
  ),
  center: taking(1, 2, (run, value, given) => {
    const width = whole(given, 0, 0)
    const room = Math.max(0, width - lengthOf(value))
    const before = Math.floor(room / 2) + (room & width & 1)
    return filled(before, value, room - before, fillOf(run, given))
  }),
  partition: taking(1, 1, (run, value, given) => {
    const wanted = needed(text(run, given, 0))
    const at = value.indexOf(wanted)
    return new Tuple(at === -1 ? [value, '', ''] : [value.slice(0, at), wanted, value.slice(at + wanted.length)])
  }),
  rpartition: taking(1, 1, (run, value, given) => {
    const wanted = needed(text(run, given, 0))
    const at = value.lastIndexOf(wanted)
    return new Tuple(at === -1 ? ['', '', value] : [value.slice(0, at), wanted, value.slice(at + wanted.length)])
  }),
  removeprefix: taking(1, 1, (run, value, given) =>
    value.startsWith(text(run, given, 0)) ? value.slice(text(run, given, 0).length) : value,
  ),
  removesuffix: taking(1, 1, (run, value, given) => {
    const end = text(run, given, 0)
    return end !== '' && value.endsWith(end) ? value.slice(0, -end.length) : value
  }),
}

function separator(run: Run, given: Arguments): string | undefined {
  return given.positional[0] == null ? undefined : needed(text(run, given, 0))
}

function needed(separator: string): string {
  if (separator === '') throw new TemplateError('the separator is empty')
  return separator
}

/** Python's `replace` with its count. */
export function replaced(value: string, from: string, to: string, count: number): string {
  const parts = from === '' ? ['', ...Array.from(value), ''] : value.split(from)
  if (count < 0) return parts.join(to)
  const least = Math.max(0, parts.length - 1 - count)
  return parts.reduce((before, part, at) => before + (at <= parts.length - 1 - least ? to : from) + part)
}

function or(value: Value | undefined, otherwise: Value = null): Value {
  return value === undefined ? otherwise : value
}

const DICT: Readonly<Record<string, Method<Dict>>> = {
  keys: taking(0, 0, (_, value) => [...value.keys()]),
  values: taking(0, 0, (_, value) => [...value.values()]),
  items: taking(0, 0, (_, value) => Array.from(value, (pair) => new Tuple(pair))),
  get: taking(1, 2, (run, value, { positional: [key = null, otherwise = null] }) =>
    or(value.get(run.key(key)), otherwise),
  ),
  copy: taking(0, 0, (_, value) => value),
}

const LIST: Readonly<Record<string, Method<List>>> = {
  index: taking(1, 3, (run, value, given) => {
    const [wanted = null] = given.positional
    const bound = (at: number) => Math.max(0, at < 0 ? at + value.length : at)
    const [start, end] = [bound(whole(given, 1, 0)), bound(whole(given, 2, value.length))]
    const at = value.findIndex((each, index) => index >= start && index < end && equal(run, each, wanted))
    if (at === -1) throw new TemplateError('the list does not contain what index() looks for')
    return at
  }),
  count: taking(
    1,
    1,
    (run, value, { positional: [wanted = null] }) => value.filter((each) => equal(run, each, wanted)).length,
  ),
  copy: taking(0, 0, (_, value) => value),
}
