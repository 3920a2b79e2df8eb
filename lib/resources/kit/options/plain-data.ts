import { isPlain } from './describe-value.ts'

/** Whether a value consists only of lists, plain objects and such leaves, without circles. */
export function isPlainData(
  given: unknown,
  isLeaf: (leaf: unknown) => boolean,
  above: readonly unknown[] = [],
): boolean {
  const parts = Array.isArray(given) ? given : isPlain(given) ? Object.values(given) : undefined
  if (parts === undefined) return isLeaf(given)
  return !above.includes(given) && parts.every((part) => isPlainData(part, isLeaf, [...above, given]))
}

/** The leaves of JSON. */
export function isJsonLeaf(given: unknown): boolean {
  if (given === null || typeof given === 'string' || typeof given === 'boolean') return true
  return typeof given === 'number' && Number.isFinite(given)
}
