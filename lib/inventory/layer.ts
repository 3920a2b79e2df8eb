import type { Place } from '../errors.ts'
import type { Settings } from './connection.ts'
import { levelName, RANKS } from './level.ts'
import type { Level, Levels, Rank } from './level.ts'
import type { Report } from './parse.ts'
import { isSecretSetting, isSettingName, readSetting } from './settings.ts'
import { describe, isEmpty, plain, standsAt } from './tree.ts'
import type { Entry, YamlNode } from './tree.ts'

/** Everything that one block of variables says: a `vars:`, a host's own map, a file of group_vars. */
export interface Layer {
  readonly rank: Rank
  readonly owner?: string
  readonly levels: ReadonlyMap<string, Level>
  readonly settings: Partial<Settings>
  /** The role names at its top, for checking them against the roles there are. */
  readonly roles: ReadonlyMap<string, Place>
}

type Whose = Pick<Layer, 'rank' | 'owner'>

/** Reads one block of variables; `node` is its map. Reports what cannot be a variable. */
export function readLayer(node: YamlNode, whose: Whose, report: Report): Layer {
  const levels = new Map<string, Level>()
  const settings: Partial<Settings> = {}
  const roles = new Map<string, Place>()
  if (node.kind === 'map') {
    for (const entry of node.entries.values()) {
      if (isSettingName(entry.key)) {
        readSetting(entry, settings, report)
        levels.set(entry.key, settingLevel(entry, settings, whose))
      } else if (isRoleBlock(entry, report)) {
        roles.set(entry.key, standsAt(entry))
        for (const level of levelsOfRole(entry, whose)) levels.set(level.name, level)
      }
    }
  } else if (!isEmpty(node)) {
    report({
      code: 'vars',
      message: `the variables of ${levelName(whose)} are not a map`,
      place: standsAt(node),
      expected: 'a map: role names with their variables under them',
      got: describe(node),
      hint: 'write "role-name:" on one line and "  variable: value" under it',
    })
  }
  return { ...whose, levels, settings, roles }
}

/** A password's level has the `Secret` only: the YAML node would show its text. */
function settingLevel(entry: Entry, settings: Partial<Settings>, whose: Whose): Level {
  const level = { ...whose, name: entry.key, place: standsAt(entry) }
  if (isSecretSetting(entry.key)) return { ...level, value: settings[entry.key] }
  return { ...level, value: plain(entry.node), node: entry.node }
}

function isRoleBlock({ key, node, ...entry }: Entry, report: Report): boolean {
  const place = entry.source.place(entry.offset)
  const [role, ...variable] = key.split('.')
  if (variable.length > 0) {
    report({
      code: 'vars',
      message: `"${key}" is not the name of a role`,
      place,
      expected: 'the name of a role, with its variables under it',
      hint: `write "${role ?? ''}:" on one line and "  ${variable.join('.')}: ..." under it`,
    })
    return false
  }
  if (node.kind === 'map' || isEmpty(node)) return true
  const asVariable = `write "ROLE:" on one line and "  ${key}: ..." under it`
  const asRole = `if "${key}" is the role, write its variables without dashes; if it is a variable, ${asVariable}`
  report({
    code: 'vars',
    message: `"${key}" is not a map of variables; at the top stand the names of roles`,
    place,
    expected: 'a map of variables under the name of a role',
    // A value may be a secret, and here no name tells.
    got: node.kind === 'list' ? describe(node) : 'a value',
    hint: node.kind === 'list' ? asRole : asVariable,
  })
  return false
}

function levelsOfRole({ key: role, node }: Entry, whose: Whose): Level[] {
  if (node.kind !== 'map') return []
  return Array.from(node.entries.values(), (entry) => ({
    ...whose,
    name: `${role}.${entry.key}`,
    value: plain(entry.node),
    place: standsAt(entry),
    node: entry.node,
  }))
}

/**
 * A layer whose values come from TypeScript: a role's defaults, or what a playbook says.
 *
 * @example
 * layerOf('playbook', 'dns-server', { listen: '10.10.50.50' }, { file: 'playbooks/site.ts' })
 */
export function layerOf(
  rank: 'default' | 'playbook',
  role: string,
  values: Readonly<Record<string, unknown>>,
  place?: Place,
): Layer {
  const standing = place === undefined ? {} : { place }
  const levels = Object.entries(values).map(([variable, value]): [string, Level] => {
    const name = `${role}.${variable}`
    return [name, { rank, name, value, ...standing }]
  })
  return { rank, levels: new Map(levels), settings: {}, roles: new Map() }
}

/**
 * For every variable the levels that set it, the lowest first. Layers of one rank keep the order in which they are given.
 *
 * @example
 * resolve(levelsOf(host.layers).get('dns-server.forwarders') ?? [])?.value
 */
export function levelsOf(layers: readonly Layer[]): Levels {
  const all = new Map<string, Level[]>()
  const lowestFirst = layers.toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
  for (const layer of lowestFirst) {
    for (const [name, level] of layer.levels) {
      const known = all.get(name)
      if (known === undefined) all.set(name, [level])
      else known.push(level)
    }
  }
  return all
}
