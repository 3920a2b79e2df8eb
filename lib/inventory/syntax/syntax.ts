import type { Problem } from '../../errors.ts'
import { syntaxWords } from './syntax-words.ts'
import type { ParseError, Words } from './syntax-words.ts'
import type { Source } from '../graph/tree.ts'

interface Input {
  readonly text: string
  readonly code: 'inventory' | 'vars'
}

/**
 * The syntax errors of a YAML text. Only the first one, because after it the parser guesses;
 * but every line with a tab is listed.
 */
export function syntaxProblems(input: Input, errors: readonly ParseError[], source: Source): Problem[] {
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
    message: 'a Jinja template breaks the YAML',
    hint: 'put the whole value in quotes, as in name: "{{ other }}/path"; if the text really has {{ in it, write !unsafe before it as well',
  }
}
