/** Text that is markup already. Made by `markup` alone. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Markup | readonly Piece[] | undefined | false

/**
 * Markup with values in it; what indents its own lines is left out. Each value is escaped, whoever wrote it, unless `markup` made it; undefined and false are nothing.
 *
 * @example
 * markup`<p title="${name}">${lines.map((line) => markup`<b>${line}</b>`)}</p>`
 */
export function markup(pieces: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(
    pieces
      .map((piece, at) => piece.replaceAll(/\n\s+/g, '\n') + (at < values.length ? markupOf(values[at]) : ''))
      .join(''),
  )
}

/** Text that does nothing in markup, in an element or in an attribute with quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function markupOf(value: Piece): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(markupOf).join('')
  return escaped(String(value))
}
