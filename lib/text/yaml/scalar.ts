import { timestamp } from '../timestamp.ts'
import { intOf, Typed } from '../typed.ts'

/** The value of an unquoted YAML scalar. */
export type Plain = string | number | boolean | null | Typed

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  ['yes', 'on', 'true']
    .flatMap((word) => cases(word, true))
    .concat(['no', 'off', 'false'].flatMap((word) => cases(word, false))),
)
const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL'])

const INT = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

function cases(word: string, meant: boolean): [string, boolean][] {
  return [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()].map((each) => [each, meant])
}

/**
 * The value of an unquoted YAML scalar in Ansible, which reads YAML 1.1.
 *
 * @example
 * plainScalar('yes')    // true
 * plainScalar('0644')   // 420
 * plainScalar('1e3')    // '1e3'
 * plainScalar('1.0')    // new Typed(1, 'float')
 */
export function plainScalar(text: string): Plain {
  const first = text.charCodeAt(0)
  // Most values begin with a letter that no number and none of these words begins with.
  if (first > 0x39 && !/^[yYnNoOtTfF~]/.test(text)) return text
  if (NULLS.has(text)) return null
  const meant = BOOLEANS.get(text)
  if (meant !== undefined) return meant
  if (INT.test(text)) return whole(text)
  return FLOAT.test(text) ? new Typed(fraction(text), 'float') : (timestamp(text) ?? text)
}

function whole(text: string): number | string | Typed {
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  const size = sizeOf(digits)
  if (size === undefined) return text
  return intOf(text.startsWith('-') ? -size : size)
}

function sizeOf(digits: string): bigint | undefined {
  // Python refuses `0x_`, and nobody writes it.
  if (digits === '0b' || digits === '0x') return undefined
  if (digits.includes(':')) return digits.split(':').reduce((sum, digit) => sum * 60n + BigInt(digit), 0n)
  return BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits)
}

function fraction(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '').toLowerCase()
  if (digits === '.inf') return sign * Infinity
  if (digits === '.nan') return NaN
  return sign * (digits.includes(':') ? baseSixty(digits) : Number(digits))
}

function baseSixty(digits: string): number {
  return digits.split(':').reduce((sum, digit) => sum * 60 + Number(digit), 0)
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/**
 * The value of a JSON number, `true`, `false` or `null`; undefined for any other text.
 *
 * @example
 * jsonScalar('1e3')   // new Typed(1000, 'float')
 */
export function jsonScalar(text: string): number | boolean | null | Typed | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  if (text === 'NaN') return new Typed(NaN, 'float')
  if (text === 'Infinity' || text === '-Infinity') return new Typed(Number(text), 'float')
  if (!JSON_NUMBER.test(text)) return undefined
  return /[.eE]/.test(text) ? new Typed(Number(text), 'float') : intOf(text)
}
