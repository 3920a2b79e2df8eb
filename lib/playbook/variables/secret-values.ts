import { z } from 'zod'
import { holdsSecret, isSecret, MASK, secret } from '../../secret.ts'
import { isSensitive } from '../../text/sensitive.ts'

/**
 * A value for display, masked at any depth where its schema makes a Secret or its key sounds secret. A value that the schema refuses is masked
 * wherever the schema might have made a Secret.
 *
 * @example
 * withoutSecrets(z.object({ token: z.string().transform(secret) }), { token: 's3cr3t', port: 80 })   // { token: '***', port: 80 }
 */
export function withoutSecrets(schema: z.ZodType | undefined, value: unknown, name = ''): unknown {
  if (value !== undefined && isSensitive(name)) return MASK
  const parsed = schema === undefined ? undefined : parse(schema, value)
  if (parsed !== undefined) return beside(value, parsed.value)
  return schema !== undefined && mayMakeSecret(schema) ? inside(schema, value) : beside(value, value)
}

/** Whether a schema turns some values into Secrets, as far as can be known: other transformations are opaque. */
function mayMakeSecret(schema: z.ZodType, depth = 0): boolean {
  if (depth > DEEPEST) return true
  const { def } = (schema as z.core.$ZodType)._zod
  if (def.type === 'transform' || def.type === 'custom') return !isHarmless(schema)
  return parts(schema).some((part) => mayMakeSecret(part, depth + 1))
}

/** The schema of the value at a path; undefined when this cannot be known. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  const [step, ...rest] = path
  if (step === undefined) return schema
  const below = child(schema, step)
  if (below !== undefined) return schemaAt(below, rest)
  const wrapped = isContainer(schema) ? [] : parts(schema)
  return wrapped.map((part) => schemaAt(part, path)).find((found) => found !== undefined)
}

const DEEPEST = 20

function parse(schema: z.ZodType, value: unknown): { readonly value: unknown } | undefined {
  try {
    const { success, data } = schema.safeParse(value)
    return success ? { value: data } : undefined
  } catch {
    return undefined
  }
}

/** The value, masked where the schema's result has a Secret in the same place, and entirely if the shapes differ. */
function beside(value: unknown, result: unknown): unknown {
  if (isSecret(value) || isSecret(result)) return MASK
  if (Array.isArray(value)) {
    const others: readonly unknown[] | undefined = Array.isArray(result) ? result : undefined
    if (others === undefined || others.length !== value.length) return holdsSecret(result) ? MASK : masked(value)
    return value.map((each, index) => beside(each, others[index]))
  }
  if (isRecord(value)) {
    if (!isRecord(result)) return holdsSecret(result) ? MASK : masked(value)
    const gone = Object.entries(result).some(([key, made]) => !(key in value) && holdsSecret(made))
    if (gone) return MASK
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, isSensitive(key) ? MASK : beside(each, result[key])]),
    )
  }
  return holdsSecret(result) ? MASK : value
}

function masked(value: unknown): unknown {
  return isSecret(value) ? MASK : beside(value, value)
}

/** A refused value: anything that could be a Secret is masked, key by key if the schema has keys. */
function inside(schema: z.ZodType, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each, index) => part(child(schema, index), each))
  if (!isRecord(value)) return MASK
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, isSensitive(key) ? MASK : part(schemaAt(schema, [key]), each)]),
  )
}

/** Masks a value without a schema as a whole: nothing is known about it. */
function part(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema === undefined ? MASK : withoutSecrets(schema, value)
}

/** The parts of a schema: what it wraps, its alternatives, its members. */
function parts(schema: z.ZodType): z.ZodType[] {
  const found: z.ZodType[] = []
  for (const value of Object.values((schema as z.core.$ZodType)._zod.def) as unknown[]) {
    const members: readonly unknown[] = isRecord(value) || Array.isArray(value) ? Object.values<unknown>(value) : []
    for (const each of [value, ...members]) if (each instanceof z.ZodType) found.push(each)
  }
  if (schema instanceof z.ZodLazy) found.push(schema.unwrap() as z.ZodType)
  return found
}

function isContainer(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject || schema instanceof z.ZodArray || schema instanceof z.ZodRecord
}

function child(schema: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<PropertyKey, unknown>> = schema.shape
    const below = shape[step]
    return below instanceof z.ZodType ? below : undefined
  }
  const below =
    schema instanceof z.ZodArray ? schema.element : schema instanceof z.ZodRecord ? schema.valueType : undefined
  return below instanceof z.ZodType ? below : undefined
}

/** Transformations that are known to make no Secret: a text to a number, a list to a set. */
const HARMLESS_RESULTS: ReadonlySet<unknown> = new Set([Number, Boolean, BigInt])

function isHarmless(schema: z.ZodType): boolean {
  const { def } = (schema as z.core.$ZodType)._zod
  const { transform } = def as { readonly transform?: unknown }
  return transform !== secret && HARMLESS_RESULTS.has(transform)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !isSecret(value)
}
