/** Text that is safe markup. Only `markup` makes it. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Markup | readonly Piece[] | undefined | false

/**
 * Builds markup from a template. Every value is escaped, unless `markup` made it. Undefined and false become nothing. Indentation of the template's lines is removed.
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

/** Escapes a text for an element or a quoted attribute. */
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
