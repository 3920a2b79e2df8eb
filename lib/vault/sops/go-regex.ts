interface Style {
  readonly isFolded: boolean
  readonly isMultiline: boolean
  readonly isDotAll: boolean
}

/** The tokens of an expression: quotations, escapes, sets, openings of groups, single characters. */
const PIECE =
  /\\Q([^]*?)(?:\\E|$)|\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]{1,6}\}|[pP](?:\{\^?\w+\}|[A-Z])|[0-7]{1,3}|[^])|\[\^?\]?(?:\[:\^?\w+:\]|\\[^]|[^\]\\])*\]|\(\?P?<\w+>|\(\?([imsU-]*)(:|\))|\{\d+(?:,\d*)?\}|[^]/gu

/**
 * Translates a regular expression of Go to JavaScript; undefined where it is not understood. In Go, `\w`, `\d`, `\s` and `\b` are about ASCII, `$` is the
 * end of the text, and flags may begin anywhere.
 *
 * Source: pkg.go.dev/regexp/syntax.
 *
 * @example
 * goRegex('^(?i:pass|token)[[:digit:]]*$')
 */
export function goRegex(source: string): RegExp | undefined {
  const outer: Style[] = []
  let style: Style = { isFolded: false, isMultiline: false, isDotAll: false }
  let result = ''
  for (const { 0: piece, 1: quoted, 2: flags, 3: end } of source.matchAll(PIECE)) {
    if (quoted !== undefined) result += Array.from(quoted, (each) => character(each, style)).join('')
    else if (flags !== undefined) {
      const flagged = withFlags(style, flags)
      if (flagged === undefined) return undefined
      if (end === ':') outer.push(style)
      if (end === ':') result += '(?:'
      style = flagged
    } else {
      if (piece.startsWith('(')) outer.push(style)
      const next = pieceOf(piece, style)
      if (next === undefined) return undefined
      result += next
      if (piece === ')') style = outer.pop() ?? style
    }
  }
  try {
    return new RegExp(result, 'u')
  } catch {
    return undefined
  }
}

function withFlags(style: Style, flags: string): Style | undefined {
  const [on = '', off = ''] = flags.split('-')
  if (on.includes('U')) return undefined
  const isOn = (letter: string, before: boolean) => (before || on.includes(letter)) && !off.includes(letter)
  return {
    isFolded: isOn('i', style.isFolded),
    isMultiline: isOn('m', style.isMultiline),
    isDotAll: isOn('s', style.isDotAll),
  }
}

function pieceOf(piece: string, style: Style): string | undefined {
  if (piece.startsWith('(?')) return /^\(\?P?<\w+>$/.test(piece) ? piece.replace('(?P', '(?') : undefined
  if (piece.startsWith('[') && piece.length > 1) return setOf(piece, style)
  if (piece.startsWith('\\')) return escapeOf(piece, style)
  if (piece.startsWith('{') && piece.length > 1) return piece
  switch (piece) {
    case '.':
      return style.isDotAll ? '[^]' : '[^\\n]'
    case '^':
      return style.isMultiline ? '(?<![^\\n])' : '(?<![^])'
    case '$':
      return style.isMultiline ? '(?![^\\n])' : '(?![^])'
    case '(':
    case ')':
    case '|':
    case '*':
    case '+':
    case '?':
      return piece
    default:
      return character(piece, style)
  }
}

const SPACE = '\\t\\n\\f\\r '
const WORD = '0-9A-Za-z_'

/** The meaning of an escape of several characters within a set. */
function membersOf(escape: string): string | undefined {
  const letter = escape.slice(1, 2)
  if (/^p/i.test(letter)) {
    const name = escape.slice(2).replace(/^\{(.*)\}$/, '$1')
    const isNegated = (letter === 'P') !== name.startsWith('^')
    const plain = name.replace('^', '')
    const property = /^[A-Z][a-z]?$/.test(plain) ? plain : `Script=${plain}`
    return `\\${isNegated ? 'P' : 'p'}{${property}}`
  }
  return { d: '0-9', D: '\\D', w: WORD, W: '\\W', s: SPACE, S: undefined }[letter]
}

function escapeOf(escape: string, style: Style): string | undefined {
  switch (escape) {
    case '\\A':
      return '(?<![^])'
    case '\\z':
      return '(?![^])'
    case '\\b':
    case '\\B':
      return escape
    case '\\S':
      return `[^${SPACE}]`
    default: {
      const members = membersOf(escape)
      if (members !== undefined) return `[${members}]`
      const meant = meantBy(escape)
      return meant === undefined ? undefined : character(meant, style)
    }
  }
}

const CONTROLS: Readonly<Record<string, string>> = { a: '\x07', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v' }

/** The one character that an escape means. */
function meantBy(escape: string): string | undefined {
  const rest = escape.slice(1)
  const hex = /^x\{?([0-9a-fA-F]+)\}?$/.exec(rest)?.[1]
  if (hex !== undefined) return Number.parseInt(hex, 16) > 0x10_ff_ff ? undefined : codePoint(hex, 16)
  if (/^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})$/.test(rest)) return codePoint(rest, 8)
  if (CONTROLS[rest] !== undefined) return CONTROLS[rest]
  return /^[0-9A-Za-z]/.test(rest) ? undefined : rest
}

function codePoint(digits: string, base: number): string {
  return String.fromCodePoint(Number.parseInt(digits, base))
}

/** A literal character, in both cases if case is ignored. */
function character(meant: string, { isFolded }: Style): string {
  const both = isFolded ? bothCases(meant) : [meant]
  return both.length === 1 ? literal(meant) : `[${both.map(literal).join('')}]`
}

function bothCases(meant: string): readonly string[] {
  return [...new Set([meant, meant.toLowerCase(), meant.toUpperCase()])].filter((each) => Array.from(each).length === 1)
}

function literal(meant: string): string {
  return /^[\p{L}\p{N}_]$/u.test(meant) ? meant : `\\u{${(meant.codePointAt(0) ?? 0).toString(16)}}`
}

/** Source: pkg.go.dev/regexp/syntax, ASCII character classes. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: WORD,
  xdigit: '0-9A-Fa-f',
}

/** `[...]`. A negated class in a set is not understood. */
function setOf(set: string, { isFolded }: Style): string | undefined {
  const [, negation = '', body = ''] = /^\[(\^?)([^]*)\]$/.exec(set) ?? []
  let members = ''
  const pieces = body.matchAll(
    /\[:(\^?\w+):\]|(\\(?:[pP](?:\{\^?\w+\}|[A-Z])|[dDwWsS]))|(\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]{1,6}\}|[0-7]{1,3}|[^])|[^])(?:-(\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]{1,6}\}|[^])|[^]))?/gu,
  )
  for (const { 1: name, 2: several, 3: first = '', 4: last } of pieces) {
    const next = name !== undefined ? CLASSES[name] : several !== undefined ? membersOf(several) : rangeOf(first, last)
    if (next === undefined) return undefined
    members += isFolded && /[a-z]/i.test(next) ? folded(next) : next
  }
  return `[${negation}${members}]`
}

function rangeOf(first: string, last: string | undefined): string | undefined {
  const [from, to] = [first, last].map((end) => (end?.startsWith('\\') === true ? meantBy(end) : end))
  if (from === undefined || (last !== undefined && to === undefined)) return undefined
  return to === undefined ? literal(from) : `${literal(from)}-${literal(to)}`
}

/** The members of a set, and their other cases. */
function folded(members: string): string {
  return members.startsWith('\\') ? members : `${members}${members.toLowerCase()}${members.toUpperCase()}`
}
