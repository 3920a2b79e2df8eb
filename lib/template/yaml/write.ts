import {
  Opaque,
  sortedEntries,
  Float,
  isDict,
  isList,
  TemplateError,
  Tuple,
  typeName,
  type Dict,
  type List,
  type Value,
} from '../values/value.ts'
import { analyze, escaped, floating, meansMore } from './scalar-style.ts'

export interface YamlStyle {
  readonly indent: number
  /** Block style everywhere. Otherwise lists and maps of scalars are written in brackets. */
  readonly isBlock: boolean
  readonly isSorted: boolean
  readonly width: number
}

interface Word {
  /** `plain`: never in quotes. */
  readonly type: 'plain' | 'text'
  readonly text: string
}

type Collection =
  | { readonly type: 'list'; readonly items: List }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Value, Value])[] }

type Piece = Word | Collection

const LONGEST_KEY = 128
const DEEPEST = 100

/**
 * Writes a value as PyYAML does.
 *
 * Source: the emitter of PyYAML, as the filters to_yaml and to_nice_yaml of ansible-core call it.
 *
 * @param plain returns a value without the marks for secrets and kept texts
 */
export function writeYaml(value: Value, style: YamlStyle, plain: (value: Value) => Value): string {
  const writer = new YamlWriter(style, plain)
  return writer.document(value)
}

class YamlWriter {
  readonly #style: YamlStyle
  readonly #plain: (value: Value) => Value
  #text = ''
  #column = 0
  /** The last character is a blank or the start of a line. */
  #afterBlank = true
  /** The line has only indicators so far. */
  #onlyIndicators = true
  #depth = 0

  constructor(style: YamlStyle, plain: (value: Value) => Value) {
    this.#style = style
    this.#plain = plain
  }

  document(value: Value): string {
    this.#node(this.#piece(value), undefined, { isFlow: false, isKey: false, inMap: false })
    return `${this.#text}\n`
  }

  #piece(given: Value): Piece {
    const value = this.#plain(given)
    if (value === null) return { type: 'plain', text: 'null' }
    if (typeof value === 'boolean' || typeof value === 'number') return { type: 'plain', text: String(value) }
    if (value instanceof Opaque) return { type: 'plain', text: value.written }
    if (value instanceof Float) return { type: 'plain', text: floating(value.value) }
    if (typeof value === 'string') return { type: 'text', text: value }
    if (value instanceof Tuple) return { type: 'list', items: value.items }
    if (isList(value)) return { type: 'list', items: value }
    if (isDict(value)) return { type: 'map', entries: this.#entries(value) }
    throw new TemplateError(`a '${typeName(value)}' cannot become YAML`)
  }

  #entries(dict: Dict): readonly (readonly [Value, Value])[] {
    // As in PyYAML, keys that cannot be sorted stay in their order.
    return (this.#style.isSorted ? sortedEntries(dict) : undefined) ?? [...dict]
  }

  #node(piece: Piece, indent: number | undefined, where: { isFlow: boolean; isKey: boolean; inMap: boolean }): void {
    if (++this.#depth > DEEPEST) throw new TemplateError(`the value is more than ${DEEPEST} levels deep`)
    switch (piece.type) {
      case 'plain':
        this.#word(piece.text, indent ?? 0, false)
        break
      case 'text':
        this.#scalar(piece.text, indent ?? 0, where)
        break
      case 'list':
        if (where.isFlow || this.#isShort(piece.items)) this.#flow(piece, indent)
        else this.#list(piece.items, indent, where.inMap && !this.#onlyIndicators)
        break
      case 'map':
        if (where.isFlow || this.#isShort(piece.entries.flat())) this.#flow(piece, indent)
        else this.#map(piece.entries, indent)
    }
    this.#depth--
  }

  /** Whether a list is written in brackets on one line. */
  #isShort(parts: List): boolean {
    return (
      parts.length === 0 || (!this.#style.isBlock && parts.every((part) => /plain|text/.test(this.#piece(part).type)))
    )
  }

  #deeper(indent: number | undefined, isFlow: boolean): number {
    return indent === undefined ? (isFlow ? this.#style.indent : 0) : indent + this.#style.indent
  }

  #flow(piece: Collection, indent: number | undefined): void {
    const inside = this.#deeper(indent, true)
    this.#indicator(piece.type === 'list' ? '[' : '{', true, { blank: true })
    const entries = piece.type === 'list' ? piece.items.map((item) => [item] as const) : piece.entries
    for (const [at, [first, second]] of entries.entries()) {
      if (at > 0) this.#indicator(',', false)
      if (this.#column > this.#style.width) this.#newLine(inside)
      if (second === undefined) this.#node(this.#piece(first), inside, { isFlow: true, isKey: false, inMap: false })
      else this.#pair(first, second, inside, true)
    }
    this.#indicator(piece.type === 'list' ? ']' : '}', false)
  }

  #list(items: List, indent: number | undefined, isIndentless: boolean): void {
    const inside = isIndentless ? (indent ?? 0) : this.#deeper(indent, false)
    for (const item of items) {
      this.#newLine(inside)
      this.#indicator('-', true, { indicators: true })
      this.#node(this.#piece(item), inside, { isFlow: false, isKey: false, inMap: false })
    }
  }

  #map(entries: readonly (readonly [Value, Value])[], indent: number | undefined): void {
    const inside = this.#deeper(indent, false)
    for (const [key, value] of entries) {
      this.#newLine(inside)
      this.#pair(key, value, inside, false)
    }
  }

  #pair(key: Value, value: Value, indent: number, isFlow: boolean): void {
    const piece = this.#piece(key)
    const text = 'text' in piece ? piece.text : ''
    if (text === '' || text.length >= LONGEST_KEY - 22 || analyze(text).isMultiline)
      throw new TemplateError('a key is empty, has several lines, or is longer than 100 letters')
    this.#node(piece, indent, { isFlow, isKey: true, inMap: true })
    this.#indicator(':', false)
    this.#node(this.#piece(value), indent, { isFlow, isKey: false, inMap: true })
  }

  #scalar(text: string, indent: number, { isFlow, isKey }: { isFlow: boolean; isKey: boolean }): void {
    const { inBlock, inFlow, inSingleQuotes, isMultiline } = analyze(text)
    const isPlain = (isFlow ? inFlow : inBlock) && !meansMore(text) && !(isKey && isMultiline)
    const inside = indent + this.#style.indent
    if (isPlain) this.#word(text, inside, !isKey)
    else if (inSingleQuotes && !(isKey && isMultiline)) this.#singleQuoted(text, inside, !isKey)
    else this.#doubleQuoted(text, inside, !isKey)
  }

  #word(text: string, indent: number, mayFold: boolean): void {
    if (text === '') return
    if (!this.#afterBlank) this.#write(' ')
    this.#afterBlank = this.#onlyIndicators = false
    this.#folded(text, indent, mayFold)
  }

  /** A single blank between words may become a line break when the line is full. */
  #folded(text: string, indent: number, mayFold: boolean): void {
    for (const part of text.match(/ +|[^ ]+/g) ?? []) {
      if (part === ' ' && mayFold && this.#column > this.#style.width) this.#newLine(indent)
      else this.#write(part)
      this.#afterBlank = this.#onlyIndicators = false
    }
  }

  #singleQuoted(text: string, indent: number, mayFold: boolean): void {
    this.#indicator("'", true)
    const parts = text.match(/ +|\n+|[^ \n]+/g) ?? []
    for (const [at, part] of parts.entries()) {
      const isInside = at > 0 && at < parts.length - 1
      if (part.startsWith('\n')) {
        this.#write('\n'.repeat(part.length + 1))
        this.#startLine(indent)
      } else if (part === ' ' && mayFold && isInside && this.#column > this.#style.width) this.#newLine(indent)
      else this.#write(part.replaceAll("'", "''"))
    }
    this.#indicator("'", false)
  }

  /** As libyaml folds: at a single blank. */
  #doubleQuoted(text: string, indent: number, mayFold: boolean): void {
    this.#indicator('"', true)
    const chars = Array.from(text)
    for (const [at, char] of chars.entries()) {
      const isInside = at > 0 && at < chars.length - 1
      const isFold = char === ' ' && mayFold && isInside && chars[at - 1] !== ' ' && this.#column > this.#style.width
      if (!isFold) {
        this.#write(escaped(char) ?? char)
        continue
      }
      this.#newLine(indent)
      if (chars[at + 1] === ' ') this.#write('\\')
    }
    this.#indicator('"', false)
  }

  #indicator(text: string, isApart: boolean, then: { blank?: boolean; indicators?: boolean } = {}): void {
    this.#write(this.#afterBlank || !isApart ? text : ` ${text}`)
    this.#afterBlank = then.blank ?? false
    this.#onlyIndicators &&= then.indicators ?? false
  }

  #newLine(indent: number): void {
    const isOn = this.#onlyIndicators && this.#column <= indent && (this.#column < indent || this.#afterBlank)
    if (!isOn) this.#write('\n')
    this.#startLine(indent)
  }

  #startLine(indent: number): void {
    if (this.#column < indent) this.#write(' '.repeat(indent - this.#column))
    this.#afterBlank = this.#onlyIndicators = true
  }

  #write(text: string): void {
    this.#text += text
    const end = text.lastIndexOf('\n')
    this.#column = end === -1 ? this.#column + Array.from(text).length : text.length - end - 1
  }
}
