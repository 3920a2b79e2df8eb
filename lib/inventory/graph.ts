import type { Draft } from './draft.ts'
import type { Report } from './parse.ts'

/** Reports every way in which a group is its own child's child. */
export function reportCycles(draft: Draft, report: Report): void {
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (name: string): void => {
    if (done.has(name)) return
    trail.push(name)
    for (const [child, place] of draft.groups.get(name)?.children ?? []) {
      const start = trail.indexOf(child)
      if (start === -1) visit(child)
      else {
        const circle = [...trail.slice(start), child].join(' > ')
        report({
          code: 'inventory',
          message: `the groups go in a circle: ${circle}`,
          place,
          expected: 'groups whose children do not contain them',
          hint: `remove "${child}" from the children of "${name}"`,
        })
      }
    }
    trail.pop()
    done.add(name)
  }
  for (const name of draft.groups.keys()) visit(name)
}

/**
 * For groups without circles: from the groups that name a host to all groups it is in, in the order in which their
 * variables count. Parents come before children, `all` first; groups of the same depth are in alphabetical order.
 */
export function lineages(draft: Draft): (groups: ReadonlySet<string>) => readonly string[] {
  const depths = new Map<string, number>()
  const known = new Map<string, readonly string[]>()
  const parentsOf = (name: string): readonly string[] => [...(draft.groups.get(name)?.parents ?? [])]

  /** The longest way down from `all`, so that a child always comes after each of its parents. */
  const depth = (name: string): number => {
    const found = depths.get(name) ?? (name === 'all' ? 0 : Math.max(0, ...parentsOf(name).map(depth)) + 1)
    depths.set(name, found)
    return found
  }
  const climb = (name: string, seen: Set<string>): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const parent of parentsOf(name)) climb(parent, seen)
  }
  return (groups) => {
    // Thousands of hosts share a few sets of groups.
    const signature = [...groups].join(' ')
    const before = known.get(signature)
    if (before !== undefined) return before
    const seen = new Set(['all'])
    for (const name of groups) climb(name, seen)
    const found = [...seen].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
    known.set(signature, found)
    return found
  }
}
