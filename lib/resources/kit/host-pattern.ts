import { invalidOption } from './options/invalid-option.ts'

const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: '[:space:]' }

/** A pattern that the host's own `grep -E` matches line by line. */
export interface HostPattern {
  readonly shown: string
  readonly extended: string
  readonly ignoreCase: boolean
}

/**
 * A RegExp as a POSIX extended regular expression, for what must be matched on the host while nobody else looks on.
 * What the two do not have in common is refused: a pattern that means something else there would be waited for in vain.
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
      // ECMAScript has no need to escape a slash for itself, and `source` always does.
      extended += known !== undefined ? `[${known}]` : token === '(?:' ? '(' : letter === '/' ? '/' : token
      inBracket = token === '['
    }
  }
  return { shown, extended, ignoreCase: flags.includes('i') }
}

/** Whether a line of a content matches, as `grep -E` in the C locale says of a pattern that `hostPattern` has taken: byte by byte, and line by line. */
export function hasLine({ source, ignoreCase }: RegExp, content: Uint8Array): boolean {
  const bytes = new RegExp(Buffer.from(source).toString('latin1'), ignoreCase ? 'is' : 's')
  const text = Buffer.from(content).toString('latin1')
  if (text === '') return false
  return text
    .replace(/\n$/, '')
    .split('\n')
    .some((line) => bytes.test(line))
}
