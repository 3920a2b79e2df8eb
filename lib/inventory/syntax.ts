import type { Problem } from '../errors.ts'
import { VAULT_HINT } from './scalar.ts'
import { syntaxWords } from './syntax-words.ts'
import type { ParseError, Words } from './syntax-words.ts'
import type { Source } from './tree.ts'

interface Input {
  readonly text: string
  readonly code: 'inventory' | 'vars'
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
  const offset = error.pos[0]
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', offset)
  const line = text.slice(start, end === -1 ? undefined : end)
  if (!line.includes('{{')) return syntaxWords(error, line.slice(offset - start))
  return {
    message: 'a Jinja template breaks the YAML, and Rolecall has no templates in YAML',
    hint: 'compute the value in TypeScript, in the role or the playbook; if the text really has {{ in it, quote it and write !unsafe before it',
  }
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
