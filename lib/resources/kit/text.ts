/** One line of a text: what it says, and how it ends. Only the last one may end with nothing. */
export interface Line {
  readonly text: string
  readonly eol: '' | '\n' | '\r\n'
}

/** Where a new line goes. When nothing matches, or nothing is said: to the end. */
export interface Spot {
  /** After the last line that matches. */
  readonly after?: RegExp | undefined
  /** Before the first line that matches; `/^/` is the beginning of the file. */
  readonly before?: RegExp | undefined
  /** The first or the last, where it is not to be the one above. */
  readonly firstMatch?: boolean | undefined
}

/** Cuts a text into lines. Nothing is lost: `join` gives back the very same text. */
export function split(text: string): Line[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const eol = line.endsWith('\r\n') ? '\r\n' : line.endsWith('\n') ? '\n' : ''
    return { text: line.slice(0, line.length - eol.length), eol }
  })
}

export function join(lines: readonly Line[]): string {
  return lines.map((line) => line.text + line.eol).join('')
}

/** Puts new lines in, ended as the first line of the text is; a last line without an end gets one before something follows it. */
export function insert(lines: readonly Line[], texts: readonly string[], spot: Spot): Line[] {
  const eol: Line['eol'] = lines[0]?.eol === '\r\n' ? '\r\n' : '\n'
  const at = find(lines, spot)
  const head = lines.slice(0, at).map((line) => (line.eol === '' ? { ...line, eol } : line))
  return [...head, ...texts.map((text) => ({ text, eol })), ...lines.slice(at)]
}

function find(lines: readonly Line[], { after, before, firstMatch = after === undefined }: Spot): number {
  const place = after ?? before
  if (place === undefined) return lines.length
  const at = firstMatch ? lines.findIndex(matches(place)) : lines.findLastIndex(matches(place))
  if (at < 0) return lines.length
  return after === undefined ? at : at + 1
}

/** Tries an expression on one line at a time, its end not included. The flags `g` and `y` would make it remember; they are dropped. */
export function matches(expression: RegExp): (line: Line) => boolean {
  const memoryless = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/g, ''))
  return (line) => memoryless.test(line.text)
}

/** Whether a text has more lines than so many, found without making them. */
export function hasMoreLines(text: string, most: number): boolean {
  let ends = 0
  for (let at = text.indexOf('\n'); at >= 0 && ends <= most; at = text.indexOf('\n', at + 1)) ends++
  return ends > most
}

/** What stands behind a word in the lines of an answer that begin with it, `WORD REST`. A host may send a million lines, so nothing is made for the others. */
export function allAfter(lines: readonly string[], word: string): string[] {
  const beginning = `${word} `
  const found: string[] = []
  for (const line of lines) if (line.startsWith(beginning)) found.push(line.slice(beginning.length))
  return found
}
