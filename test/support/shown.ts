import { inspect } from 'node:util'

/** All that a value would show to whoever prints it; a secret in it shows nothing. */
export function shown(value: unknown): string {
  return inspect(value, { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity })
}
