/** The largest content that is fetched from a host or shown as text. */
export const LARGEST_TEXT = 1024 * 1024

/** Bytes as text; undefined if they are not text (a NUL byte, invalid UTF-8) or more than `most` bytes. */
export function textOf(bytes: Uint8Array, most = LARGEST_TEXT): string | undefined {
  if (bytes.length > most || bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The byte order mark: a text file may begin with it, and readers do not count it as text. */
const MARK = '\ufeff'

/** The byte order mark that a text begins with, if any, and the text after it. */
export function splitMark(text: string): readonly [mark: string, rest: string] {
  return text.startsWith(MARK) ? [MARK, text.slice(1)] : ['', text]
}

/** Why bytes cannot be edited as text: completes `PATH cannot be edited: it`. Undefined bytes: the file was too large to fetch. */
export function whyNoText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length > LARGEST_TEXT) return 'is larger than 1 MiB'
  const [first, second, third, fourth] = bytes
  const isLittle = first === 0xff && second === 0xfe
  if ((isLittle && third === 0 && fourth === 0) || (first === 0 && second === 0 && third === 0xfe && fourth === 0xff))
    return 'is UTF-32 by its byte order mark, and only UTF-8 is edited'
  if (isLittle || (first === 0xfe && second === 0xff))
    return 'is UTF-16 by its byte order mark, and only UTF-8 is edited'
  const nul = bytes.indexOf(0)
  if (nul >= 0) return `is not text: byte ${nul + 1} is NUL`
  return `is no UTF-8: line ${badLine(bytes)} has other bytes`
}

function badLine(bytes: Uint8Array): number {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end
    if (textOf(bytes.subarray(from, to)) === undefined) return line
    from = to + 1
  }
  return line
}
