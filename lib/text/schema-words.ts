import type { z } from 'zod'

/**
 * What a schema's own checks expect, in words: `a whole number`, `at most 65535`. Undefined where a schema says something that no word here fits.
 * Given to zod as the error of a parse, it leaves to a schema what that says itself.
 *
 * @example
 * schema.safeParse(value, { error: wordsFor })
 */
export function wordsFor(issue: z.core.$ZodRawIssue | z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return NATURES[issue.expected] ?? `a ${issue.expected}`
    case 'invalid_value':
      return choice(issue.values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value))))
    case 'too_small':
      return sized(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return sized(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    case 'invalid_format':
      return formatWords(issue)
    case 'invalid_union': {
      const members = issue.errors.map(([first]) => (first === undefined ? undefined : wordsFor(first)))
      const known = [...new Set(members.filter((words) => words !== undefined))]
      return known.length === 0 || known.length < new Set(members).size ? undefined : choice(known)
    }
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'unrecognized_keys':
    default:
      return undefined
  }
}

const NATURES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'nothing',
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'element', set: 'element' }

function sized(origin: string, bound: string, size: number | bigint): string {
  const unit = UNITS[origin]
  return `${bound} ${size}${unit === undefined ? '' : ` ${unit}${Number(size) === 1 ? '' : 's'}`}`
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL such as https://example.org/',
  uuid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'an IPv4 network such as 192.0.2.0/24',
  cidrv6: 'an IPv6 network such as 2001:db8::/32',
  date: 'a date such as 2026-11-25',
  datetime: 'a moment such as 2026-11-25T12:00:00Z',
  time: 'a time such as 12:00:00',
  duration: 'a duration such as PT15M',
  base64: 'a text in base64',
  hostname: 'the name of a host',
  hex: 'hexadecimal digits',
}

function formatWords(
  issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat> | z.core.$ZodIssueInvalidStringFormat,
) {
  const { format, pattern, prefix, suffix, includes } = issue as {
    readonly [K in 'format' | 'pattern' | 'prefix' | 'suffix' | 'includes']?: string
  }
  if (prefix !== undefined) return `a text that begins with ${prefix}`
  if (suffix !== undefined) return `a text that ends with ${suffix}`
  if (includes !== undefined) return `a text with ${includes} in it`
  if (format === 'regex' && pattern !== undefined) return `a text like ${pattern}`
  return FORMATS[format ?? '']
}

/** `a, b or c` */
export function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}
