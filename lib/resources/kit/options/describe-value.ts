import { Secret } from '../../../secret.ts'
import { Sh } from '../../../sh/quote.ts'

const LONGEST = 80

/** Describes a wrong value in a few words. Never shows a secret. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (value instanceof Secret) return 'a Secret'
  if (value instanceof Sh) return 'shell text'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof RegExp) return String(value)
  if (value instanceof Error) return value.message
  if (isPromise(value)) return 'a promise'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if ('kind' in value && 'id' in value && typeof value.id === 'string') return `the resource ${value.id}`
  if ('type' in value && typeof value.type === 'string' && 'name' in value && typeof value.name === 'string')
    return `the ${value.type} ${value.name}`
  if (isPlain(value)) return `an object: { ${Object.keys(value).slice(0, 8).join(', ')} }`
  const name = nameOfClass(value)
  return name === undefined ? 'an object that inherits from another' : `an object of class ${name}`
}

export function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** An object like one from a literal, possibly of another realm: it inherits nothing of its own. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const above: unknown = Object.getPrototypeOf(value)
  return (
    above === null ||
    above === Object.prototype ||
    (typeof above === 'object' && Object.getPrototypeOf(above) === null && Object.hasOwn(above, 'isPrototypeOf'))
  )
}

function nameOfClass(value: object): string | undefined {
  const above: unknown = Object.getPrototypeOf(value)
  const made = typeof above === 'object' && above !== null && 'constructor' in above ? above.constructor : undefined
  return typeof made === 'function' && made.name !== '' && made !== Object ? made.name : undefined
}
