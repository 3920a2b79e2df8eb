/** Syntax of Python's regular expressions that has no counterpart in JavaScript. */
const FOREIGN: readonly (readonly [start: RegExp, what: string])[] = [
  [/^\(\?\(/, 'a condition (?(1)...)'],
  [/^\(\?>/, 'an atomic group (?>...)'],
  [/^\(\?(?:[aiLmsux]+(?:-[imsx]+)?|-[imsx]+):/, 'flags for a part, such as (?i:...)'],
  [/^[*+?}]\+/, 'a possessive repetition such as *+'],
]

export type Translated = { readonly regex: RegExp } | { readonly wrong: string }

/**
 * Translates a Python regular expression to JavaScript. The result matches at the beginning of a name, like Python's `match`. Translated are
 * flags such as `(?i)` at the beginning, `(?P<name>...)`, `(?P=name)`, `\A`, `\Z`, `{,3}`, `[]a]`, `(?#...)`.
 *
 * @example
 * pythonRegex('(?i)web(?P<number>\\d+)')   // { regex: /^(?:web(?<number>\d+))/i }
 */
export function pythonRegex(source: string): Translated {
  const [, letters = '', rest = source] = /^\(\?([aiLmsux]+)\)([^]*)$/.exec(source) ?? []
  const body = translated(rest, letters.includes('x'))
  if ('wrong' in body) return body
  const flags = ['i', 'm', 's'].filter((flag) => letters.includes(flag)).join('')
  try {
    return { regex: new RegExp(`^(?:${body.source})`, flags) }
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  }
}

/** The tokens of an expression: escapes, sets, group openings, repetitions, single characters. */
const PIECE = /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\(\?P<\w+>|\(\?P=\w+\)|\(\?#[^)]*\)|\{,\d+\}|[^]/g

function translated(source: string, isVerbose: boolean): { readonly source: string } | { readonly wrong: string } {
  let result = ''
  for (const { 0: piece, index } of source.matchAll(PIECE)) {
    const ahead = source.slice(index)
    const foreign = FOREIGN.find(([start]) => start.test(ahead))
    if (foreign !== undefined && !piece.startsWith('\\') && !piece.startsWith('['))
      return { wrong: `${foreign[1]} is not understood here` }
    result += pieceOf(piece, isVerbose)
  }
  return { source: result }
}

function pieceOf(piece: string, isVerbose: boolean): string {
  if (piece === '\\A') return '^'
  if (piece === '\\Z') return '(?![^])'
  if (piece.startsWith('(?P<')) return `(?<${piece.slice('(?P<'.length)}`
  if (piece.startsWith('(?P=')) return `\\k<${piece.slice('(?P='.length, -1)}>`
  if (piece.startsWith('(?#')) return ''
  if (piece.startsWith('{,')) return `{0${piece.slice(1)}`
  // A closing bracket right after the opening one is a plain character.
  if (piece.startsWith('[') && piece.length > 1) return piece.replace(/^(\[\^?)\]/, '$1\\]')
  return isVerbose && /\s/.test(piece) ? '' : piece
}
