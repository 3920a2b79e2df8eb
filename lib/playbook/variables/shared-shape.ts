import { z } from 'zod'
import { markOf } from './sources.ts'

/** Variables that several roles share, by their names. */
export type SharedShape = Readonly<Record<string, z.ZodType>>

/** The values of shared variables. */
export type SharedValues<Shape extends SharedShape> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> }

/** One of the variables that `shared` made, with values of this type: `site.domain`. */
export interface SharedVariable<Value> {
  readonly _zod: { readonly output: Value }
}

const declared = new WeakMap<object, z.ZodObject>()

/** Marks these variables as made by `shared`. */
export function declareShared(shape: SharedShape): void {
  declared.set(shape, z.object({ ...shape }))
}

/** The schema of variables that were made by `shared`; undefined for anything else. */
export function sharedSchema(shape: unknown): z.ZodObject | undefined {
  return typeof shape === 'object' && shape !== null ? declared.get(shape) : undefined
}

export function isSharedShape(value: unknown): value is SharedShape {
  return sharedSchema(value) !== undefined
}

/** Whether a value is one of the variables that `shared` made: `site.domain`. */
export function isSharedVariable(value: unknown): value is z.ZodType {
  return value instanceof z.ZodType && markOf(value).flat !== undefined
}
