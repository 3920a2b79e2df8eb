import type { Value } from '../values/value.ts'

/** An expression of a template. */
export type Expression =
  | { readonly type: 'constant'; readonly value: Value }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly type: 'item'; readonly of: Expression; readonly key: Expression }
  | { readonly type: 'slice'; readonly of: Expression; readonly parts: readonly (Expression | undefined)[] }
  | { readonly type: 'call'; readonly of: Expression; readonly given: Given }
  | { readonly type: 'filter'; readonly of: Expression; readonly name: string; readonly given: Given }
  | { readonly type: 'test'; readonly of: Expression; readonly name: string; readonly given: Given }
  | { readonly type: 'not' | 'negative' | 'positive'; readonly of: Expression }
  | { readonly type: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly type: 'arithmetic'
      readonly operator: Arithmetic
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly type: 'concatenation'; readonly parts: readonly Expression[] }
  | { readonly type: 'comparison'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | {
      readonly type: 'condition'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression | undefined
    }

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**'

export interface Comparison {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'
  readonly right: Expression
}

/** Arguments of a call. */
export interface Given {
  readonly positional: readonly Expression[]
  readonly named: ReadonlyMap<string, Expression>
}

/** A part of a template. */
export type Part =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'output'; readonly of: Expression }
  | { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Part[] }
  | {
      readonly type: 'for'
      readonly names: readonly string[]
      readonly over: Expression
      readonly only: Expression | undefined
      readonly body: readonly Part[]
      readonly otherwise: readonly Part[]
    }
  | {
      readonly type: 'set'
      readonly names: readonly string[]
      readonly attribute: string | undefined
      readonly value: Expression | readonly Part[]
    }

export interface Branch {
  readonly test: Expression
  readonly body: readonly Part[]
}
