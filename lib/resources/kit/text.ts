/** One line of a text, and its ending. Only the last line may have none. */
export interface Line {
  readonly text: string
  readonly eol: '' | '\n' | '\r\n'
}

/** Where to insert a line. If nothing matches, or nothing is given: at the end. */
export interface Spot {
  /** After the last line that matches. */
  readonly after?: RegExp | undefined
  /** Before the first line that matches; `/^/` is the beginning of the file. */
  readonly before?: RegExp | undefined
  /** The first or the last match, instead of the default above. */
  readonly firstMatch?: boolean | undefined
}

/** Splits a text into lines. `join` gives back exactly the same text. */
export function split(text: string): Line[] {
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const eol = line.endsWith('\r\n') ? '\r\n' : line.endsWith('\n') ? '\n' : ''
    return { text: line.slice(0, line.length - eol.length), eol }
  })
}

export function join(lines: readonly Line[]): string {
  return lines.map((line) => line.text + line.eol).join('')
}

/** Inserts lines, with the ending of the text's first line. A last line without an ending gets one before another line follows. */
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

/** Tests a regular expression on one line at a time, without its ending. The flags `g` and `y` would keep state between lines, so they are dropped. */
export function matches(expression: RegExp): (line: Line) => boolean {
  const memoryless = new RegExp(expression.source, expression.flags.replaceAll(/[gy]/g, ''))
  return (line) => memoryless.test(line.text)
}

/** Whether a text has more than this many lines, without splitting it. */
export function hasMoreLines(text: string, most: number): boolean {
  let ends = 0
  for (let at = text.indexOf('\n'); at >= 0 && ends <= most; at = text.indexOf('\n', at + 1)) ends++
  return ends > most
}

/**
 * The rest of each line of an answer that begins with a word: `WORD REST`. Other lines are skipped without making strings, since a host may send a
 * million.
 */
export function allAfter(lines: readonly string[], word: string): string[] {
  const beginning = `${word} `
  const found: string[] = []
  for (const line of lines) if (line.startsWith(beginning)) found.push(line.slice(beginning.length))
  return found
}
