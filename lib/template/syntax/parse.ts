import type { Branch, Expression, Part } from './ast.ts'
import { Cursor, shown } from './cursor.ts'
import { either, expression, expressions } from './expression.ts'
import { tokens } from './lexer.ts'
import { TemplateError } from '../values/value.ts'

/** The parts of a template. Throws a TemplateError. */
export function parse(source: string): readonly Part[] {
  const cursor = new Cursor(tokens(source))
  const parts = partsUntil(cursor, [])
  if (cursor.current !== undefined) throw new TemplateError(`{% ${shown(cursor.next)} %} closes nothing that is open`)
  return parts
}

/** Reads up to one of these statements, and leaves it for the caller. */
function partsUntil(cursor: Cursor, ends: readonly string[]): Part[] {
  const parts: Part[] = []
  for (;;) {
    const token = cursor.current
    if (token === undefined || (token.value === '{%' && token.type === 'mark' && cursor.nextIs('name', ...ENDS))) {
      if (token === undefined && ends.length > 0) throw new TemplateError(`{% ${ends.at(-1) ?? ''} %} is missing`)
      return parts
    }
    cursor.take()
    if (token.type === 'text') parts.push({ type: 'text', value: token.value })
    else if (token.value === '{{') {
      parts.push({ type: 'output', of: expressions(cursor) })
      cursor.expect('mark', '}}')
    } else parts.push(cursor.nested(() => statement(cursor)))
  }
}

const ENDS = ['elif', 'else', 'endif', 'endfor', 'endset']

function statement(cursor: Cursor): Part {
  const word = cursor.name('a statement')
  if (word === 'if') return condition(cursor)
  if (word === 'for') return loop(cursor)
  if (word === 'set') return assignment(cursor)
  throw new TemplateError(
    `{% ${word} %} is not supported in a value`,
    'values may use {{ }}, {% if %}, {% for %}, {% set %}; compute the rest in TypeScript',
  )
}

function closing(cursor: Cursor): void {
  cursor.expect('mark', '%}')
}

function open(cursor: Cursor, ends: readonly string[]): string {
  cursor.expect('mark', '{%')
  const word = cursor.name('a statement')
  if (!ends.includes(word))
    throw new TemplateError(`{% ${word} %} is where {% ${ends.join(' %} or {% ')} %} is expected`)
  return word
}

function condition(cursor: Cursor): Part {
  const branches: Branch[] = []
  let otherwise: readonly Part[] = []
  let word = 'if'
  while (word !== 'endif') {
    if (word === 'else') {
      closing(cursor)
      otherwise = partsUntil(cursor, ['endif'])
      word = open(cursor, ['endif'])
    } else {
      const test = expressions(cursor, either)
      closing(cursor)
      branches.push({ test, body: partsUntil(cursor, ['endif']) })
      word = open(cursor, ['elif', 'else', 'endif'])
    }
  }
  closing(cursor)
  return { type: 'if', branches, otherwise }
}

function loop(cursor: Cursor): Part {
  const names = targets(cursor)
  cursor.expect('name', 'in')
  const over = expressions(cursor, either)
  const only: Expression | undefined = cursor.skip('name', 'if') ? expression(cursor) : undefined
  if (cursor.is('name', 'recursive')) throw new TemplateError('{% for %} with "recursive" is not supported in a value')
  closing(cursor)
  const body = partsUntil(cursor, ['endfor'])
  let otherwise: readonly Part[] = []
  if (open(cursor, ['else', 'endfor']) === 'else') {
    closing(cursor)
    otherwise = partsUntil(cursor, ['endfor'])
    open(cursor, ['endfor'])
  }
  closing(cursor)
  return { type: 'for', names, over, only, body, otherwise }
}

function assignment(cursor: Cursor): Part {
  const names = targets(cursor)
  const attribute = names.length === 1 && cursor.skip('operator', '.') ? cursor.name('a name') : undefined
  if (cursor.skip('operator', '=')) {
    const value = expressions(cursor)
    closing(cursor)
    return { type: 'set', names, attribute, value }
  }
  closing(cursor)
  const value = partsUntil(cursor, ['endset'])
  open(cursor, ['endset'])
  closing(cursor)
  return { type: 'set', names, attribute, value }
}

function targets(cursor: Cursor): string[] {
  const isInParentheses = cursor.skip('operator', '(')
  const names = [cursor.name('a name')]
  while (cursor.skip('operator', ',')) names.push(cursor.name('a name'))
  if (isInParentheses) cursor.expect('operator', ')')
  return names
}
