/** A value whose type in Python a JavaScript value does not tell: 1.0 is a float, a number of 20 digits an int, a time no text. */
export class Typed {
  /** A float as a number, a big int as its digits, a time as Python's `str` writes it. */
  readonly value: number | string
  readonly type: 'float' | 'int' | 'time'

  constructor(value: number | string, type: Typed['type']) {
    this.value = value
    this.type = type
  }
}

/** The value without its type. */
export function untyped<T>(value: T | Typed): T | number | string {
  return value instanceof Typed ? value.value : value
}

/** An int of these decimal digits: a number, or `Typed` when a JavaScript number does not hold it exactly. */
export function intOf(digits: string | bigint): number | Typed {
  const size = Number(digits)
  if (Number.isSafeInteger(size)) return size === 0 ? 0 : size
  return new Typed(BigInt(digits).toString(), 'int')
}

/** Python's text of a float: `5.0`, `1e+16`, `1e-05`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e16 || size < 1e-4) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    const sign = exponent.startsWith('-') ? '-' : '+'
    return `${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** A number as Python's `json.dumps` writes it: `1.0`, `Infinity`, all digits. */
export function jsonNumber(value: number | Typed): string {
  if (typeof value === 'number') return String(value)
  if (typeof value.value === 'string') return value.value
  if (Number.isNaN(value.value)) return 'NaN'
  if (!Number.isFinite(value.value)) return value.value > 0 ? 'Infinity' : '-Infinity'
  return floatText(value.value)
}
