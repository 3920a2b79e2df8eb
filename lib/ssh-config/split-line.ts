/**
 * The words of a line of ssh_config(5): with quotes of both kinds, a backslash before a quote, a backslash or a blank, and a comment at its end.
 *
 * Source: argv_split of OpenSSH 9.2.
 *
 * @example
 * splitLine('a "b c" # d')   // ['a', 'b c']
 */
export function splitLine(line: string): readonly string[] {
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
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (letter === '#' && word === undefined) break
    else word = (word ?? '') + letter
  }
  return word === undefined ? words : [...words, word]
}
