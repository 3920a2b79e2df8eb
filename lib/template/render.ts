import { secret, isSecret } from '../secret.ts'
import type { Template, Typing } from './template.ts'
import type { Part } from './syntax/ast.ts'
import { Locals, outputs } from './evaluation/evaluate.ts'
import { literalOf } from './evaluation/literal.ts'
import { parse } from './syntax/parse.ts'
import { Run, type Scope } from './evaluation/run.ts'
import { Float, isDict, isList, KeptText, Tuple, Undefined, UndefinedError, type Value } from './values/value.ts'

const parsed = new Map<string, readonly Part[]>()
const MOST_PARSED = 10_000

function partsOf(source: string): readonly Part[] {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const parts = parse(source)
  if (parsed.size >= MOST_PARSED) parsed.clear()
  parsed.set(source, parts)
  return parts
}

/** Matches a template that is only `{{ name }}`: a number, true or false keeps its type. */
const SINGLE = /^\{\{\s*(\w*)\s*\}\}\n?$/

/** Evaluates a template. Throws a TemplateError. */
export function render(
  { source, isSecret: isHidden }: Pick<Template, 'source' | 'isSecret'>,
  scope: Scope,
  typing: Typing,
): Value {
  const [, single] = SINGLE.exec(source) ?? []
  if (single !== undefined && !isHidden && scope.isPlain(single)) return scope.variable(single) ?? null
  const run = new Run(scope, isHidden)
  const newlines = /\n*$/.exec(source)?.[0].length ?? 0
  const pieces = [...outputs(run, partsOf(source.replace(/\n$/, '')), new Locals())]
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) {
    if (first instanceof Undefined && !first.isNothing) throw new UndefinedError(first)
    if (first instanceof KeptText) return sealed(run, first)
    if (isSecret(first)) return first
    if (
      isList(first) ||
      isDict(first) ||
      (typing === 'typed' && typeof first !== 'string' && !(first instanceof Undefined))
    )
      return sealed(run, checked(first))
  }
  const text = pieces.map((piece) => (piece === null ? '' : run.text(piece))).join('')
  const result = typing === 'ansible' || typeof first !== 'boolean' ? literalOf(run, text) : text
  if (typeof result !== 'string') return sealed(run, result)
  const missing = newlines - (/\n*$/.exec(result)?.[0].length ?? 0)
  return sealed(run, missing > 0 ? result + '\n'.repeat(missing) : result)
}

/** Throws when a list or dict contains an undefined value. */
function checked(value: Value): Value {
  if (value instanceof Undefined) throw new UndefinedError(value)
  if (isList(value)) return value.map(checked)
  if (value instanceof Tuple) return new Tuple(value.items.map(checked))
  return isDict(value) ? new Map(Array.from(value, ([key, each]) => [key, checked(each)])) : value
}

/** Marks every text of a result as secret. */
function sealed(run: Run, value: Value): Value {
  if (!run.usedSecret) return value
  if (value instanceof KeptText) return secret(value.text)
  if (typeof value === 'string') return secret(value)
  if (typeof value === 'number' || value instanceof Float) return secret(run.text(value))
  if (isList(value)) return value.map((each) => sealed(run, each))
  if (value instanceof Tuple) return new Tuple(value.items.map((each) => sealed(run, each)))
  if (isDict(value)) return new Map(Array.from(value, ([key, each]) => [key, sealed(run, each)]))
  return value
}
