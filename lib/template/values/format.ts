import type { Run } from '../evaluation/run.ts'
import { Float, isDict, isNumber, numberOf, TemplateError, Tuple, typeName, type Key, type Value } from './value.ts'
import { repr } from './words.ts'

/** Python's `text % values`. */
export function percentFormat(run: Run, text: string, values: Value): string {
  const items = values instanceof Tuple ? values.items : [values]
  let at = 0
  const made = text.replace(
    /%(?:\(([^)]*)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%]|$)/g,
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
      return sign + String(Math.trunc(size)).padStart(precision ?? 0, '0')
    case 'x':
      return sign + (flags.includes('#') ? '0x' : '') + Math.trunc(size).toString(16)
    case 'X':
      return sign + Math.trunc(size).toString(16).toUpperCase()
    case 'o':
      return sign + Math.trunc(size).toString(8)
    case 'f':
      return sign + size.toFixed(precision ?? 6)
    default:
      throw new TemplateError(`the format %${type} is not supported`)
  }
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
  let body = isText
    ? run.text(value).slice(0, precision === undefined ? undefined : Number(precision))
    : numberBody(plain, type, precision)
  if (!isText && comma !== undefined) body = body.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
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
      return `${(number * 100).toFixed(Number(precision ?? 6))}%`
    case 'f':
      return number.toFixed(Number(precision ?? 6))
    case undefined:
    default:
      if (precision !== undefined) throw new TemplateError('a precision needs the type f', 'write {:.2f}')
      return value instanceof Float ? repr(value, () => '') : String(number)
  }
}
