import type { ErrorCode } from 'yaml'
import type { Problem } from '../errors.ts'
import { VAULT_HINT } from './scalar.ts'
import type { Source } from './tree.ts'

interface Input {
  readonly text: string
  readonly code: 'inventory' | 'vars'
}

interface ParseError {
  readonly code: ErrorCode
  readonly message: string
  readonly pos: readonly [number, number]
}

type Words = Pick<Problem, 'message' | 'expected' | 'hint'>

const QUOTE = 'if it is all one text, put it in quotes'

export const TOO_DEEP: Words = {
  message: 'the YAML is nested too deeply to be read',
  hint: 'look for a long run of [ or { in it',
}

/** The library's words are about its grammar; these are about what to do. */
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
    message: 'the file holds more than one YAML document',
    expected: 'one document',
    hint: 'remove the line --- in the middle, or split the file',
  },
  BLOCK_AS_IMPLICIT_KEY: { message: 'a value holds ": " where YAML expects the end of the line', hint: QUOTE },
  MULTILINE_IMPLICIT_KEY: {
    message: 'the line before has a value and yet something is indented under it',
    hint: QUOTE,
  },
  BAD_SCALAR_START: { message: 'a value begins with @ or `, which YAML reserves', hint: 'put the value in quotes' },
  RESOURCE_EXHAUSTION: TOO_DEEP,
  MISSING_CHAR: {
    message: 'something is missing: a colon, a comma, a closing quote or a closing bracket',
    hint: 'look at this line and the one above; a key needs a colon and a space after it',
  },
}

/**
 * What keeps a text from being YAML. After the first slip a parser only guesses, so there is one problem,
 * except that every line with a tab is named.
 */
export function syntaxProblems(input: Input, errors: readonly ParseError[], source: Source): Problem[] {
  const other = foreignFormat(input, source)
  if (other !== undefined) return [other]
  const tabs = errors.filter((error) => error.code === 'TAB_AS_INDENT')
  const chosen = tabs.length > 0 ? tabs : errors.slice(0, 1)
  return chosen.map((error) => ({
    code: input.code,
    place: source.place(error.pos[0]),
    ...wordsFor(error, input.text),
  }))
}

function wordsFor(error: ParseError, text: string): Words {
  if (lineAround(text, error.pos[0]).includes('{{')) {
    return {
      message: 'a Jinja template breaks the YAML, and Rolecall has no templates in YAML',
      hint: 'compute the value in TypeScript, in the role or the playbook; if the text really has {{ in it, quote it and write !unsafe before it',
    }
  }
  const words = WORDS[error.code]
  if (words !== undefined) return words
  return { message: `this is not valid YAML: ${lowerFirst(withoutQuotation(error.message))}`, hint: QUOTE }
}

function lineAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end === -1 ? undefined : end)
}

/** What the library quotes of the file may be a secret. */
function withoutQuotation(message: string): string {
  return message.replace(/: ".*$/s, '')
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** Files of Ansible that are not YAML at all deserve better than a parser's guess. */
function foreignFormat({ text, code }: Input, source: Source): Problem | undefined {
  if (text.startsWith('$ANSIBLE_VAULT')) {
    return {
      code,
      place: source.place(0),
      message: 'the file is encrypted with Ansible Vault, which Rolecall does not read',
      hint: VAULT_HINT,
    }
  }
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? ''
  const isIni = code === 'inventory' && (/^\[[\w.:-]+\]\s*$/.test(first) || /^[\w.-]+\s+ansible_\w+\s*=/.test(first))
  if (!isIni) return undefined
  return {
    code,
    place: source.place(text.indexOf(first)),
    message: 'this is an INI inventory; Rolecall reads the YAML form',
    expected: 'all: with hosts:, children: and vars: under it',
    hint: 'let Ansible convert it: ansible-inventory -i FILE --list --yaml > hosts.yml',
  }
}
