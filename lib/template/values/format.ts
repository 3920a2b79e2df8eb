import { floatText } from '../../text/typed.ts'
import type { Run } from '../evaluation/run.ts'
import { Float, isDict, isNumber, numberOf, TemplateError, Tuple, typeName, type Key, type Value } from './value.ts'
import { repr } from './words.ts'

/** `toFixed` has no more. */
const MOST_DIGITS = 100

/** A number with so many digits after the point. A half is rounded to the even neighbour, as in Python. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  const size = Math.abs(value)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (size >= 1e21) return sign + BigInt(size).toString() + (digits === 0 ? '' : `.${'0'.repeat(digits)}`)
  const near = size.toFixed(digits)
  const exact = size.toFixed(Math.min(digits + 30, MOST_DIGITS))
  const isHalf = /^50*$/.test(exact.split('.')[1]?.slice(digits) ?? '')
  if (!isHalf) return sign + near
  const below = digits === 0 ? exact.replace(/\..*/, '') : exact.slice(0, exact.indexOf('.') + 1 + digits)
  return sign + (/[02468]$/.test(below) ? below : near)
}

/** Python's `text % values`. */
export function percentFormat(run: Run, text: string, values: Value): string {
  const items = values instanceof Tuple ? values.items : [values]
  let at = 0
  const made = text.replace(
    /%(?:\(([^)]*)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([^]|$)/g,
    (
      _,
      name: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      type: string,
    ) => {
      if (type === '%') return '%'
      const value = name === undefined ? items[at++] : isDict(values) ? values.get(name) : undefined
      if (value === undefined) throw new TemplateError('the format asks for more values than there are')
      const body = percentBody(run, value, type, precision === undefined ? undefined : Number(precision), flags)
      return padded(body, flags, Number(width ?? 0))
    },
  )
  if (at < items.length && !isDict(values)) throw new TemplateError('the format does not use all its values')
  return made
}

function percentBody(run: Run, value: Value, type: string, precision: number | undefined, flags: string): string {
  if (type === 's' || type === 'r') {
    const text = type === 's' ? run.text(value) : repr(value, run.reveal)
    return precision === undefined ? text : text.slice(0, precision)
  }
  const plain = run.plain(value)
  if (!isNumber(plain))
    throw new TemplateError(`%${type} needs a number, and gets a '${typeName(value)}'`, 'turn it into one with | int')
  const number = numberOf(plain)
  const sign = number < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const size = Math.abs(number)
  switch (type) {
    case 'd':
    case 'i':
      return (
        sign +
        BigInt(Math.trunc(size))
          .toString()
          .padStart(precision ?? 0, '0')
      )
    case 'x':
      return sign + (flags.includes('#') ? '0x' : '') + whole(plain, type).toString(16)
    case 'X':
      return sign + (flags.includes('#') ? '0X' : '') + whole(plain, type).toString(16).toUpperCase()
    case 'o':
      return sign + (flags.includes('#') ? '0o' : '') + whole(plain, type).toString(8)
    case 'f':
    case 'F':
      return fixed(size, precision ?? 6)
        .padStart(1)
        .replace(/^/, Object.is(number, -0) ? '-' : sign)
    default:
      throw new TemplateError(`the format %${type} is not supported`)
  }
}

/** The size of an int. Python's %x takes no float. */
function whole(value: number | boolean | Float, type: string): number {
  if (value instanceof Float)
    throw new TemplateError(`%${type} needs a whole number, and gets a 'float'`, 'turn it into one with | int')
  return Math.abs(numberOf(value))
}

function padded(body: string, flags: string, width: number): string {
  if (flags.includes('-')) return body.padEnd(width)
  if (!flags.includes('0')) return body.padStart(width)
  const sign = /^[-+ ]?/.exec(body)?.[0] ?? ''
  return sign + body.slice(sign.length).padStart(width - sign.length, '0')
}

/** Python's `text.format(...)`: `{}`, `{0}`, `{name}`, and widths as in `{:03d}`, `{:>10}`. */
export function braceFormat(
  run: Run,
  text: string,
  positional: readonly Value[],
  named: ReadonlyMap<Key, Value>,
): string {
  let at = 0
  return text.replace(
    /\{\{|\}\}|\{(\w*)(?::([^{}]*))?\}|[{}]/g,
    (whole, name: string | undefined, spec: string | undefined) => {
      if (whole === '{{' || whole === '}}') return whole[0] ?? ''
      if (name === undefined)
        throw new TemplateError(`the format has a "${whole}" that is not supported`, 'write {{ or }} for a brace')
      const value = name === '' ? positional[at++] : /^\d+$/.test(name) ? positional[Number(name)] : named.get(name)
      if (value === undefined)
        throw new TemplateError(
          `the format asks for ${name === '' ? 'more values than there are' : `"${name}", which is not given`}`,
        )
      return specified(run, value, spec ?? '')
    },
  )
}

function specified(run: Run, value: Value, spec: string): string {
  if (spec === '') return run.text(value)
  const [, fill = ' ', align, sign = '', zero, width = '0', comma, precision, type] =
    /^(?:(.)?([<>^]))?([+ -])?(0)?(\d+)?(,)?(?:\.(\d+))?([sdfxXob%])?$/.exec(spec) ?? []
  if (!/^(?:(.)?([<>^]))?([+ -])?(0)?(\d+)?(,)?(?:\.(\d+))?([sdfxXob%])?$/.test(spec))
    throw new TemplateError(`the format {:${spec}} is not supported`)
  const plain = run.plain(value)
  const isText = !isNumber(plain) || type === 's'
  if (!isNumber(plain) && type !== undefined && type !== 's')
    throw new TemplateError(`{:${spec}} needs a number, and gets a '${typeName(value)}'`, 'turn it into one with | int')
  let body = isText
    ? run.text(value).slice(0, precision === undefined ? undefined : Number(precision))
    : numberBody(plain, type, precision)
  // Digits after the point are not grouped.
  if (!isText && comma !== undefined) body = body.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','))
  if (!isText && sign !== '-' && sign !== '' && !body.startsWith('-')) body = sign + body
  const size = Number(width)
  if (zero !== undefined && align === undefined) return padded(body, '0', size)
  if (align === '^') {
    const left = Math.floor(Math.max(0, size - body.length) / 2)
    return (fill.repeat(left) + body).padEnd(size, fill)
  }
  return (align ?? (isText ? '<' : '>')) === '<' ? body.padEnd(size, fill) : body.padStart(size, fill)
}

function numberBody(value: number | boolean | Float, type: string | undefined, precision: string | undefined): string {
  const number = numberOf(value)
  if (value instanceof Float && type !== undefined && 'dxXob'.includes(type))
    throw new TemplateError(`{:${type}} needs a whole number, and gets a 'float'`, 'turn it into one with | int')
  switch (type) {
    case 'x':
      return number.toString(16)
    case 'X':
      return number.toString(16).toUpperCase()
    case 'o':
      return number.toString(8)
    case 'b':
      return number.toString(2)
    case '%':
      return `${fixed(number * 100, Number(precision ?? 6))}%`
    case 'f':
      return fixed(number, Number(precision ?? 6))
    case undefined:
    default:
      if (precision !== undefined) throw new TemplateError('a precision needs the type f', 'write {:.2f}')
      return value instanceof Float ? repr(value, () => '') : String(number)
  }
}
