import { createHash } from 'node:crypto'
import { percentFormat } from '../values/format.ts'
import type { Apply } from '../evaluation/given.ts'
import { withItems, withParameters } from '../evaluation/given.ts'
import { replaced, trimmed } from '../evaluation/methods.ts'
import type { Run } from '../evaluation/run.ts'
import { capitalized, splitAt } from '../values/strings.ts'
import { isNumber, KeptText, TemplateError, Tuple, type Value } from '../values/value.ts'

const ofText = (change: (text: string) => Value): Apply => withParameters([], (run, value) => change(run.text(value)))

/** The hash of a text. A number is hashed as its text. */
function digest(run: Run, algorithm: string, value: Value): string {
  try {
    return createHash(algorithm).update(run.text(value)).digest('hex')
  } catch {
    throw new TemplateError(
      `the hash "${algorithm}" is not known`,
      'known are sha1, sha256, sha512, md5 and others of OpenSSL',
    )
  }
}

/** Filters of texts. */
export const textFilters: Readonly<Record<string, Apply>> = {
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  capitalize: ofText(capitalized),
  // Jinja's title, which keeps "it's" together, unlike Python's.
  title: ofText((text) => text.replace(/[^-\s({[<]+/g, capitalized)),
  trim: withParameters(['chars'], (run, value, given) =>
    trimmed(run.text(value), given.get('chars') == null ? undefined : given.text('chars')),
  ),
  replace: withParameters(['old', 'new', 'count'], (run, value, given) =>
    replaced(run.text(value), given.text('old'), given.text('new'), given.int('count', -1)),
  ),
  split: withParameters(['sep', 'maxsplit'], (run, value, given) =>
    splitAt(run.text(value), given.get('sep') == null ? undefined : given.text('sep'), given.int('maxsplit', -1)),
  ),
  quote: withParameters([], (run, given) => {
    const value = given instanceof KeptText ? given.text : given
    const text = value === null ? '' : run.text(value)
    return text !== '' && /^[\w@%+=:,./-]+$/.test(text) && !/[^\x20-\x7e]/.test(text)
      ? // Python gives the very text back that it was given.
        given instanceof KeptText
        ? given
        : text
      : `'${text.replaceAll("'", `'"'"'`)}'`
  }),
  b64encode: withParameters(['encoding'], (run, value, given) =>
    Buffer.from(run.text(value), encoding(given.text('encoding', 'utf-8'))).toString('base64'),
  ),
  b64decode: withParameters(['encoding'], (run, value, given) => {
    const letters = run.text(value).replaceAll(/[^A-Za-z0-9+/=]/g, '')
    if (letters.replace(/={1,2}$/, '').length % 4 === 1 || letters.length % 4 !== 0)
      throw new TemplateError('the text is not base64', 'its length is a multiple of four, with = at the end')
    return Buffer.from(letters, 'base64').toString(encoding(given.text('encoding', 'utf-8')))
  }),
  hash: withParameters(['hashtype'], (run, value, given) => digest(run, given.text('hashtype', 'sha1'), value)),
  md5: withParameters([], (run, value) => digest(run, 'md5', value)),
  sha1: withParameters([], (run, value) => digest(run, 'sha1', value)),
  checksum: withParameters([], (run, value) => digest(run, 'sha1', value)),
  escape: ofText(escaped),
  e: ofText(escaped),
  indent: withParameters(['width', 'first', 'blank'], (run, value, given) => {
    const width = given.get('width')
    const by = typeof width === 'string' ? width : ' '.repeat(given.int('width', 4))
    const lines = `${run.text(value)}\n`.split(/\r\n|\r|\n/).slice(0, -1)
    const [first = '', ...rest] = lines
    const indented = rest.map((line) => (line === '' && !given.isTrue('blank') ? line : by + line))
    return [given.isTrue('first') ? by + first : first, ...indented].join('\n')
  }),
  center: withParameters(['width'], (run, value, given) => {
    const text = run.text(value)
    const room = Math.max(0, given.int('width', 80) - Array.from(text).length)
    const left = Math.floor(room / 2) + (room & given.int('width', 80) & 1)
    return ' '.repeat(left) + text + ' '.repeat(room - left)
  }),
  truncate: withParameters(['length', 'killwords', 'end', 'leeway'], (run, value, given) => {
    const [text, length, end] = [run.text(value), given.int('length', 255), given.text('end', '...')]
    const letters = Array.from(text)
    if (letters.length <= length + given.int('leeway', 5)) return text
    const cut = letters.slice(0, length - Array.from(end).length).join('')
    if (given.isTrue('killwords')) return cut + end
    return (cut.includes(' ') ? cut.slice(0, cut.lastIndexOf(' ')) : cut) + end
  }),
  wordcount: withParameters([], (run, value) => run.text(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  format: withItems((run, value, items, named) =>
    percentFormat(run, run.text(value), named.size > 0 ? new Map(named) : new Tuple(items)),
  ),
  human_to_bytes: withParameters(['default_unit', 'isbits'], (run, value, given) => {
    const plain = run.plain(value)
    const text = isNumber(plain) ? run.text(plain) : run.text(value)
    const [, number, unit = ''] = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text) ?? []
    const name = unit === '' ? given.text('default_unit', 'B') : unit
    const power = 'BKMGTPEZY'.indexOf(name.charAt(0).toUpperCase())
    const [letter, word] = given.isTrue('isbits') ? ['b', 'bit'] : ['B', 'byte']
    const isUnit = power !== -1 && (name.length < 2 || name.charAt(1) === letter || name.toLowerCase().includes(word))
    if (number === undefined || number === '' || number === '.' || !isUnit)
      throw new TemplateError('this is not a size', `write a number and a unit, as in 10G${letter}`)
    return Math.round(Number(number) * 1024 ** power)
  }),
}

function encoding(name: string): BufferEncoding {
  const found: Readonly<Record<string, BufferEncoding>> = {
    'utf-8': 'utf8',
    utf8: 'utf8',
    'utf-16-le': 'utf16le',
    'utf-16le': 'utf16le',
    ascii: 'latin1',
    'latin-1': 'latin1',
    latin1: 'latin1',
  }
  const known = Object.hasOwn(found, name.toLowerCase()) ? found[name.toLowerCase()] : undefined
  if (known === undefined)
    throw new TemplateError(`the encoding "${name}" is not known`, `known are ${Object.keys(found).join(', ')}`)
  return known
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&#39;',
    '"': '&#34;',
  }
  return text.replace(/[&<>'"]/g, (char) => entities[char] ?? char)
}
