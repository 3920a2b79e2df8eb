import { plainScalar } from '../../text/yaml/scalar.ts'
import { floatText } from '../../text/typed.ts'

/** The styles in which PyYAML may write a text. */
export interface Analysis {
  readonly isMultiline: boolean
  readonly inBlock: boolean
  readonly inFlow: boolean
  readonly inSingleQuotes: boolean
}

const SPACE = /[\0 \t\r\n\x85\u2028\u2029]/
const BREAK = /[\n\x85\u2028\u2029]/
const PRINTED = /[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u
const TIME =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/

/** Whether YAML 1.1 would read the unquoted text as another type. */
export function meansMore(text: string): boolean {
  return plainScalar(text) !== text || isOddNumber(text) || TIME.test(text) || text === '=' || text === '<<'
}

/** Integers too large for JavaScript are numbers in Python. */
function isOddNumber(text: string): boolean {
  return /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$/.test(text)
}

/**
 * Finds the styles in which a text can be written.
 *
 * Source: analyze_scalar of PyYAML's emitter.
 */
export function analyze(text: string): Analysis {
  if (text === '') return { isMultiline: false, inBlock: true, inFlow: false, inSingleQuotes: true }
  const chars = Array.from(text)
  let inBlock = !/^(?:---|\.\.\.)/.test(text)
  let inFlow = inBlock
  let isMultiline = false
  for (const [at, char] of chars.entries()) {
    const isBeforeSpace = at + 1 >= chars.length || SPACE.test(chars[at + 1] ?? '')
    const isAfterSpace = at === 0 || SPACE.test(chars[at - 1] ?? '')
    if (at === 0) {
      if (/[#,[\]{}&*!|>'"%@`]/.test(char) || (char === '-' && isBeforeSpace)) inBlock = inFlow = false
      if (/[?:]/.test(char)) inFlow = false
      if (/[?:]/.test(char) && isBeforeSpace) inBlock = false
    } else {
      if (/[,?[\]{}:]/.test(char)) inFlow = false
      if ((char === ':' && isBeforeSpace) || (char === '#' && isAfterSpace)) inBlock = inFlow = false
    }
    if (BREAK.test(char)) isMultiline = true
  }
  const isSpecial = chars.some((char) => !PRINTED.test(char))
  const hasBlankEnds = /^[ \n\x85\u2028\u2029]|[ \n\x85\u2028\u2029]$/.test(text)
  if (hasBlankEnds || isMultiline || isSpecial || /[\n\x85\u2028\u2029] /.test(text)) inBlock = inFlow = false
  const inSingleQuotes = !isSpecial && !/[\n\x85\u2028\u2029] | [\n\x85\u2028\u2029]/.test(text)
  return { isMultiline, inBlock, inFlow, inSingleQuotes }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\x0b': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}

/** The escape of a character between double quotes; undefined for a plain one. */
export function escaped(char: string): string | undefined {
  if (/[\x20-\x7e]|[\xa0-\ud7ff]|[\ue000-\ufefe]|[\uff00-\ufffd]/.test(char) && !/["\\\u2028\u2029]/.test(char)) {
    return undefined
  }
  const short = ESCAPES[char]
  if (short !== undefined) return `\\${short}`
  const point = char.codePointAt(0) ?? 0
  const [letter, size] =
    point <= 0xff ? (['x', 2] as const) : point <= 0xffff ? (['u', 4] as const) : (['U', 8] as const)
  return `\\${letter}${point.toString(16).toUpperCase().padStart(size, '0')}`
}

/** A float as YAML 1.1 has it. */
export function floating(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  const text = floatText(value).toLowerCase()
  return text.includes('.') ? text : text.replace('e', '.0e')
}
