import { faultOfValue } from './grammar.ts'
import { isKnown, isSilent, fullNameOf } from './keywords.ts'
import { cutWord, splitLine, withoutBlanks } from './words.ts'

/** A line of ssh_config(5) that says something. */
export interface Setting {
  /** In lower case, by the name that ssh prints. */
  readonly keyword: string
  /** Everything after the keyword, as it was written. */
  readonly rest: string
  readonly words: readonly string[]
}

/** What a line is. A fault is told in ssh's own words. */
export type ReadLine =
  | { readonly type: 'nothing' }
  | { readonly type: 'setting'; readonly setting: Setting }
  | { readonly type: 'fault'; readonly fault: string }

const NOTHING: ReadLine = { type: 'nothing' }

/**
 * Reads a line as ssh(1) does, and refuses what ssh refuses: also in a section that is about other hosts.
 *
 * Source: process_config_line_depth of OpenSSH 9.2.
 *
 * @param isIgnored whether IgnoreUnknown names a keyword
 */
export function readLine(line: string, isIgnored: (keyword: string) => boolean): ReadLine {
  const [written, rest] = keywordOf(line)
  if (written === undefined) return NOTHING
  if (rest === '') return { type: 'fault', fault: `no argument after keyword "${written}"` }
  if (!isKnown(written))
    return isIgnored(written) ? NOTHING : { type: 'fault', fault: `Bad configuration option: ${written}` }
  const words = splitLine(rest)
  if (words === undefined) return { type: 'fault', fault: 'invalid quotes' }
  if (isSilent(written)) return NOTHING
  const keyword = fullNameOf(written)
  const fault = faultOfValue(keyword, words, rest)
  return fault === undefined ? { type: 'setting', setting: { keyword, rest, words } } : { type: 'fault', fault }
}

/** The keyword in lower case, and what follows. Undefined for a line that says nothing. */
export function keywordOf(line: string): readonly [keyword: string | undefined, rest: string] {
  // To C, a text ends at its first NUL.
  const [text = ''] = line.split('\0')
  const first = cutWord(text.replace(/(?<=.)[ \t\r\n\f]+$/s, ''))
  const found = first?.word === '' && first.rest !== undefined ? cutWord(first.rest) : first
  return found === undefined || found.word === '' || found.word.startsWith('#')
    ? [undefined, '']
    : [found.word.toLowerCase(), withoutBlanks(found.rest ?? '')]
}
