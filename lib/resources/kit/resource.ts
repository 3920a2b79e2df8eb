import type { Resource } from './kind.ts'

/** Whether this is what a kind makes: anybody may have put anything else in its place. */
export function isResource(given: unknown): given is Resource {
  if (typeof given !== 'object' || given === null) return false
  const { kind, id, paths, probe, evaluate } = given as Partial<Record<keyof Resource, unknown>>
  return (
    typeof kind === 'string' &&
    typeof id === 'string' &&
    Array.isArray(paths) &&
    typeof probe === 'function' &&
    typeof evaluate === 'function'
  )
}
