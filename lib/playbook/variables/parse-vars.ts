import type { z } from 'zod'
import { holdsSecret, isSecret } from '../../secret.ts'
import { wordsFor } from '../../text/schema-words.ts'

type Values = Readonly<Record<string, unknown>>

export type Parsed =
  | { readonly vars: Values }
  | { readonly issues: readonly z.core.$ZodIssue[]; readonly values: Values }
  /** Variables whose secret values the schema would turn into plain text. */
  | { readonly exposed: readonly string[]; readonly vars: Values }

/**
 * Validates values against a schema. `typed` has template values with the types of their expressions, for variables where Ansible's texts are
 * invalid: `{{ base + 80 }}` is "8080" to Ansible, and a schema that wants a number gets 8080. A Secret is valid if the schema turns a text into a
 * Secret.
 */
export function parseVars(schema: z.ZodObject, values: Values, typed: () => Values): Parsed {
  const first = validate(schema, values)
  if ('vars' in first) return first
  const wrong = new Set(first.issues.map(({ path }) => String(path[0])))
  const others = Object.entries(typed()).filter(([name]) => wrong.has(name))
  if (others.length === 0) return first
  const second = validate(schema, { ...values, ...Object.fromEntries(others) })
  return 'issues' in second ? first : second
}

function validate(schema: z.ZodObject, values: Values): Parsed {
  const parsed = schema.safeParse(inheritingNothing(values), { error: wordsFor })
  if (parsed.success) return { vars: parsed.data }
  const { issues } = parsed.error
  const wrong = new Set(issues.map(({ path }) => String(path[0])))
  const secret = Object.keys(values).filter((name) => wrong.has(name) && holdsSecret(values[name]))
  if (secret.length === 0) return { issues, values }
  const texts: string[] = []
  const open = { ...values, ...Object.fromEntries(secret.map((name) => [name, revealed(values[name], texts)])) }
  const again = schema.safeParse(inheritingNothing(open), { error: wordsFor })
  if (!again.success) return { issues: again.error.issues, values }
  const vars: Values = again.data
  const exposed = secret.filter((name) => shows(vars[name], texts))
  return exposed.length > 0 ? { exposed, vars } : { vars }
}

/** zod reads a variable that is not set from the prototype too: one named `constructor` would be there, as a function. */
function inheritingNothing(values: Values): Values {
  const own: Record<string, unknown> = { ...values }
  Object.setPrototypeOf(own, null)
  return own
}

function revealed(value: unknown, texts: string[]): unknown {
  if (isSecret(value)) {
    texts.push(value.reveal())
    return value.reveal()
  }
  if (Array.isArray(value)) return value.map((each) => revealed(each, texts))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each, texts)]))
}

/** Whether one of the texts appears anywhere in a value, outside a Secret. */
function shows(value: unknown, texts: readonly string[]): boolean {
  if (typeof value === 'string')
    return texts.some((text) => value === text || (text.length > 3 && value.includes(text)))
  if (isSecret(value) || value === null) return false
  if (typeof value === 'number') return texts.includes(String(value))
  if (typeof value !== 'object') return false
  if (value instanceof Map) return [...value].flat().some((each) => shows(each, texts))
  return (value instanceof Set ? [...value] : Object.values(value)).some((each) => shows(each, texts))
}
