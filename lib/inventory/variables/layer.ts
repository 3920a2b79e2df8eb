import type { Place } from '../../errors.ts'
import { Secret, secret } from '../../secret.ts'
import type { Settings } from '../connections/connection.ts'
import { levelName, RANKS } from './level.ts'
import type { Level, Levels, Rank } from './level.ts'
import type { Report } from '../parse.ts'
import { withSecretCommands } from '../sources/secret-commands.ts'
import { isSecretSetting, isSettingName, readSetting } from '../connections/settings.ts'
import { describe, isEmpty, plain, standsAt } from '../graph/tree.ts'
import type { Entry, YamlNode } from '../graph/tree.ts'

/** The content of one block of variables: a `vars:`, a host's own map, a file of group_vars. */
export interface Layer {
  readonly rank: Rank
  readonly owner?: string
  /**
   * All top-level names with their raw values: `plain(entry.node)` is the value, `standsAt(entry)` the place.
   * Passwords among the connection variables are Secrets.
   */
  readonly variables: ReadonlyMap<string, Entry>
  /** The same as variables of roles: `role.variable` for each entry of a map, and the connection variables. Computed at the first use. */
  readonly levels: ReadonlyMap<string, Level>
  /** The valid connection variables. */
  readonly settings: Partial<Settings>
  /** Connection variables to check when a host's connection is first needed: templates, and connections that are not supported. */
  readonly templates: ReadonlyMap<keyof Settings, Entry>
}

type Whose = Pick<Layer, 'rank' | 'owner'>

/** Reads one block of variables from its map `node`. Names that no role uses are kept unread. */
export function readLayer(node: YamlNode, whose: Whose, report: Report): Layer {
  if (node.kind === 'map') return layerFrom(node.entries, whose, report)
  if (!isEmpty(node)) {
    report({
      code: 'vars',
      message: `the variables of ${levelName(whose)} are not a map`,
      place: standsAt(node),
      expected: 'a map: names with their values',
      got: describe(node),
      hint: 'write "name: value", with a colon and a space after it',
    })
  }
  return layerFrom(new Map(), whose, report)
}

/** Makes a layer of entries. */
export function layerFrom(written: ReadonlyMap<string, Entry>, whose: Whose, report: Report): Layer {
  const entries = withSecretCommands(written, report)
  const settings: Partial<Settings> = {}
  const templates = new Map<keyof Settings, Entry>()
  let variables = entries
  for (const entry of entries.values()) {
    if (!isSettingName(entry.key)) continue
    readSetting(entry, settings, templates, report)
    if (isSecretSetting(entry.key)) variables = new Map(variables).set(entry.key, concealed(entry))
  }
  let levels: ReadonlyMap<string, Level> | undefined
  return {
    ...whose,
    variables,
    settings,
    templates,
    get levels() {
      levels ??= levelsIn(variables, whose)
      return levels
    },
  }
}

/** Wrapped, because printing the plain node would show the password. */
function concealed(entry: Entry): Entry {
  const { node } = entry
  if (node.kind !== 'scalar' || node.tag === 'vault' || node.value === null) return entry
  return { ...entry, node: { ...node, value: secret(node.value instanceof Secret ? node.value : String(node.value)) } }
}

function levelsIn(variables: ReadonlyMap<string, Entry>, whose: Whose): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>()
  for (const entry of variables.values()) {
    if (isSettingName(entry.key)) levels.set(entry.key, levelOf(entry.key, entry, whose))
    else if (entry.node.kind === 'map') {
      for (const inner of entry.node.entries.values()) {
        const name = `${entry.key}.${inner.key}`
        levels.set(name, levelOf(name, inner, whose))
      }
    }
  }
  return levels
}

/** One entry as a level. Its value is computed at the first use. */
export function levelOf(name: string, entry: Entry, whose: Whose): Level {
  let value: { readonly made: unknown } | undefined
  return {
    ...whose,
    name,
    place: standsAt(entry),
    node: entry.node,
    get value() {
      value ??= { made: plain(entry.node) }
      return value.made
    },
  }
}

/**
 * The levels that set a top-level name, the lowest first. `levelsOf` does the same for variables of roles.
 *
 * @example
 * resolve(flatLevels(host.layers, 'nginx_port'))?.value   // 80
 */
export function flatLevels(layers: readonly Layer[], name: string): Level[] {
  return lowestFirst(layers).flatMap((layer) => {
    const entry = layer.variables.get(name)
    return entry === undefined ? [] : [levelOf(name, entry, whoseOf(layer))]
  })
}

function whoseOf({ rank, owner }: Layer): Whose {
  return owner === undefined ? { rank } : { rank, owner }
}

function lowestFirst(layers: readonly Layer[]): readonly Layer[] {
  return layers.toSorted((a, b) => RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank))
}

/**
 * A layer with values from TypeScript: a role's defaults, or a playbook's variables.
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
  return { rank, levels: new Map(levels), variables: new Map(), settings: {}, templates: new Map() }
}

/**
 * For every variable the levels that set it, the lowest first. Layers of the same rank keep the given order.
 *
 * @example
 * resolve(levelsOf(host.layers).get('dns-server.forwarders') ?? [])?.value
 */
export function levelsOf(layers: readonly Layer[]): Levels {
  const all = new Map<string, Level[]>()
  for (const layer of lowestFirst(layers)) {
    for (const [name, level] of layer.levels) {
      const known = all.get(name)
      if (known === undefined) all.set(name, [level])
      else known.push(level)
    }
  }
  return all
}
