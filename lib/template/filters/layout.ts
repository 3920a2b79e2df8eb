import { createHash } from 'node:crypto'
import type { Apply } from '../evaluation/given.ts'
import { withParameters, type Bound } from '../evaluation/given.ts'
import type { Run } from '../evaluation/run.ts'
import { fixed } from '../values/format.ts'
import { splitLines } from '../values/strings.ts'
import { isNumber, numberOf, TemplateError, Tuple, typeName, type List, type Value } from '../values/value.ts'

interface Wrapping {
  /** Whether a word that is longer than a line is cut. */
  readonly breaks: boolean
  readonly atHyphens: boolean
}

/** Words and the blanks between them; a word with hyphens is several. Source: textwrap.py of Python, wordsep_re. */
const AT_HYPHENS =
  /(\s+|(?<=[\w!"'&.,?])-{2,}(?=\w)|\S+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[\w!"'&.,?]-))(?=[^\d\W]-?[^\d\W])|(?=\s|$)|(?<=[\w!"'&.,?])(?=-{2,}\w)))/

/** Python's `textwrap.wrap` of one line. */
function wrapLine(line: string, width: number, { breaks, atHyphens }: Wrapping): string[] {
  const rest = line
    .split(atHyphens ? AT_HYPHENS : /(\s+)/)
    .filter((chunk) => chunk !== '')
    .reverse()
  const lines: string[] = []
  while (rest.length > 0) {
    if (lines.length > 0 && rest.at(-1)?.trim() === '') rest.pop()
    const current: string[] = []
    const room = () => width - current.reduce((sum, chunk) => sum + sizeOf(chunk), 0)
    while (rest.length > 0 && sizeOf(rest.at(-1) ?? '') <= room()) current.push(rest.pop() ?? '')
    const next = rest.at(-1) ?? ''
    if (sizeOf(next) > width && breaks) {
      const end = endOfPiece(next, room(), atHyphens)
      const letters = Array.from(next)
      current.push(letters.slice(0, end).join(''))
      rest[rest.length - 1] = letters.slice(end).join('')
    } else if (sizeOf(next) > width && current.length === 0) current.push(rest.pop() ?? '')
    if (current.at(-1)?.trim() === '') current.pop()
    if (current.length > 0) lines.push(current.join(''))
  }
  return lines
}

const sizeOf = (text: string) => Array.from(text).length

/** Where a word that is too long is cut: after its last hyphen that has room, if there is one. */
function endOfPiece(word: string, room: number, atHyphens: boolean): number {
  const hyphen = atHyphens && room > 0 ? word.lastIndexOf('-', room - 1) : -1
  return hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : room
}

/** The style of a comment: its first line, its last line, and the prefix of each line. */
interface CommentStyle {
  readonly begin: string
  readonly end: string
  readonly decoration: string
}

const COMMENTS: Readonly<Record<string, CommentStyle>> = {
  plain: { begin: '', end: '', decoration: '# ' },
  erlang: { begin: '', end: '', decoration: '% ' },
  c: { begin: '', end: '', decoration: '// ' },
  cblock: { begin: '/*', end: ' */', decoration: ' * ' },
  xml: { begin: '<!--', end: '-->', decoration: ' - ' },
}

/** Source: the filter comment of ansible-core. */
function comment(run: Run, value: Value, given: Bound): string {
  const name = given.text('style', 'plain')
  const style = Object.hasOwn(COMMENTS, name) ? COMMENTS[name] : undefined
  if (style === undefined)
    throw new TemplateError(`the style "${name}" is not known`, `known are ${Object.keys(COMMENTS).join(', ')}`)
  const newline = given.text('newline', '\n')
  const decoration = given.text('decoration', style.decoration)
  const begin = given.text('beginning', style.begin)
  const end = given.text('end', style.end)
  const [prefix, postfix] = [given.text('prefix', decoration.trimEnd()), given.text('postfix', decoration.trimEnd())]
  const line = (text: string) => (text === '' ? '' : `${text}${newline}`)
  const before = line(prefix).repeat(given.int('prefix_count', 1))
  const body = (decoration + run.text(value).replaceAll(newline, `${newline}${decoration}`)).replaceAll(
    `${decoration}${newline}`,
    `${decoration.trimEnd()}${newline}`,
  )
  const after = Array.from({ length: given.int('postfix_count', 1) }, () => `${newline}${postfix}`).join('')
  return `${line(begin)}${before}${body}${after}${end === '' ? '' : `${newline}${end}`}`
}

function textOf(run: Run, value: Value): string {
  const plain = run.plain(value)
  if (typeof plain === 'string') return plain
  throw new TemplateError(`it needs a text, and gets a '${typeName(value)}'`, 'turn it into one with | string')
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']

/** Jinja's filesizeformat. */
function sizeText(bytes: number, isBinary: boolean): string {
  const base = isBinary ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const at = UNITS.findIndex((_, index) => bytes < base ** (index + 2))
  const power = at === -1 ? UNITS.length : at + 1
  const unit = UNITS[power - 1] ?? ''
  return `${fixed(bytes / base ** power, 1)} ${isBinary ? `${unit.charAt(0).toUpperCase()}iB` : unit}`
}

/** Ansible's own namespace of UUIDs. */
const NAMESPACE = '361e6d51faec444a9079341386da8e2e'

/** A UUID of version 5. Source: RFC 9562, 5.5. */
function uuid(name: string, namespace: string): string {
  const hash = createHash('sha1').update(Buffer.from(namespace, 'hex')).update(name).digest().subarray(0, 16)
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const MOST_CHOICES = 100_000

/** All combinations of a number of items. With `isOrdered`: all permutations. */
function choices(items: List, size: number, isOrdered: boolean): Tuple[] {
  if (size > items.length) return []
  const found: Tuple[] = []
  const choose = (chosen: readonly number[]) => {
    if (found.length > MOST_CHOICES) throw new TemplateError(`there are more than ${MOST_CHOICES} of them`)
    if (chosen.length === size) return void found.push(new Tuple(chosen.map((at) => items[at] ?? null)))
    for (let at = isOrdered ? 0 : (chosen.at(-1) ?? -1) + 1; at < items.length; at++)
      if (!isOrdered || !chosen.includes(at)) choose([...chosen, at])
  }
  choose([])
  return found
}

/** Filters for the layout of texts and lists. */
export const layoutFilters: Readonly<Record<string, Apply>> = {
  comment: withParameters(
    ['style', 'newline', 'beginning', 'decoration', 'prefix', 'prefix_count', 'postfix', 'postfix_count', 'end'],
    comment,
    { unnamed: 1 },
  ),
  wordwrap: withParameters(['width', 'break_long_words', 'wrapstring', 'break_on_hyphens'], (run, value, given) => {
    const width = given.int('width', 79)
    if (width < 1) throw new TemplateError('a line has at least one character')
    const breaks = given.get('break_long_words') === undefined || given.isTrue('break_long_words')
    const atHyphens = given.get('break_on_hyphens') === undefined || given.isTrue('break_on_hyphens')
    const end = given.get('wrapstring') == null ? '\n' : given.text('wrapstring')
    return splitLines(textOf(run, value))
      .map((line) => wrapLine(line, width, { breaks, atHyphens }).join(end))
      .join(end)
  }),
  filesizeformat: withParameters(['binary'], (run, value, given) => {
    const plain = run.plain(value)
    const bytes = isNumber(plain) ? numberOf(plain) : Number(run.text(plain))
    if (Number.isNaN(bytes)) throw new TemplateError('it needs a number', 'turn it into one with | int')
    return sizeText(bytes, given.isTrue('binary'))
  }),
  to_uuid: withParameters(['namespace'], (run, value, given) => {
    const namespace = given.text('namespace', NAMESPACE).replaceAll('-', '')
    if (!/^[0-9a-f]{32}$/i.test(namespace))
      throw new TemplateError('the argument "namespace" is no UUID', 'it has 32 digits from 0 to f')
    return uuid(run.text(value), namespace)
  }),
  combinations: withParameters(['r'], (run, value, given) => choices(run.items(value), given.int('r', 0), false)),
  permutations: withParameters(['r'], (run, value, given) => {
    const items = run.items(value)
    return choices(items, given.int('r', items.length), true)
  }),
}
