/** Python's `capitalize`: the first letter in upper case, all others in lower case. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
}

/** Python's `title()`: upper case for each letter that does not follow a letter. */
export function titled(text: string): string {
  return text.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1))
}

/** Python's `split`. Without a separator it splits at white space and leaves no empty parts. */
export function splitAt(text: string, separator: string | undefined, most: number): string[] {
  if (separator === undefined) {
    const words = text.trimStart()
    if (words.trimEnd() === '') return []
    if (most < 0) return words.trimEnd().split(/\s+/)
    const found: string[] = []
    let rest = words
    while (found.length < most && /\s+\S/.test(rest)) {
      const [word = '', blanks = ''] = /^\S+(\s+)/.exec(rest) ?? []
      found.push(word.slice(0, word.length - blanks.length))
      rest = rest.slice(word.length)
    }
    return [...found, rest.trimEnd() === '' ? '' : most === found.length ? rest : rest.trimEnd()].filter(
      (part) => part !== '',
    )
  }
  const parts = text.split(separator)
  return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)]
}

/** Python's `rsplit`: the parts are counted from the end. */
export function splitAtEnd(text: string, separator: string | undefined, most: number): string[] {
  const turned = (one: string) => Array.from(one).reverse().join('')
  const by = separator === undefined ? undefined : turned(separator)
  return splitAt(turned(text), by, most).map(turned).reverse()
}

export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
