/** The first word of a text, and what follows. */
export interface Cut {
  readonly word: string
  /** Undefined where the text ends with the word. */
  readonly rest: string | undefined
}

/**
 * Cuts a word off: up to a blank or one `=`, or up to the end of the double quotes. Undefined where a quote is not closed.
 *
 * Source: strdelim of OpenSSH 9.2.
 *
 * @example
 * cutWord('Port = 22')   // { word: 'Port', rest: '22' }
 */
export function cutWord(text: string): Cut | undefined {
  const at = text.search(/[ \t\r\n"=]/)
  if (at === -1) return { word: text, rest: undefined }
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1)
    if (end === -1) return undefined
    return { word: text.slice(0, at) + text.slice(at + 1, end), rest: withoutBlanks(text.slice(end + 1)) }
  }
  const rest = withoutBlanks(text.slice(at + 1))
  const hasEquals = text[at] !== '=' && rest.startsWith('=')
  return { word: text.slice(0, at), rest: hasEquals ? withoutBlanks(rest.slice(1)) : rest }
}

/** Without the blanks at its beginning. */
export function withoutBlanks(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '')
}

/**
 * The words of a line of ssh_config(5): with quotes of both kinds, a backslash before a quote, a backslash or a blank, and a comment at its end. Undefined
 * where a quote is not closed.
 *
 * Source: argv_split of OpenSSH 9.2.
 *
 * @example
 * splitLine('a "b c" # d')   // ['a', 'b c']
 */
export function splitLine(line: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at)
    const next = line.charAt(at + 1)
    if (letter === '\\' && (/["'\\]/.test(next) || (quote === '' && next === ' '))) {
      word = (word ?? '') + next
      at++
    } else if (quote !== '') {
      if (letter === quote) quote = ''
      else word = (word ?? '') + letter
    } else if (letter === '"' || letter === "'") {
      quote = letter
      word ??= ''
    } else if (letter === ' ' || letter === '\t') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (letter === '#' && word === undefined) break
    else word = (word ?? '') + letter
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}
