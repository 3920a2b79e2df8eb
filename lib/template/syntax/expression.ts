import type { Arithmetic, Comparison, Expression, Given } from './ast.ts'
import { shown, type Cursor } from './cursor.ts'
import { Float, TemplateError } from '../values/value.ts'

/** Reads one expression, with Jinja's precedence: `if`, or, and, not, comparison, + -, ~, * /, **, signs, filters and tests. */
export function expression(cursor: Cursor): Expression {
  return cursor.nested(() => withCondition(cursor))
}

function withCondition(cursor: Cursor): Expression {
  let found = alternatives(cursor)
  while (cursor.skip('name', 'if')) {
    cursor.link()
    const test = alternatives(cursor)
    const no = cursor.skip('name', 'else') ? expression(cursor) : undefined
    found = { type: 'condition', test, yes: found, no }
  }
  return found
}

/** An expression, or several with commas between them: a tuple. */
export function expressions(cursor: Cursor, read = expression): Expression {
  const items = [read(cursor)]
  let isTuple = false
  while (cursor.skip('operator', ',')) {
    isTuple = true
    if (isEnd(cursor)) break
    items.push(read(cursor))
  }
  const [first] = items
  return isTuple || first === undefined ? { type: 'tuple', items } : first
}

function isEnd(cursor: Cursor): boolean {
  return cursor.is('operator', ')', ']', '}') || cursor.is('mark') || cursor.current === undefined
}

/** Reads an expression without `if`, which has another meaning in `{% for x in y if z %}`. */
export function either(cursor: Cursor): Expression {
  return cursor.nested(() => alternatives(cursor))
}

function alternatives(cursor: Cursor): Expression {
  let left = both(cursor)
  while (cursor.skip('name', 'or')) {
    cursor.link()
    left = { type: 'or', left, right: both(cursor) }
  }
  return left
}

function both(cursor: Cursor): Expression {
  let left = negation(cursor)
  while (cursor.skip('name', 'and')) {
    cursor.link()
    left = { type: 'and', left, right: negation(cursor) }
  }
  return left
}

function negation(cursor: Cursor): Expression {
  if (!cursor.skip('name', 'not')) return comparison(cursor)
  return { type: 'not', of: cursor.nested(() => negation(cursor)) }
}

function comparison(cursor: Cursor): Expression {
  const first = sum(cursor)
  const rest: Comparison[] = []
  for (;;) {
    const operator = comparisonOperator(cursor)
    if (operator === undefined) return rest.length === 0 ? first : { type: 'comparison', first, rest }
    rest.push({ operator, right: sum(cursor) })
  }
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const

function comparisonOperator(cursor: Cursor): Comparison['operator'] | undefined {
  const found = COMPARISONS.find((operator) => cursor.skip('operator', operator))
  if (found !== undefined) return found
  if (cursor.skip('name', 'in')) return 'in'
  if (!cursor.is('name', 'not') || !cursor.nextIs('name', 'in')) return undefined
  cursor.take()
  cursor.take()
  return 'not in'
}

function arithmetic(operators: readonly Arithmetic[], operand: (cursor: Cursor) => Expression) {
  return (cursor: Cursor): Expression => {
    let left = operand(cursor)
    for (;;) {
      const operator = operators.find((each) => cursor.skip('operator', each))
      if (operator === undefined) return left
      cursor.link()
      left = { type: 'arithmetic', operator, left, right: operand(cursor) }
    }
  }
}

const power = arithmetic(['**'], (cursor) => signed(cursor, true))
const product = arithmetic(['*', '/', '//', '%'], power)

function concatenation(cursor: Cursor): Expression {
  const first = product(cursor)
  const parts = [first]
  while (cursor.skip('operator', '~')) parts.push(product(cursor))
  return parts.length === 1 ? first : { type: 'concatenation', parts }
}

const sum = arithmetic(['+', '-'], concatenation)

function signed(cursor: Cursor, withFilters: boolean): Expression {
  const sign = cursor.skip('operator', '-') ? 'negative' : cursor.skip('operator', '+') ? 'positive' : undefined
  const start: Expression =
    sign === undefined ? primary(cursor) : { type: sign, of: cursor.nested(() => signed(cursor, false)) }
  const found = postfix(cursor, start)
  return withFilters ? filtered(cursor, found) : found
}

const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
}

function primary(cursor: Cursor): Expression {
  const token = cursor.take()
  switch (token?.type) {
    case 'name': {
      const known = Object.hasOwn(CONSTANTS, token.value) ? CONSTANTS[token.value] : undefined
      return known === undefined ? { type: 'name', name: token.value } : { type: 'constant', value: known }
    }
    case 'string': {
      let value = token.value
      while (cursor.current?.type === 'string') value += String(cursor.take()?.value)
      return { type: 'constant', value }
    }
    case 'int':
      if (!Number.isSafeInteger(token.value)) throw new TemplateError('the number is too big to be exact')
      return { type: 'constant', value: token.value }
    case 'float':
      return { type: 'constant', value: new Float(token.value) }
    case 'operator':
      if (token.value === '(') return parentheses(cursor)
      if (token.value === '[') return { type: 'list', items: listed(cursor, ']') }
      if (token.value === '{') return dict(cursor)
      break
    case 'text':
    case 'mark':
    case undefined:
  }
  throw new TemplateError(`${shown(token)} is where a value should be`)
}

function parentheses(cursor: Cursor): Expression {
  if (cursor.skip('operator', ')')) return { type: 'tuple', items: [] }
  const found = expressions(cursor)
  cursor.expect('operator', ')')
  return found
}

function listed(cursor: Cursor, end: string): Expression[] {
  const items: Expression[] = []
  while (!cursor.skip('operator', end)) {
    if (items.length > 0) {
      cursor.expect('operator', ',')
      if (cursor.skip('operator', end)) return items
    }
    items.push(expression(cursor))
  }
  return items
}

function dict(cursor: Cursor): Expression {
  const entries: [Expression, Expression][] = []
  while (!cursor.skip('operator', '}')) {
    if (entries.length > 0) {
      cursor.expect('operator', ',')
      if (cursor.skip('operator', '}')) break
    }
    const key = expression(cursor)
    cursor.expect('operator', ':')
    entries.push([key, expression(cursor)])
  }
  return { type: 'dict', entries }
}

function postfix(cursor: Cursor, start: Expression): Expression {
  let found = start
  for (;;) {
    if (cursor.skip('operator', '.')) found = member(cursor, found)
    else if (cursor.skip('operator', '[')) found = subscript(cursor, found)
    else if (cursor.is('operator', '(')) found = { type: 'call', of: found, given: givenTo(cursor) }
    else return found
    cursor.link()
  }
}

function member(cursor: Cursor, of: Expression): Expression {
  const token = cursor.take()
  if (token?.type === 'name') return { type: 'attribute', of, name: token.value }
  if (token?.type === 'int') return { type: 'item', of, key: { type: 'constant', value: token.value } }
  throw new TemplateError(`${shown(token)} follows a dot`, "a name with other characters goes in brackets: ['name']")
}

function subscript(cursor: Cursor, of: Expression): Expression {
  const parts: (Expression | undefined)[] = [undefined]
  let isSlice = false
  while (!cursor.skip('operator', ']')) {
    if (cursor.skip('operator', ':')) {
      isSlice = true
      parts.push(undefined)
    } else if (parts.at(-1) === undefined) parts[parts.length - 1] = expression(cursor)
    else throw new TemplateError(`${shown(cursor.current)} is where "]" should be`)
  }
  if (isSlice) return { type: 'slice', of, parts }
  const [key] = parts
  if (key === undefined) throw new TemplateError('the brackets [ ] are empty')
  return { type: 'item', of, key }
}

function filtered(cursor: Cursor, start: Expression): Expression {
  let found = start
  for (;;) {
    if (cursor.skip('operator', '|')) {
      const name = dotted(cursor, 'the name of a filter')
      found = { type: 'filter', of: found, name, given: cursor.is('operator', '(') ? givenTo(cursor) : NOTHING }
    } else if (cursor.skip('name', 'is')) found = test(cursor, found)
    else if (cursor.is('operator', '(')) found = { type: 'call', of: found, given: givenTo(cursor) }
    else return found
    cursor.link()
  }
}

const NOTHING: Given = { positional: [], named: new Map() }

function test(cursor: Cursor, of: Expression): Expression {
  const isNegated = cursor.skip('name', 'not')
  const name = dotted(cursor, 'the name of a test')
  const given = cursor.is('operator', '(') ? givenTo(cursor) : bareArgument(cursor)
  const found: Expression = { type: 'test', of, name, given }
  return isNegated ? { type: 'not', of: found } : found
}

/** `x is divisibleby 3`: an argument without parentheses. */
function bareArgument(cursor: Cursor): Given {
  const { current } = cursor
  const isValue =
    current !== undefined &&
    (['string', 'int', 'float'].includes(current.type) ||
      cursor.is('operator', '[', '{') ||
      (current.type === 'name' && !['else', 'or', 'and', 'if', 'is', 'in', 'not'].includes(current.value)))
  return isValue ? { positional: [cursor.nested(() => postfix(cursor, primary(cursor)))], named: new Map() } : NOTHING
}

function dotted(cursor: Cursor, what: string): string {
  let name = cursor.name(what)
  while (cursor.skip('operator', '.')) name += `.${cursor.name(what)}`
  return name
}

function givenTo(cursor: Cursor): Given {
  cursor.expect('operator', '(')
  const positional: Expression[] = []
  const named = new Map<string, Expression>()
  while (!cursor.skip('operator', ')')) {
    if (positional.length + named.size > 0) {
      cursor.expect('operator', ',')
      if (cursor.skip('operator', ')')) break
    }
    if (cursor.is('operator', '*', '**')) throw new TemplateError('arguments with * and ** are not supported')
    if (cursor.current?.type === 'name' && cursor.nextIs('operator', '=')) {
      const name = cursor.name('a name')
      cursor.take()
      named.set(name, expression(cursor))
    } else if (named.size > 0) throw new TemplateError('an argument without a name comes after one with a name')
    else positional.push(expression(cursor))
  }
  return { positional, named }
}
