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
  return [
    ...[text, ...inOtherLetters(text), ...escaped(text), ...inJson(text)],
    ...[...inUrls(text), ...inMarkup(text), ...inBase64(bytes), ...inHex(bytes)],
  ]
}

/** A shorter text, or one of letters only, may be a word of its own in other letters. */
const SHORTEST_IN_OTHER_CASE = 8

/** As programs change any text: in large or small letters, with composed letters or not, and with the blanks that a shell leaves. */
function inOtherLetters(text: string): string[] {
  const isWord = text.length < SHORTEST_IN_OTHER_CASE || /^\p{L}*$/u.test(text)
  const cases = isWord ? [] : [text.toUpperCase(), text.toLowerCase()]
  return [...cases, text.normalize('NFC'), text.normalize('NFD'), text.trim().replaceAll(/\s+/g, ' ')]
}

/** As further writers of JSON escape more than they have to: Go, PHP, Gson and .NET. */
function inJson(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const code = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  const large = (sign: string) => `\\u${code(sign).slice(2).toUpperCase()}`
  return [
    json.replaceAll(/[<>&\u2028\u2029]/g, code),
    json.replaceAll(/[<>&\u2028\u2029]/g, large),
    json.replaceAll(/[<>&='\u2028\u2029]/g, code),
    json.replaceAll('\\"', '"').replaceAll(/["<>&'+`\x7f-\uffff]/g, large),
  ]
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
  const bytes = Buffer.from(c)
    .toString('latin1')
    .replaceAll(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)
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
    bytes,
    bytes.replaceAll("'", "\\'"),
    c.replaceAll(/[\x80-\xff]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`),
    c.replaceAll(/[\x80-\xff]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).toUpperCase()}`),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", `'\\''`),
    text.replaceAll(/[\\"$`]/g, '\\$&'),
    text.replaceAll(/[^\w@%+=:,./\n\x80-\uffff-]/g, '\\$&'),
    text.replaceAll(/^[#~]|[^\w@%+=:,./\n#~\x80-\uffff-]/g, '\\$&'),
    // Compose files and make, units of systemd, tables of cron.
    text.replaceAll('$', '$$$$'),
    text.replaceAll('%', '%%'),
    text.replaceAll('%', '\\%'),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    text.replaceAll('\n', '\r\n'),
  ]
}

function inUrls(text: string): string[] {
  const component = encodeURIComponent(wellFormed(text))
  const strict = component.replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  const keeping = (from: string, kept: RegExp) => from.replaceAll(kept, (code) => decodeURIComponent(code))
  const forms = [
    component,
    strict,
    // JavaScript and Go, for a password; Go and Python, for a path.
    keeping(component, /%2[46BC]/g),
    keeping(strict, /%(?:2[46BC]|3[BD])/g),
    keeping(strict, /%(?:2[46B]|3[AD]|40)/g),
    keeping(strict, /%2F/g),
    encodeURI(wellFormed(text)),
    strict.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+').replaceAll('%2A', '*').replaceAll('~', '%7E'),
  ]
  return forms.flatMap((form) => [form, form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())])
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
    basic.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    basic.replaceAll('"', '&#34;').replaceAll("'", '&#39;').replaceAll('+', '&#43;'),
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
  const upper = [hex, pairs.join(':'), pairs.join(' ')].map((each) => each.toUpperCase())
  return [...lower, ...upper, pairs.map((pair) => `\\x${pair.toUpperCase()}`).join('')]
}

/** The lines of a text that is broken at a column. A short last line is left out, because it would match too much. */
function piecesOf(text: string, columns: number): string[] {
  if (text.length <= columns) return []
  const starts = Array.from({ length: Math.ceil(text.length / columns) }, (_, at) => at * columns)
  return starts.map((start) => text.slice(start, start + columns)).filter((piece) => piece.length >= 8)
}
