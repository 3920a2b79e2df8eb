import type { Draft } from './draft.ts'
import type { Report } from '../parse.ts'
import { MOST_LEVELS } from '../../text/levels.ts'

/** Reports every circle of groups, and groups that are nested too deep. */
export function reportCycles(draft: Draft, report: Report): void {
  const done = new Set<string>()
  const trail: string[] = []
  /** The number of levels below a group. */
  const levels = new Map<string, number>()
  let isTooDeep = false
  const refuse = (): void => {
    if (isTooDeep) return
    const place = draft.groups.get(trail[0] ?? '')?.place
    isTooDeep = true
    report({
      code: 'inventory',
      message: `the groups are nested more than ${MOST_LEVELS} levels deep`,
      ...(place === undefined ? {} : { place }),
      hint: 'remove groups that contain only one other group',
    })
  }
  const visit = (name: string): void => {
    if (done.has(name) || isTooDeep) return
    trail.push(name)
    if (trail.length > MOST_LEVELS) return refuse()
    let below = 0
    for (const [child, place] of draft.groups.get(name)?.children ?? []) {
      const start = trail.indexOf(child)
      if (start === -1) visit(child)
      else {
        const circle = [...trail.slice(start), child].join(' > ')
        report({
          code: 'inventory',
          message: `the groups form a circle: ${circle}`,
          ...(place === undefined ? {} : { place }),
          expected: 'groups whose children do not contain them',
          hint: `remove "${child}" from the children of "${name}"`,
        })
      }
      below = Math.max(below, (levels.get(child) ?? 0) + 1)
    }
    if (below > MOST_LEVELS) refuse()
    trail.pop()
    levels.set(name, below)
    done.add(name)
  }
  for (const name of draft.groups.keys()) visit(name)
}

/** As in Ansible: a group without a parent is in `all`, and a host in no group but `all` is in `ungrouped`. */
export function completeGroups(draft: Draft): void {
  const all = draft.groups.get('all')
  const ungrouped = draft.groups.get('ungrouped')
  for (const group of draft.groups.values()) {
    if (group.name === 'all' || group.parents.size > 0) continue
    group.parents.add('all')
    all?.children.set(group.name, group.place)
  }
  const isInherent = (name: string) => name === 'all' || name === 'ungrouped'
  for (const { name, groups } of draft.hosts.values()) {
    if (![...groups].every(isInherent)) {
      groups.delete('ungrouped')
      ungrouped?.hosts.delete(name)
    } else if (!groups.has('ungrouped') && draft.groups.has(name)) {
      // Ansible then puts the group of the same name into `ungrouped`.
      ungrouped?.children.set(name, undefined)
      draft.groups.get(name)?.parents.add('ungrouped')
    } else if (!groups.has('ungrouped')) {
      groups.add('ungrouped')
      ungrouped?.hosts.add(name)
    }
  }
}

/**
 * Makes a function that takes the groups naming a host, and returns all groups of the host in the order of their variables'
 * precedence. Parents come before children, `all` first; groups of the same depth by priority, then by name. Needs groups without circles.
 */
export function lineages(draft: Draft): (groups: ReadonlySet<string>) => readonly string[] {
  const depths = new Map<string, number>()
  const known = new Map<string, readonly string[]>()
  const parentsOf = (name: string): readonly string[] => [...(draft.groups.get(name)?.parents ?? [])]
  const priority = (name: string): number => draft.groups.get(name)?.priority ?? 1

  /** The longest path from `all`, so that a child always comes after all of its parents. */
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
    // Cached, because thousands of hosts share a few sets of groups.
    const signature = [...groups].join(' ')
    const before = known.get(signature)
    if (before !== undefined) return before
    const seen = new Set(['all'])
    for (const name of groups) climb(name, seen)
    const found = [...seen].sort((a, b) => depth(a) - depth(b) || priority(a) - priority(b) || (a < b ? -1 : 1))
    known.set(signature, found)
    return found
  }
}

/**
 * The names of a group's hosts, in its order: first its own hosts, then those of its children, then those of their children.
 */
export function membersOf(draft: Draft, name: string): readonly string[] {
  const members = new Set<string>()
  const seen = new Set([name])
  let level = [name]
  while (level.length > 0) {
    const below: string[] = []
    for (const group of level) {
      const { hosts, children } = draft.groups.get(group) ?? { hosts: [], children: new Map<string, unknown>() }
      for (const host of hosts) members.add(host)
      for (const child of children.keys()) {
        if (seen.has(child)) continue
        seen.add(child)
        below.push(child)
      }
    }
    level = below
  }
  return [...members]
}
