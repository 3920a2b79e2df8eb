import { invalidOption } from './options/invalid-option.ts'

const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: '[:space:]' }

/** A pattern that the host's own `grep -E` matches line by line. */
export interface HostPattern {
  readonly shown: string
  readonly extended: string
  readonly ignoreCase: boolean
}

/**
 * A RegExp as a POSIX extended regular expression, for matching on the host. Throws for syntax that POSIX lacks or reads differently: such a pattern
 * might never match.
 *
 * Source: POSIX.1-2017, 9.4 Extended Regular Expressions; ECMA-262, 22.2.1 Patterns.
 */
export function hostPattern(of: string, { source, flags }: RegExp): HostPattern {
  const shown = `/${source}/${flags}`
  const refuse = (what: string): never => {
    throw invalidOption(of, `a pattern that grep -E knows as well, without ${what}`, shown)
  }
  const flag = /[^im]/.exec(flags)?.[0]
  if (flag !== undefined) refuse(`the flag ${flag}`)
  let extended = ''
  let inBracket = false
  for (const [token] of source.matchAll(/\\[\s\S]|\(\?:|\(\?|[*+?}]\?|[\s\S]/g)) {
    const letter = token.startsWith('\\') ? token.slice(1) : undefined
    const known = letter === undefined ? undefined : CLASSES[letter]
    if (letter !== undefined && known === undefined && /[\w\n]/.test(letter)) refuse(token)
    if (inBracket) {
      if (token === '[' || (letter !== undefined && /[\]^\\-]/.test(letter))) refuse(`${token} in brackets`)
      extended += known ?? letter ?? token
      inBracket = token !== ']'
    } else if (token === '(?' || /^[*+?}]\?$/.test(token)) refuse(token)
    else {
      // ECMAScript need not escape a slash, but `source` always does.
      extended += known !== undefined ? `[${known}]` : token === '(?:' ? '(' : letter === '/' ? '/' : token
      inBracket = token === '['
    }
  }
  return { shown, extended, ignoreCase: flags.includes('i') }
}

/** Whether a line of a content matches a pattern that `hostPattern` accepted, as `grep -E` in the C locale would: byte by byte, and line by line. */
export function hasLine({ source, ignoreCase }: RegExp, content: Uint8Array): boolean {
  const bytes = new RegExp(Buffer.from(source).toString('latin1'), ignoreCase ? 'is' : 's')
  const text = Buffer.from(content).toString('latin1')
  if (text === '') return false
  return text
    .replace(/\n$/, '')
    .split('\n')
    .some((line) => bytes.test(line))
}
