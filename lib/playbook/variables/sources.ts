import type { z } from 'zod'

/** Other names that variables may be read from, by variable: one name, or several with the strongest first. */
export type From<Schema extends z.ZodObject> = {
  readonly [Name in keyof z.input<Schema>]?: string | readonly string[]
}

/** The question for a value that nothing sets. */
export interface Asking {
  readonly question: string
  /** The input is not shown. */
  readonly hidden: boolean
}

/** Data attached to a schema besides its type. Schemas are compared by identity, so a changed copy has none of it. */
interface Mark {
  readonly flat?: readonly string[]
  readonly asking?: Asking
}

const marks = new WeakMap<object, Mark>()

/** Attaches data to a schema. */
export function mark<Schema extends z.ZodType>(schema: Schema, more: Mark): Schema {
  marks.set(schema, { ...marks.get(schema), ...more })
  return schema
}

/** The data attached to a schema or to the schema it wraps: `site.domain.optional()` is still `site.domain`. */
export function markOf(schema: unknown): Mark {
  let found: Mark = {}
  let inner = schema
  for (let depth = 0; depth < DEEPEST && typeof inner === 'object' && inner !== null; depth++) {
    found = { ...marks.get(inner), ...found }
    inner = wrapped(inner)
  }
  return found
}

const DEEPEST = 20

function wrapped(schema: object): unknown {
  const def: unknown = '_zod' in schema ? (schema as z.core.$ZodType)._zod.def : undefined
  if (typeof def !== 'object' || def === null) return undefined
  return 'innerType' in def ? def.innerType : 'in' in def ? def.in : undefined
}

/** The flat names that a role's variable is read from, the strongest first. */
export function flatNames(
  variable: string,
  schema: unknown,
  from: Readonly<Record<string, unknown>> | undefined,
): readonly string[] {
  const given = from !== undefined && Object.hasOwn(from, variable) ? from[variable] : undefined
  const named = typeof given === 'string' ? [given] : Array.isArray(given) ? given.map(String) : []
  return [...named, ...(markOf(schema).flat ?? [])]
}
