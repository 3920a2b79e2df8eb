import { isPlain } from './describe-value.ts'

/** Lists and plain objects all the way down, with such leaves, and nothing that is inside of itself. */
export function isPlainData(
  given: unknown,
  isLeaf: (leaf: unknown) => boolean,
  above: readonly unknown[] = [],
): boolean {
  const parts = Array.isArray(given) ? given : isPlain(given) ? Object.values(given) : undefined
  if (parts === undefined) return isLeaf(given)
  return !above.includes(given) && parts.every((part) => isPlainData(part, isLeaf, [...above, given]))
}

/** What JSON has beside lists and objects. */
export function isJsonLeaf(given: unknown): boolean {
  if (given === null || typeof given === 'string' || typeof given === 'boolean') return true
  return typeof given === 'number' && Number.isFinite(given)
}
