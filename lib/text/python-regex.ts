/** Syntax of Python's regular expressions that has no counterpart in JavaScript. */
const FOREIGN: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\(\?\(/, 'a condition (?(1)...)'],
  [/^\(\?>/, 'an atomic group (?>...)'],
  [/^\(\?(?:[aiLmsux]+(?:-[imsx]+)?|-[imsx]+):/, 'flags for a part, such as (?i:...)'],
  [/^[*+?}]\+/, 'a possessive repetition such as *+'],
]

export type Translated = { readonly regex: RegExp } | { readonly wrong: string }

export interface Flags {
  readonly ignoreCase?: boolean
  readonly multiline?: boolean
  /** Finds all matches and not the first alone. */
  readonly all?: boolean
  /** Matches at the beginning of a text, like Python's `match`. */
  readonly isAnchored?: boolean
}

/**
 * Translates a Python regular expression to JavaScript. To Python `\w`, `\d` and `\b` are about the letters and digits of all languages, a line ends
 * with `\n` alone, and any character that is no letter or digit may follow a backslash. Translated are flags such as `(?i)` at the beginning,
 * `(?P<name>...)`, `(?P=name)`, `\A`, `\Z`, `{,3}`, `[]a]`, `(?#...)`.
 *
 * @example
 * pythonRegex('(?i)web(?P<number>\\d+)', { isAnchored: true })
 */
export function pythonRegex(source: string, given: Flags = {}): Translated {
  const [, letters = '', rest = source] = /^\(\?([aiLmsux]+)\)([^]*)$/.exec(source) ?? []
  const style = {
    isVerbose: letters.includes('x'),
    isAscii: letters.includes('a'),
    isMultiline: given.multiline === true || letters.includes('m'),
    isDotAll: letters.includes('s'),
  }
  const body = translated(rest, style)
  if ('wrong' in body) return body
  const isFolded = given.ignoreCase === true || letters.includes('i')
  const flags = `${given.all === true ? 'g' : ''}${isFolded ? 'i' : ''}v`
  try {
    return { regex: new RegExp(given.isAnchored === true ? `(?<![^])(?:${body.source})` : body.source, flags) }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  }
}

interface Style {
  readonly isVerbose: boolean
  readonly isAscii: boolean
  readonly isMultiline: boolean
  readonly isDotAll: boolean
}

/** The tokens of an expression: escapes, sets, group openings, repetitions, single characters. */
const PIECE =
  /\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\p{ASCII}|[^])|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\(\?P<\w+>|\(\?P=\w+\)|\(\?#[^)]*\)|\(\?(?:<?[=!]|:)|\{\d*,?\d*\}|[^]/gu

function translated(source: string, style: Style): { readonly source: string } | { readonly wrong: string } {
  let result = ''
  for (const { 0: piece, index } of source.matchAll(PIECE)) {
    const ahead = source.slice(index)
    const foreign = FOREIGN.find(([start]) => start.test(ahead))
    if (foreign !== undefined && !piece.startsWith('\\') && !piece.startsWith('['))
      return { wrong: `${foreign[1]} is not understood here` }
    const next = pieceOf(piece, style)
    if (next === undefined) return { wrong: `the escape ${piece} is not known` }
    result += next
  }
  return { source: result }
}

function pieceOf(piece: string, style: Style): string | undefined {
  if (piece.startsWith('(?P<')) return `(?<${piece.slice('(?P<'.length)}`
  if (piece.startsWith('(?P=')) return `\\k<${piece.slice('(?P='.length, -1)}>`
  if (piece.startsWith('(?#')) return ''
  if (/^\{(?:\d+,?\d*|,\d*)\}$/.test(piece) && piece !== '{,}') return piece.replace('{,', '{0,')
  if (piece.startsWith('\\')) return escapeOf(piece, style)
  if (piece.startsWith('[') && piece.length > 1) return setOf(piece, style)
  if (style.isVerbose && /\s/.test(piece)) return ''
  switch (piece) {
    case '.':
      return style.isDotAll ? '[^]' : '[^\\n]'
    case '^':
      return style.isMultiline ? '(?<![^\\n])' : '(?<![^])'
    // To Python the end is also before a line break at the end.
    case '$':
      return style.isMultiline ? '(?![^\\n])' : '(?=\\n?(?![^]))'
    case '{':
    case '}':
    case ']':
      return `\\${piece}`
    default:
      return piece.startsWith('{') ? `\\{${piece.slice(1, -1)}\\}` : piece
  }
}

const SPACE = '\\s\\x1c-\\x1f\\x85'
const WORD = { unicode: '\\p{L}\\p{N}_', ascii: '0-9A-Za-z_' }
const DIGIT = { unicode: '\\p{Nd}', ascii: '0-9' }

/** The equivalent of `\w`, `\d` or `\s` within a set. */
function classOf(letter: string, { isAscii }: Style): string | undefined {
  const kind = isAscii ? 'ascii' : 'unicode'
  const members = { w: WORD[kind], d: DIGIT[kind], s: SPACE }[letter.toLowerCase()]
  if (members === undefined) return undefined
  return letter === letter.toUpperCase() ? `[^${members}]` : `[${members}]`
}

/** An escape outside a set. Undefined: Python does not know it. */
function escapeOf(escape: string, style: Style): string | undefined {
  const letter = escape.slice(1, 2)
  const word = classOf('w', style) ?? ''
  switch (letter) {
    case 'A':
      return '(?<![^])'
    case 'Z':
      return '(?![^])'
    case 'b':
      return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
    case 'B':
      return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`
    default:
      return /[1-9]/.test(letter) ? escape : (classOf(letter, style) ?? characterOf(escape))
  }
}

/** The escape of one character. */
function characterOf(escape: string): string | undefined {
  const letter = escape.slice(1)
  if (escape.startsWith('\\U')) return `\\u{${escape.slice(2)}}`
  if (/^\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrtfv0])$/.test(escape)) return escape
  if (letter === 'a') return '\\x07'
  return /^[0-9A-Za-z]/.test(letter) ? undefined : literal(letter)
}

/** A literal character, outside a set and in it. */
function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/&\-!#%,:;<=>@`~]/.test(character)
    ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    : character
}

/** `[...]`: a bracket right after the opening one is a plain character. */
function setOf(set: string, style: Style): string | undefined {
  const [, negation = '', body = ''] = /^\[(\^?)([^]*)\]$/.exec(set) ?? []
  let result = ''
  for (const [piece] of body.matchAll(/\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[^])|[^]/gu)) {
    const next =
      piece === '\\b'
        ? '\\x08'
        : piece.startsWith('\\')
          ? (classOf(piece.slice(1), style) ?? characterOf(piece))
          : piece === '-'
            ? piece
            : literal(piece)
    if (next === undefined) return undefined
    result += next
  }
  // A hyphen at an end, or beside `\w` and its like, is a plain one.
  const members = result.replace(/^-|-$/g, '\\x2d').replace(/\]-|-(?=\[)/g, (part) => part.replace('-', '\\x2d'))
  return `[${negation}${members}]`
}
