import type { Place } from '../../errors.ts'
import { placeWithin } from '../graph/tree.ts'
import type { YamlNode } from '../graph/tree.ts'

/** The five levels of precedence, the lowest first: later ones replace earlier ones. */
export const RANKS = ['default', 'group', 'host', 'playbook', 'extra'] as const

export type Rank = (typeof RANKS)[number]

/** The value of a variable at one level, and its place. */
export interface Level {
  readonly rank: Rank
  /** The name of the group or host that sets the value. */
  readonly owner?: string
  /** `role.variable`, as in `dns-server.forwarders`; or a connection variable, as in `ansible_user`. */
  readonly name: string
  /** Plain, frozen JavaScript; a `Secret` for a password. */
  readonly value: unknown
  /** The place of the variable's name. Absent for a playbook in TypeScript. */
  readonly place?: Place
  /** The YAML value, for places of its parts. */
  readonly node?: YamlNode
}

/** For each variable its levels, the lowest first. */
export type Levels = ReadonlyMap<string, readonly Level[]>

/** The outcome for one variable. */
export interface Resolved {
  readonly value: unknown
  /** The level that won. */
  readonly level: Level
  /** Every level that sets the variable, the lowest first. The last one wins. */
  readonly levels: readonly [Level, ...Level[]]
}

/**
 * Finds the level that wins: the highest, and of the same rank the later one.
 * A value replaces the lower one as a whole; maps and lists are not merged.
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
 * The place of a part of a level's value.
 *
 * @example
 * placeOf(zones, [1, 'name'])   // { file: 'inventory/group_vars/dns.yml', line: 9, column: 13 }
 */
export function placeOf(level: Level, path: readonly (string | number)[] = []): Place | undefined {
  if (level.node === undefined) return level.place
  const isEmptyItself = level.node.kind === 'scalar' && level.node.value === null
  return isEmptyItself ? level.place : placeWithin(level.node, path)
}
