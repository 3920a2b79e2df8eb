import { intOf, Typed } from '../../text/typed.ts'

/** The value of a Python literal. */
export type Literal = string | number | boolean | null | Typed | readonly Literal[] | ReadonlyMap<LiteralKey, Literal>

type LiteralKey = string | number | boolean | null | Typed

/** A literal that was parsed. */
export interface Understood {
  readonly value: Literal
}

const DEEPEST = 90
const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*\.?(?:[eE][-+]?[0-9](?:_?[0-9])*)?)(?![\w.])/y
const STRING = /([rR][bB]?|[bB][rR]?|[uU])?('''|"""|'|")/y
const SPACE = /(?:[ \t\f]|\\\n|#[^\n]*)*/y
const WIDE_SPACE = /(?:[ \t\f\r\n]|\\\n|#[^\n]*)*/y
const WORD = /[A-Za-z_]\w*/y

/**
 * Parses a text like Python's `ast.literal_eval`: numbers, strings, lists, tuples, sets, maps, True, False, None. Undefined for any other
 * text. Ansible reads the values of an INI inventory in this way.
 *
 * @example
 * readLiteral('80')              // { value: 80 }
 * readLiteral("['a', 'b']")      // { value: ['a', 'b'] }
 * readLiteral('0644')            // undefined: it stays a text
 * readLiteral('yes')             // undefined
 */
export function readLiteral(text: string): Understood | undefined {
  const source = text.replace(/^[ \t]+/, '')
  // A quick check first, because most values are words, and literals begin only with these characters.
  if (!/^[-+0-9.'"[({TFNrRuUbB]/.test(source)) return undefined
  const reader = new LiteralReader(source)
  const value = reader.value(0)
  return value !== undefined && reader.isAtEnd() ? value : undefined
}

class LiteralReader {
  #at = 0
  readonly #text: string
  /** The depth of open brackets: inside them a literal may continue on the next line. */
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    this.#space()
    return this.#at === this.#text.length
  }

  value(depth: number): Understood | undefined {
    if (depth > DEEPEST) return undefined
    const first = this.#one(depth)
    if (first === undefined || depth > 0) return first
    // A comma makes a tuple, even without brackets.
    if (!this.#take(',')) return first
    const items = [first.value]
    while (!this.isAtEnd()) {
      const next = this.#one(depth)
      if (next === undefined) return undefined
      items.push(next.value)
      if (!this.#take(',')) break
    }
    return { value: items }
  }

  #one(depth: number): Understood | undefined {
    this.#space()
    const letter = this.#text.charAt(this.#at)
    if (letter === '[') return this.#items(']', depth)
    if (letter === '(') return this.#parenthesis(depth)
    if (letter === '{') return this.#map(depth)
    return this.#number() ?? this.#strings() ?? this.#word()
  }

  #items(closing: string, depth: number): Understood | undefined {
    this.#open()
    const items: Literal[] = []
    while (!this.#close(closing)) {
      if (items.length > 0 && !this.#take(',')) return undefined
      if (this.#close(closing)) return items.length === 0 ? undefined : { value: items }
      const item = this.value(depth + 1)
      if (item === undefined) return undefined
      items.push(item.value)
    }
    return { value: items }
  }

  #parenthesis(depth: number): Understood | undefined {
    this.#open()
    if (this.#close(')')) return { value: [] }
    const items: Literal[] = []
    let isTuple = false
    for (;;) {
      const item = this.value(depth + 1)
      if (item === undefined) return undefined
      items.push(item.value)
      if (this.#take(',')) isTuple = true
      else break
      if (this.#close(')')) return { value: items }
    }
    if (!this.#close(')')) return undefined
    return isTuple ? { value: items } : { value: items[0] ?? null }
  }

  #map(depth: number): Understood | undefined {
    this.#open()
    const entries: [LiteralKey, Literal][] = []
    const members: Literal[] = []
    while (!this.#close('}')) {
      if (entries.length + members.length > 0 && !this.#take(',')) return undefined
      if (entries.length + members.length > 0 && this.#close('}')) break
      const key = this.value(depth + 1)
      if (key === undefined) return undefined
      if (this.#take(':')) {
        const value = this.value(depth + 1)
        if (value === undefined || !isKey(key.value) || members.length > 0) return undefined
        entries.push([key.value, value.value])
      } else if (entries.length > 0) return undefined
      else members.push(key.value)
    }
    return { value: members.length > 0 ? members : new Map(entries) }
  }

  #number(): Understood | undefined {
    const start = this.#at
    const sign = this.#text.charAt(this.#at) === '-' ? -1 : 1
    if (/[-+]/.test(this.#text.charAt(this.#at))) {
      this.#at++
      this.#space()
    }
    const hasSign = this.#at > start
    if (hasSign && this.#text.charAt(this.#at) === '(') return this.#signed(sign, start)
    const written = this.#match(NUMBER)?.[0].replaceAll('_', '')
    const isOldOctal = written !== undefined && /^0[0-9]*[1-9][0-9]*$/.test(written)
    if (written === undefined || isOldOctal) {
      this.#at = start
      return undefined
    }
    if (/^(?:0[xXoObB]|\d+$)/.test(written)) return { value: intOf(BigInt(sign) * BigInt(written)) }
    return { value: new Typed(sign * Number(written), 'float') }
  }

  /** `-(1)`: brackets around a number mean nothing. */
  #signed(sign: number, start: number): Understood | undefined {
    const inner = this.#parenthesis(1)?.value
    if (typeof inner === 'number') return { value: intOf(BigInt(sign) * BigInt(inner)) }
    if (inner instanceof Typed && inner.type === 'int') return { value: intOf(BigInt(sign) * BigInt(inner.value)) }
    if (inner instanceof Typed) return { value: new Typed(sign * Number(inner.value), inner.type) }
    this.#at = start
    return undefined
  }

  /** Adjacent strings are joined. */
  #strings(): Understood | undefined {
    let all: string | undefined
    for (;;) {
      this.#space()
      const one = this.#string()
      if (one === undefined) return all === undefined ? undefined : { value: all }
      all = (all ?? '') + one
    }
  }

  #string(): string | undefined {
    const start = this.#at
    const found = this.#match(STRING)
    if (found === undefined) return undefined
    const [, prefix = '', quote = "'"] = found
    const isRaw = /r/i.test(prefix)
    let text = ''
    while (this.#at < this.#text.length) {
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length
        return text
      }
      const letter = this.#text.charAt(this.#at)
      if (letter === '\n' && quote.length === 1) break
      if (letter !== '\\') {
        text += letter
        this.#at++
      } else if (isRaw) {
        text += this.#text.slice(this.#at, this.#at + 2)
        this.#at += 2
      } else {
        // A character by its name: the names are Unicode's, and none of them is known here.
        if (this.#text.startsWith('\\N{', this.#at)) break
        text += this.#escape()
      }
    }
    this.#at = start
    return undefined
  }

  #escape(): string {
    const rest = this.#text.slice(this.#at + 1, this.#at + 10)
    const code = /^x([0-9a-fA-F]{2})|^u([0-9a-fA-F]{4})|^U([0-9a-fA-F]{8})|^([0-7]{1,3})/.exec(rest)
    if (code !== null) {
      this.#at += 1 + code[0].length
      const point = code[4] === undefined ? parseInt(code[1] ?? code[2] ?? code[3] ?? '0', 16) : parseInt(code[4], 8)
      return point > 0x10_ff_ff ? '' : String.fromCodePoint(point)
    }
    const letter = rest.charAt(0)
    this.#at += 2
    return ESCAPES[letter] ?? `\\${letter}`
  }

  #word(): Understood | undefined {
    const start = this.#at
    const value = WORDS.get(this.#match(WORD)?.[0] ?? '')
    if (value === undefined) this.#at = start
    return value
  }

  #open(): void {
    this.#at++
    this.#depth++
  }

  #close(closing: string): boolean {
    if (!this.#take(closing)) return false
    this.#depth--
    return true
  }

  #take(letter: string): boolean {
    this.#space()
    if (this.#text.charAt(this.#at) !== letter) return false
    this.#at++
    return true
  }

  #space(): void {
    this.#match(this.#depth > 0 ? WIDE_SPACE : SPACE)
  }

  #match(shape: RegExp): RegExpExecArray | undefined {
    shape.lastIndex = this.#at
    const found = shape.exec(this.#text)
    if (found === null) return undefined
    this.#at += found[0].length
    return found
  }
}

const WORDS: ReadonlyMap<string, Understood> = new Map([
  ['True', { value: true }],
  ['False', { value: false }],
  ['None', { value: null }],
])

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

function isKey(key: Literal): key is LiteralKey {
  return key === null || typeof key !== 'object' || key instanceof Typed
}
