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
 * The value of an unquoted YAML scalar in Ansible, which reads YAML 1.1. A number too large to be exact stays a text with all its digits.
 *
 * @example
 * plainScalar('yes')    // true
 * plainScalar('0644')   // 420
 * plainScalar('1e3')    // '1e3'
 */
export function plainScalar(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0)
  // Most values begin with a letter that no number and none of these words begins with.
  if (first > 0x39 && !/^[yYnNoOtTfF~]/.test(text)) return text
  if (NULLS.has(text)) return null
  const meant = BOOLEANS.get(text)
  if (meant !== undefined) return meant
  if (INT.test(text)) return whole(text)
  return FLOAT.test(text) ? fraction(text) : text
}

function whole(text: string): number | string {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  const size = sizeOf(digits)
  return Number.isSafeInteger(size) ? (negative ? -size : size) : text
}

function sizeOf(digits: string): number {
  if (digits.startsWith('0b')) return parseInt(digits.slice(2), 2)
  if (digits.startsWith('0x')) return parseInt(digits.slice(2), 16)
  if (digits.includes(':')) return baseSixty(digits)
  return digits.startsWith('0') && digits.length > 1 ? parseInt(digits, 8) : Number(digits)
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
