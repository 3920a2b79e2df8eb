import type { z } from 'zod'
import type { AnyRole } from './role.ts'
import { sharedSchema, type SharedShape } from './variables/shared-shape.ts'
import { flatNames } from './variables/sources.ts'

/** A reader of variables: a role, or shared variables, which have no role's name. */
export interface Reader {
  readonly schema: z.ZodObject
  /** The role's name, which is the key of its variables. */
  readonly role: string | undefined
  /** The flat names of a variable, the strongest first. */
  readonly flat: (variable: string) => readonly string[]
}

export function readerOf({ name, vars, from }: AnyRole): Reader {
  const known = flatOf(vars, from)
  return { schema: vars, role: name, flat: (variable) => known.get(variable) ?? [] }
}

/** The reader of shared variables made by `shared`. */
export function sharedReader(shape: SharedShape): Reader {
  const schema = sharedSchema(shape)
  if (schema === undefined) throw new Error('these are no shared variables')
  const known = flatOf(schema, undefined)
  return { schema, role: undefined, flat: (variable) => known.get(variable) ?? [] }
}

function flatOf(schema: z.ZodObject, from: AnyRole['from']): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(schema.shape).map(([variable, inner]) => [variable, flatNames(variable, inner, from)]))
}

/** A variable in messages: `dns-server.forwarders`, or `domain` when it is shared. */
export function dotted({ role }: Reader, path: readonly (string | number)[]): string {
  const [first = '', ...rest] = path
  const start = role === undefined ? String(first) : `${role}.${String(first)}`
  return rest.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    path.length === 0 ? (role ?? 'the shared variables') : start,
  )
}
