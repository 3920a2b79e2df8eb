/**
 * How many columns of a terminal a text takes. East Asian wide letters and emoji take two, combining marks none.
 *
 * @example width('abc')   // 3
 * width('主机')           // 4
 */
export function width(text: string): number {
  // Nearly every text is plain ASCII, where letters are columns.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let columns = 0
  for (const letter of text) columns += letterWidth(letter)
  return columns
}

/** A text cut to so many columns, with `…` where something is missing. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  if (columns < 1) return ''
  let kept = ''
  let used = 0
  for (const letter of text) {
    const next = letterWidth(letter)
    if (used + next > columns - 1) break
    kept += letter
    used += next
  }
  return `${kept}…`
}

/** A text filled with blanks to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

const MARK = /^\p{Mark}$|^[\u200b-\u200f\ufe00-\ufe0f]$/u
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u

function letterWidth(letter: string): number {
  if (MARK.test(letter)) return 0
  return WIDE.test(letter) ? 2 : 1
}
