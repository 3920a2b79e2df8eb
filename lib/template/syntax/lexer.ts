import { TemplateError } from '../values/value.ts'

export type Token =
  | { readonly type: 'text'; readonly value: string }
  /** `{{`, `}}`, `{%` or `%}`. */
  | { readonly type: 'mark'; readonly value: '{{' | '}}' | '{%' | '%}' }
  | { readonly type: 'name' | 'operator' | 'string'; readonly value: string }
  | { readonly type: 'int' | 'float'; readonly value: number }

const OPENING = /\{\{|\{%|\{#/g
const OPERATORS = [
  '//',
  '**',
  '==',
  '!=',
  '<=',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '~',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '<',
  '>',
  '=',
  '.',
  ':',
  '|',
  ',',
  ';',
]
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
const SPACE = /\s+/y
const STRING = /'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)"/y
const FLOAT = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:e[+-]?\d+(?:_\d+)*)?|e[+-]?\d+(?:_\d+)*)/iy
const INT = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy

/** The tokens of a template, by Jinja's rules with Ansible's settings (the line break after a `{% %}` is removed). */
export function tokens(source: string): Token[] {
  return new Lexer(source).all()
}

class Lexer {
  readonly #source: string
  readonly #found: Token[] = []
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  all(): Token[] {
    while (this.#at < this.#source.length) this.#step()
    return this.#found
  }

  #step(): void {
    OPENING.lastIndex = this.#at
    const opening = OPENING.exec(this.#source)
    if (opening === null) {
      this.#text(this.#source.slice(this.#at))
      this.#at = this.#source.length
      return
    }
    const [mark] = opening
    const control = this.#source[opening.index + 2]
    const text = this.#source.slice(this.#at, opening.index)
    this.#text(control === '-' ? text.trimEnd() : text)
    this.#at = opening.index + 2 + (control === '-' || control === '+' ? 1 : 0)
    if (mark === '{#') return this.#comment()
    if (mark === '{%' && this.#raw()) return
    this.#found.push({ type: 'mark', value: mark === '{{' ? '{{' : '{%' })
    this.#inside(mark === '{{' ? '}}' : '%}', mark === '{{')
  }

  #text(value: string): void {
    if (value !== '') this.#found.push({ type: 'text', value })
  }

  #comment(): void {
    const end = this.#source.indexOf('#}', this.#at)
    if (end === -1) throw new TemplateError('a comment {# has no end', 'close it with #}')
    const control = this.#source[end - 1]
    this.#at = end + 2
    this.#after(control === '-' ? '-' : control === '+' ? '+' : '', true)
  }

  /** Everything between `{% raw %}` and `{% endraw %}` is text. */
  #raw(): boolean {
    const begin = /\s*raw\s*([-+]?)%\}/y
    begin.lastIndex = this.#at
    const opened = begin.exec(this.#source)
    if (opened === null) return false
    const start = begin.lastIndex
    const end = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g
    end.lastIndex = start
    const closed = end.exec(this.#source)
    if (closed === null) throw new TemplateError('{% raw %} has no end', 'close it with {% endraw %}')
    const before =
      opened[1] === '-' ? this.#source.slice(start, closed.index).trimStart() : this.#source.slice(start, closed.index)
    this.#text(closed[1] === '-' ? before.trimEnd() : before)
    this.#at = end.lastIndex
    this.#after(closed[2] ?? '', true)
    return true
  }

  /** Removes white space after a closing mark. */
  #after(control: string, isBlock: boolean): void {
    if (control === '-') {
      SPACE.lastIndex = this.#at
      if (SPACE.test(this.#source)) this.#at = SPACE.lastIndex
    } else if (control !== '+' && isBlock && this.#source[this.#at] === '\n') this.#at++
  }

  #inside(end: '}}' | '%}', isVariable: boolean): void {
    const open: string[] = []
    for (;;) {
      this.#match(SPACE)
      if (this.#at >= this.#source.length)
        throw new TemplateError(`a ${isVariable ? '{{' : '{%'} has no end`, `close it with ${end}`)
      // Inside a dict, }} closes the dict first.
      if (open.length === 0) {
        const control = /[-+]/.exec(this.#source[this.#at] ?? '')?.[0] ?? ''
        if (this.#source.startsWith(end, this.#at + control.length)) {
          this.#at += control.length + end.length
          this.#found.push({ type: 'mark', value: end })
          return this.#after(control, !isVariable)
        }
      }
      const token = this.#token(isVariable)
      if (token.type === 'operator') {
        if ('([{'.includes(token.value)) open.push(token.value)
        else if (')]}'.includes(token.value) && open.pop() !== { ')': '(', ']': '[', '}': '{' }[token.value])
          throw new TemplateError(`"${token.value}" closes nothing that is open`)
      }
      this.#found.push(token)
    }
  }

  #token(isVariable: boolean): Token {
    const name = this.#match(NAME)
    if (name !== undefined) return { type: 'name', value: name[0] }
    const float = this.#match(FLOAT)
    if (float !== undefined) return { type: 'float', value: Number(float[0].replaceAll('_', '')) }
    const int = this.#match(INT)
    if (int !== undefined) return { type: 'int', value: Number(int[0].replaceAll('_', '')) }
    const string = this.#match(STRING)
    if (string !== undefined) return { type: 'string', value: unescaped(string[1] ?? string[2] ?? '', isVariable) }
    const operator = OPERATORS.find((each) => this.#source.startsWith(each, this.#at))
    if (operator === undefined)
      throw new TemplateError(`the character "${this.#source[this.#at] ?? ''}" means nothing here`)
    this.#at += operator.length
    return { type: 'operator', value: operator }
  }

  #match(shape: RegExp): RegExpExecArray | undefined {
    shape.lastIndex = this.#at
    const found = shape.exec(this.#source)
    if (found === null) return undefined
    this.#at = shape.lastIndex
    return found
  }
}

const CHARACTERS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  "'": "'",
  '"': '"',
  '\\': '\\',
  '\n': '',
}

/** Ansible keeps backslashes in `{{ }}`. In `{% %}` Jinja reads them as escapes, like Python. */
function unescaped(text: string, isVariable: boolean): string {
  if (isVariable) {
    if (/(?<!\\)(?:\\\\)*\\['"]/.test(text))
      throw new TemplateError(
        'a backslash does not protect a quote in {{ }}',
        'use the other kind of quotes around the text',
      )
    return text
  }
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|([^]))/gi,
    (whole, two: string | undefined, four: string | undefined, char: string | undefined) =>
      char === undefined ? String.fromCharCode(parseInt(two ?? four ?? '', 16)) : (CHARACTERS[char] ?? whole),
  )
}
