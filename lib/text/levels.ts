/**
 * How deep data and expressions may be nested that somebody else wrote. Readers call themselves for each level, and so does all that walks over what they
 * read; the stack of Node holds some thousand levels of them. The deepest document that we know, the definitions of Prometheus' operator for Kubernetes, has 60.
 */
export const MOST_LEVELS = 200

/**
 * Whether data is nested deeper than that: lists and maps of JSON, however many levels they have.
 *
 * @example isTooDeep(JSON.parse(answer))
 */
export function isTooDeep(data: unknown): boolean {
  let level: readonly unknown[] = [data]
  for (let depth = 0; depth <= MOST_LEVELS; depth++) {
    const below: unknown[] = []
    for (const each of level)
      for (const inner of insideOf(each)) if (typeof inner === 'object' && inner !== null) below.push(inner)
    if (below.length === 0) return false
    level = below
  }
  return true
}

function insideOf(data: unknown): readonly unknown[] {
  if (Array.isArray(data)) return data
  return typeof data === 'object' && data !== null ? Object.values(data) : []
}
