import type { Place } from '../../errors.ts'
import { placeWithin } from '../graph/tree.ts'
import type { YamlNode } from '../graph/tree.ts'

/** The five levels of precedence, the lowest first: what stands later replaces what stands earlier. */
export const RANKS = ['default', 'group', 'host', 'playbook', 'extra'] as const

export type Rank = (typeof RANKS)[number]

/** One value given to one variable at one level, and where that is written. */
export interface Level {
  readonly rank: Rank
  /** Which group or which host says so. */
  readonly owner?: string
  /** `role.variable`, as in `dns-server.forwarders`; or a connection variable, as in `ansible_user`. */
  readonly name: string
  /** Plain, frozen JavaScript; a `Secret` for a password. */
  readonly value: unknown
  /** Where the variable's name is written. A playbook in TypeScript has no such place to tell. */
  readonly place?: Place
  /** The YAML value, for the places of what is inside it. */
  readonly node?: YamlNode
}

/** The levels of many variables by name, each variable's lowest level first. */
export type Levels = ReadonlyMap<string, readonly Level[]>

/** What became of one variable. */
export interface Resolved {
  readonly value: unknown
  /** The level that won. */
  readonly level: Level
  /** Every level that set it, the lowest first; the last is the winner. */
  readonly levels: readonly [Level, ...Level[]]
}

/**
 * Which of the levels of one variable wins: the highest, and of two with the same rank the later one.
 * A value replaces the one below it as a whole; maps and lists are not merged.
 *
 * @example
 * resolve([...inGroups, ...inPlaybook, ...roleDefault])?.value
 */
export function resolve(levels: readonly Level[]): Resolved | undefined {
  const [lowest, ...higher] = levels.toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
  if (lowest === undefined) return undefined
  const level = higher.at(-1) ?? lowest
  return { value: level.value, level, levels: [lowest, ...higher] }
}

/** A level in words: `group dns`, `host node-01`, `role default`, `playbook`, `-e`. */
export function levelName({ rank, owner }: Pick<Level, 'rank' | 'owner'>): string {
  switch (rank) {
    case 'default':
      return 'role default'
    case 'group':
      return `group ${owner ?? ''}`
    case 'host':
      return `host ${owner ?? ''}`
    case 'playbook':
      return 'playbook'
    case 'extra':
      return '-e'
  }
}

/**
 * Where a part of a level's value is written, down to the very node.
 *
 * @example
 * placeOf(zones, [1, 'name'])   // { file: 'inventory/group_vars/dns.yml', line: 9, column: 13 }
 */
export function placeOf(level: Level, path: readonly (string | number)[] = []): Place | undefined {
  if (level.node === undefined) return level.place
  const isEmptyItself = level.node.kind === 'scalar' && level.node.value === null
  return isEmptyItself ? level.place : placeWithin(level.node, path)
}
