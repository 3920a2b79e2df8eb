/** Characters that move the cursor, change colours, ring a bell, change the direction of writing or are invisible; and lone surrogates. */
const ACTIVE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu
const ACTIVE_OR_BREAK = new RegExp(`[\\t\\n]|${ACTIVE.source}`, 'gu')

/**
 * Text without effect on a terminal, and with every character visible: control characters, escape sequences, direction marks and characters without width
 * become `\x1b`, `\u202e`. Newlines and tabs stay.
 */
export function neutral(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(ACTIVE, visible)
}

/** The same for text on one line: newlines and tabs become `\n` and `\t` too. */
export function neutralName(text: string): string {
  return text.replaceAll(ACTIVE_OR_BREAK, visible)
}

/** The same for JSON: each such character is written as its JSON escape, so that the data stays the same. */
export function escapedActive(json: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return json.replaceAll(ACTIVE, (letter) => letter.split('').map(escape).join(''))
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function visible(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return (
    SHORT[letter] ??
    (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`)
  )
}
