import type { Apply } from '../evaluation/given.ts'
import { withParameters, type Bound } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { fixed } from '../values/format.ts'
import { Float, int, isNumber, numberOf, Opaque, TemplateError, typeName, type Value } from '../values/value.ts'

function number(run: Run, value: Value): number {
  const plain = run.plain(value)
  if (isNumber(plain)) return numberOf(plain)
  throw new TemplateError(
    `it needs a number, and gets a '${typeName(value)}'`,
    'turn it into one with | int or | float',
  )
}

/** Python's int() of a text: digits of the base, with blanks around and `_` between them. */
export function parsedInt(text: string, base: number): number | undefined {
  const [, sign = '', digits = ''] = /^\s*([-+]?)([\w]+)\s*$/.exec(text) ?? []
  // Base 0: the prefix says which one it is.
  if (base === 0) {
    const named = { x: 16, o: 8, b: 2 }[/^0([xob])/i.exec(digits)?.[1]?.toLowerCase() ?? '']
    return named === undefined && /^0+[1-9]/.test(digits) ? undefined : parsedInt(text, named ?? 10)
  }
  const prefix = { 16: /^0x/i, 8: /^0o/i, 2: /^0b/i }[base]
  const plain = (prefix === undefined ? digits : digits.replace(prefix, ''))
    .replace(/(?<=\w)_(?=\w)/g, '')
    .toLowerCase()
  const known = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base)
  if (plain === '' || Array.from(plain).some((char) => !known.includes(char))) return undefined
  return int(Number(`${sign}1`) * parseInt(plain, base))
}

/** Python's float() of a text. */
export function parsedFloat(text: string): number | undefined {
  const plain = text.trim()
  if (/^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+)?$/i.test(plain))
    return Number(plain.replaceAll('_', ''))
  if (/^[-+]?nan$/i.test(plain)) return NaN
  return /^[-+]?inf(?:inity)?$/i.test(plain) ? (plain.startsWith('-') ? -Infinity : Infinity) : undefined
}

function toInt(run: Run, value: Value, given: Bound): Value {
  const otherwise = given.has('default') ? given.need('default') : 0
  const plain = run.plain(value)
  if (isNumber(plain)) return int(Math.trunc(numberOf(plain)))
  if (plain instanceof Opaque && plain.type === 'int') return plain
  if (typeof plain !== 'string') return otherwise
  const whole = parsedInt(plain, given.int('base', 10))
  if (whole !== undefined) return whole
  const float = parsedFloat(plain)
  return float === undefined || !Number.isFinite(float) ? otherwise : int(Math.trunc(float))
}

/** Python rounds halves to the even neighbour. */
function rounded(value: number, digits: number): number {
  if (digits >= 0) return Number(fixed(value, digits))
  const factor = 10 ** -digits
  return Number(fixed(value / factor, 0)) * factor
}

/** Filters of numbers. */
export const numberFilters: Readonly<Record<string, Apply>> = {
  int: withParameters(['default', 'base'], toInt),
  float: withParameters(['default'], (run, value, given) => {
    const plain = run.plain(value)
    if (isNumber(plain)) return new Float(numberOf(plain))
    if (plain instanceof Opaque && plain.type === 'int') return new Float(Number(plain.written))
    const float = typeof plain === 'string' ? parsedFloat(plain) : undefined
    if (float !== undefined) return new Float(float)
    return given.has('default') ? given.need('default') : new Float(0)
  }),
  abs: withParameters([], (run, value) => {
    const size = Math.abs(number(run, value))
    return run.plain(value) instanceof Float ? new Float(size) : size
  }),
  round: withParameters(['precision', 'method'], (run, value, given) => {
    const [plain, digits, method] = [number(run, value), given.int('precision', 0), given.text('method', 'common')]
    const factor = 10 ** digits
    if (method === 'ceil') return new Float(int(Math.ceil(plain * factor)) / factor)
    if (method === 'floor') return new Float(int(Math.floor(plain * factor)) / factor)
    if (method !== 'common')
      throw new TemplateError(`the method "${method}" is not known`, 'it takes common, ceil or floor')
    return run.plain(value) instanceof Float ? new Float(rounded(plain, digits)) : int(rounded(plain, digits))
  }),
  pow: withParameters(['y'], (run, value, given) => {
    const result = number(run, value) ** number(run, given.need('y'))
    if (Number.isNaN(result)) throw new TemplateError('the result is not a number')
    return new Float(result)
  }),
  root: withParameters(['base'], (run, value, given) => {
    const base = given.has('base') ? number(run, given.need('base')) : 2
    return new Float(base === 2 ? Math.sqrt(number(run, value)) : number(run, value) ** (1 / base))
  }),
  log: withParameters(['base'], (run, value, given) => {
    const plain = number(run, value)
    if (!given.has('base')) return new Float(Math.log(plain))
    const base = number(run, given.need('base'))
    return new Float(base === 10 ? Math.log10(plain) : Math.log(plain) / Math.log(base))
  }),
  human_readable: withParameters(['isbits', 'unit'], (run, value, given) => {
    const size = number(run, value)
    const wanted = given.get('unit') == null ? undefined : given.text('unit').charAt(0).toUpperCase()
    const names = ['Y', 'Z', 'E', 'P', 'T', 'G', 'M', 'K', 'B']
    const base = given.isTrue('isbits') ? 'bits' : 'Bytes'
    const at = names.findIndex((name, index) => (wanted === undefined ? size >= 1024 ** (8 - index) : name === wanted))
    const chosen = at === -1 ? 8 : at
    const name = names[chosen] === 'B' ? base : `${names[chosen] ?? ''}${given.isTrue('isbits') ? 'b' : 'B'}`
    return `${fixed(size / 1024 ** (8 - chosen), 2)} ${name}`
  }),
}
