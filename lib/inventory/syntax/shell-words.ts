/** The words of a line with their columns, or the reason why the line cannot be split. */
export type Words = { readonly words: readonly Word[] } | { readonly wrong: string }

export interface Word {
  readonly text: string
  /** The column, from 0. */
  readonly at: number
}

/**
 * Splits a line into words like Python's `shlex.split(line, comments=True)`: removes quotes, `\` escapes the next character,
 * and an unquoted `#`, even inside a word, begins a comment.
 *
 * @example
 * shellWords('web1 ansible_user="a b" # comment')   // { words: [{ text: 'web1', at: 0 }, { text: 'ansible_user=a b', at: 5 }] }
 */
export function shellWords(line: string): Words {
  const words: Word[] = []
  let text = ''
  let isWord = false
  let start = 0
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const letter = line.charAt(at)
    if (quote === "'") {
      if (letter === "'") quote = ''
      else text += letter
    } else if (quote === '"') {
      if (letter === '"') quote = ''
      else if (letter === '\\' && at + 1 < line.length) {
        const next = line.charAt(++at)
        text += next === '"' || next === '\\' ? next : `\\${next}`
      } else text += letter
    } else if (/[ \t\r\n]/.test(letter)) {
      if (isWord) words.push({ text, at: start })
      isWord = false
    } else if (letter === '#') {
      break
    } else {
      if (!isWord) {
        text = ''
        start = at
        isWord = true
      }
      if (letter === "'" || letter === '"') quote = letter
      else if (letter === '\\') {
        if (at + 1 === line.length) return { wrong: 'it ends with a backslash that protects nothing' }
        text += line.charAt(++at)
      } else text += letter
    }
  }
  if (quote !== '') return { wrong: `a quote ${quote} is opened and not closed` }
  if (isWord) words.push({ text, at: start })
  return { words }
}
