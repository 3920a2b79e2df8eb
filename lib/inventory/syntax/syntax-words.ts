import type { ErrorCode } from 'yaml'
import type { Problem } from '../../errors.ts'
import { MOST_LEVELS } from '../../text/levels.ts'

export interface ParseError {
  readonly code: ErrorCode
  readonly message: string
  readonly pos: readonly [number, number]
}

export type Words = Pick<Problem, 'message' | 'expected' | 'hint'>

const QUOTE = 'if it is all one text, put it in quotes'
const INDENTED_UNDER_VALUE: Words = {
  message: 'a key has a value on its own line and yet something is indented under it',
  hint: `remove the value, or the indentation of what follows; ${QUOTE}`,
}

export const TOO_DEEP: Words = {
  message: 'the YAML is nested too deeply to be read',
  expected: `at most ${MOST_LEVELS} levels of lists and maps`,
  hint: 'look for a long run of [ or { in it',
}

/** The library's messages describe its grammar; these tell what to do. */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: {
    message: 'a tab is used for indentation, which YAML does not allow',
    expected: 'spaces',
    hint: 'replace the tab with spaces',
  },
  BAD_INDENT: {
    message: 'the indentation does not fit the lines above, or a bracket is not closed',
    hint: 'give the keys of one map the same number of spaces; close every [ and {',
  },
  MULTIPLE_DOCS: {
    message: 'the file contains more than one YAML document',
    expected: 'one document',
    hint: 'remove the line --- in the middle, or split the file',
  },
  MULTILINE_IMPLICIT_KEY: INDENTED_UNDER_VALUE,
  BAD_SCALAR_START: {
    message: 'a value begins with a character that YAML reserves: @, ` or %',
    hint: 'put the value in quotes',
  },
  RESOURCE_EXHAUSTION: TOO_DEEP,
}

/** Names for missing tokens, by the beginning of the library's message. */
const MISSING: readonly (readonly [start: string, words: Words])[] = [
  [
    'Missing closing ',
    { message: 'a quote is opened and not closed', hint: 'look for the error in this line and those above' },
  ],
  ['Implicit map keys', { message: 'a key has no colon after it', hint: 'write a colon and a space after the key' }],
  ['Missing , ', { message: 'a comma is missing between the items in brackets', hint: 'write a comma between them' }],
  ['Missing space after :', { message: 'a space is missing after a colon', hint: 'write a space after the colon' }],
]

/** Describes a syntax error. `rest` is the rest of its line. */
export function syntaxWords({ code, message }: ParseError, rest: string): Words {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    if (!/:\s/.test(rest)) return INDENTED_UNDER_VALUE
    return { message: 'a value contains ": " where YAML expects the end of the line', hint: QUOTE }
  }
  const missing = MISSING.find(([start]) => message.startsWith(start))
  const words = missing?.[1] ?? WORDS[code]
  if (words !== undefined) return words
  return { message: `this is not valid YAML: ${lowerFirst(withoutQuotation(message))}`, hint: QUOTE }
}

/** Text that the library quotes from the file may be a secret. */
function withoutQuotation(message: string): string {
  return message.replace(/: ".*$/s, '')
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
