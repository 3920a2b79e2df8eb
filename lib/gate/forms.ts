/** A shorter text is too common to be masked wherever it appears. */
export const SHORTEST_MASKED = 4

/** A longer secret is found as it is and by its lines, but not in every encoding. */
const LONGEST_ENCODED = 16_384
const MOST_LINES_ENCODED = 1000

/**
 * The texts in which a secret may appear: whole, without surrounding blanks, by its lines, and each of these in the usual encodings.
 *
 * Not included: encodings of encodings (except base64 in a URL), compressed or encrypted data, dumps in columns, parts of a line, and secrets of
 * fewer than 4 characters.
 */
export function formsOf(text: string, byLine: boolean): string[] {
  const whole = [text, text.trim(), text.replace(/\r?\n$/, '')]
  const lines = byLine && /[\r\n]/.test(text) ? text.split(/[\r\n]+/).flatMap((line) => [line, line.trim()]) : []
  const forms = new Set<string>()
  for (const [at, each] of [...whole, ...lines].entries()) {
    if (each.length < SHORTEST_MASKED || forms.has(each)) continue
    const isEncoded = each.length <= LONGEST_ENCODED && at < MOST_LINES_ENCODED
    for (const form of isEncoded ? encoded(each) : [each]) if (form.length >= SHORTEST_MASKED) forms.add(form)
  }
  return [...forms]
}

function encoded(text: string): string[] {
  const bytes = Buffer.from(text)
  return [text, ...escaped(text), ...inUrls(text), ...inMarkup(text), ...inBase64(bytes), ...inHex(bytes)]
}

/** As strings are written in JSON, C, shells, YAML and CSV. */
function escaped(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const unicode = (from: string) =>
    from.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const c = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  const octal = Buffer.from(c)
    .toString('latin1')
    .replaceAll(/[\x80-\xff]/g, (byte) => `\\${byte.charCodeAt(0).toString(8)}`)
  return [
    json,
    unicode(json),
    unicode(json).replaceAll(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
    json.replaceAll('/', '\\/'),
    c,
    c.replaceAll("'", "\\'"),
    c.replaceAll('`', '\\`'),
    octal,
    octal.replaceAll("'", "\\'"),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", `'\\''`),
    text.replaceAll(/[\\"$`]/g, '\\$&'),
    text.replaceAll(/[^\w@%+=:,./\n\x80-\uffff-]/g, '\\$&'),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    text.replaceAll('\n', '\r\n'),
  ]
}

function inUrls(text: string): string[] {
  const component = encodeURIComponent(wellFormed(text))
  const strict = component.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const userInfo = component.replaceAll(/%(2[4C6B])/g, (code) => decodeURIComponent(code))
  return [component, strict, userInfo, encodeURI(wellFormed(text)), strict.replaceAll('%20', '+')].flatMap((form) => [
    form,
    form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ])
}

function inMarkup(text: string): string[] {
  if (!/[&<>"']/.test(text)) return []
  const basic = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const quoted = basic.replaceAll('"', '&quot;')
  return [
    basic,
    quoted,
    quoted.replaceAll("'", '&#39;'),
    quoted.replaceAll("'", '&apos;'),
    quoted.replaceAll("'", '&#x27;'),
  ]
}

/** A lone surrogate has no UTF-8 form and is written as U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** The columns at which base64(1), PEM and OpenSSL break lines. */
const WRAPS = [76, 64] as const

/** Three alignments, because other bytes may precede the secret. Of each, only the characters that do not depend on neighbouring bytes. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    const core = all.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
    const url = core.replaceAll('+', '-').replaceAll('/', '_')
    const wrapped = before === 0 ? WRAPS.flatMap((columns) => piecesOf(core, columns)) : []
    return [core, url, encodeURIComponent(core), ...wrapped]
  })
}

/** xxd -p breaks lines at this column. */
const HEX_WRAP = 60

function inHex(bytes: Buffer): string[] {
  const hex = bytes.toString('hex')
  const pairs = hex.match(/../g) ?? []
  const lower = [
    hex,
    pairs.join(':'),
    pairs.join(' '),
    pairs.map((pair) => `\\x${pair}`).join(''),
    ...piecesOf(hex, HEX_WRAP),
  ]
  return [...lower, hex.toUpperCase(), pairs.join(':').toUpperCase(), pairs.join(' ').toUpperCase()]
}

/** The lines of a text that is broken at a column. A short last line is left out, because it would match too much. */
function piecesOf(text: string, columns: number): string[] {
  if (text.length <= columns) return []
  const starts = Array.from({ length: Math.ceil(text.length / columns) }, (_, at) => at * columns)
  return starts.map((start) => text.slice(start, start + columns)).filter((piece) => piece.length >= 8)
}
