import { evaluate, Locals } from './evaluate.ts'
import type { Expression } from '../syntax/ast.ts'
import { Cursor } from '../syntax/cursor.ts'
import { expression } from '../syntax/expression.ts'
import { literalTokens } from '../syntax/literal-tokens.ts'
import type { Run } from './run.ts'
import { Float, TemplateError, type Value } from '../values/value.ts'

/** Parses a result that looks like a list, a dict, True or False as a Python literal, as Ansible does. Returns other texts unchanged. */
export function literalOf(run: Run, text: string): Value {
  if (!/^[{[]/.test(text) && text !== 'True' && text !== 'False') return text
  try {
    const cursor = new Cursor(literalTokens(text))
    const found = expression(cursor)
    return cursor.current === undefined && isLiteral(found) ? evaluate(run, withConstants(found), new Locals()) : text
  } catch (error) {
    if (error instanceof TemplateError || error instanceof RangeError) return text
    throw error
  }
}

function isLiteral(of: Expression): boolean {
  if (of.type === 'constant') return true
  if (of.type === 'name') return of.name === 'null'
  if (of.type === 'list' || of.type === 'tuple') return of.items.every(isLiteral)
  if (of.type === 'dict') return of.entries.every(([key, value]) => isLiteral(key) && isLiteral(value))
  return (of.type === 'negative' || of.type === 'positive') && of.of.type === 'constant' && isSigned(of.of.value)
}

function isSigned(value: Value): boolean {
  return typeof value === 'number' || value instanceof Float
}

/** JSON's `null`. */
function withConstants(of: Expression): Expression {
  if (of.type === 'name') return { type: 'constant', value: null }
  if (of.type === 'list' || of.type === 'tuple') return { ...of, items: of.items.map(withConstants) }
  if (of.type !== 'dict') return of
  return { ...of, entries: of.entries.map(([key, value]) => [withConstants(key), withConstants(value)] as const) }
}
