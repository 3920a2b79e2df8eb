import type { Token } from './lexer.ts'
import { TemplateError } from '../values/value.ts'

const TOKEN =
  /\s*(?:('(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")|((?:\d+\.\d*|\.\d+)(?:e[-+]?\d+)?|\d+e[-+]?\d+)|(\d+)|([A-Za-z_]\w*)|([[\](){},:+-]))/iy

/** The tokens of a Python literal. Throws a TemplateError for anything else. */
export function literalTokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) throw new TemplateError('this is not a literal')
    at = TOKEN.lastIndex
    const [, quoted, float, int, name, operator] = match
    if (quoted !== undefined) found.push({ type: 'string', value: unescaped(quoted.slice(1, -1)) })
    else if (float !== undefined) found.push({ type: 'float', value: Number(float) })
    else if (int !== undefined) found.push(wholeNumber(int))
    else if (name !== undefined) found.push({ type: 'name', value: name })
    else if (operator !== undefined) found.push({ type: 'operator', value: operator })
  }
  return found
}

function wholeNumber(digits: string): Token {
  if (/^0+[1-9]/.test(digits)) throw new TemplateError('a number begins with 0')
  return { type: 'int', value: Number(digits) }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([^]))/gi,
    (
      whole,
      two: string | undefined,
      four: string | undefined,
      eight: string | undefined,
      octal: string | undefined,
      char: string | undefined,
    ) => {
      const hex = two ?? four ?? eight
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16))
      if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8))
      return char === undefined ? whole : (ESCAPES[char] ?? whole)
    },
  )
}
