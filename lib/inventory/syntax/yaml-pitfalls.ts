import { timestamp } from '../../text/timestamp.ts'

/** A plain scalar that YAML 1.1 (Ansible) and YAML 1.2 (this reader) read differently. */
export interface Trap {
  readonly why: string
  readonly hint: string
}

const BOOLEAN = /^(?:yes|no|on|off)$/i
const LEADING_ZERO = /^[-+]?0[0-9_]+$/
const NEW_OCTAL = /^[-+]?0o[0-7_]+$/i
const SHORT_EXPONENT = /^[-+]?(?:[0-9]+|[0-9]*\.[0-9]+|[0-9]+\.)[eE][0-9]+$/
const UNDERSCORES = /^[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?$/
const BASE_SIXTY = /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const WHOLE_NUMBER = /^[-+]?[0-9]+$/

/**
 * Why an unquoted scalar is ambiguous, and how to write it clearly. Undefined for all others.
 *
 * @example
 * trapIn('0644')?.why   // 'to YAML 1.1 it is the octal number 420, to YAML 1.2 the number 644'
 * trapIn('true')        // undefined
 */
export function trapIn(text: string): Trap | undefined {
  if (BOOLEAN.test(text)) {
    const meant = /^(?:yes|on)$/i.test(text)
    return {
      why: `to YAML 1.1 (and Ansible) it is ${meant}, to YAML 1.2 the text "${text}"`,
      hint: `write ${meant}, or "${text}" in quotes if you mean the text`,
    }
  }
  if (LEADING_ZERO.test(text)) return leadingZero(text)
  if (NEW_OCTAL.test(text)) {
    return {
      why: `to YAML 1.1 it is a text, to YAML 1.2 the number ${octal(text)}`,
      hint: `put it in quotes if you mean the text: "${text}"; else write the decimal number ${octal(text)}`,
    }
  }
  if (SHORT_EXPONENT.test(text)) {
    return {
      why: `to YAML 1.1 (and Ansible) it is a text, to YAML 1.2 the number ${Number(text)}`,
      hint: `write ${Number(text)}, or "${text}" in quotes if you mean the text`,
    }
  }
  if (UNDERSCORES.test(text)) {
    const number = text.replaceAll('_', '')
    return {
      why: `to YAML 1.1 it is the number ${number}, to YAML 1.2 a text`,
      hint: `write ${number}, or "${text}" in quotes if you mean the text`,
    }
  }
  if (BASE_SIXTY.test(text)) {
    return {
      why: `to YAML 1.1 it is a number to the base 60 (${baseSixty(text)}), to YAML 1.2 a text`,
      hint: `put it in quotes: "${text}"`,
    }
  }
  const time = timestamp(text)?.value
  if (time !== undefined && time !== text) {
    return {
      why: `to YAML 1.1 (and Ansible) it is the time ${time}, to YAML 1.2 a text`,
      hint: `put it in quotes: "${text}"`,
    }
  }
  if (WHOLE_NUMBER.test(text) && !Number.isSafeInteger(Number(text))) {
    return { why: 'as a number it loses its last digits', hint: `put it in quotes: "${text}"` }
  }
  return undefined
}

function leadingZero(text: string): Trap {
  const isOctal = /^[-+]?[0-7_]+$/.test(text)
  const old = isOctal ? `the octal number ${octal(text)}` : 'a text'
  const decimal = Number(text.replaceAll('_', ''))
  return {
    why: `to YAML 1.1 it is ${old}, to YAML 1.2 the number ${decimal}`,
    hint: `put it in quotes if it is a file mode or another text: "${text}"; else write ${decimal}`,
  }
}

function octal(text: string): number {
  return parseInt(text.replaceAll('_', '').replace(/0o/i, ''), 8)
}

function baseSixty(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '').split(':')
  return sign * digits.reduce((sum, digit) => sum * 60 + Number(digit), 0)
}
