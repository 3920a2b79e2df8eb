import type { Group, Host, Inventory } from '../inventory.ts'
import { secret } from '../../secret.ts'
import { Typed } from '../../text/typed.ts'
import type { Secret } from '../../secret.ts'
import type { Entry, ScalarNode, YamlNode } from '../graph/tree.ts'
import { keyText } from '../syntax/value-node.ts'
import { JSON_UNSAFE } from '../syntax/json-values.ts'

/** A value for the listing. Encrypted values stay encrypted. */
type Listed =
  | string
  | number
  | boolean
  | null
  | Secret
  | Typed
  | Listed[]
  | { [key: string]: Listed }
  | ReadonlyMap<string, Listed>

export interface ListedGroup {
  readonly hosts?: readonly string[]
  readonly children?: readonly string[]
}

/** The output of `ansible-inventory --list`: each group with its own hosts and its children, and the variables of every host under `_meta`. */
export interface Listing {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, Listed>>>> }
  readonly [group: string]: ListedGroup | Listing['_meta']
}

/**
 * An inventory in the shape of `ansible-inventory --list`. Values are raw: templates are not evaluated. Secrets stay Secrets.
 * `hosts`: the hosts to list, default all.
 *
 * @example
 * listing(inventory)   // { all: { children: ['ungrouped', 'web'] }, web: { hosts: ['web-01'] }, _meta: { hostvars: { ... } } }
 */
export function listing(inventory: Inventory, hosts: readonly Host[] = inventory.hosts): Listing {
  const chosen = new Set(hosts.map(({ name }) => name))
  const groups = new Map<string, ListedGroup>()
  const add = (group: Group): void => {
    if (groups.has(group.name)) return
    const own = group.name === 'all' ? [] : group.ownHosts.map(({ name }) => name).filter((name) => chosen.has(name))
    groups.set(group.name, {
      ...(own.length === 0 ? {} : { hosts: own }),
      ...(group.children.length === 0 ? {} : { children: group.children }),
    })
    for (const child of group.children) {
      const below = inventory.groups.get(child)
      if (below !== undefined) add(below)
    }
  }
  const all = inventory.groups.get('all')
  if (all !== undefined) add(all)
  const listed = [...groups].filter(([, { hosts: own, children }]) => own !== undefined || children !== undefined)
  return { ...Object.fromEntries(listed), _meta: { hostvars: hostVars(hosts) } }
}

function hostVars(hosts: readonly Host[]): Listing['_meta']['hostvars'] {
  return Object.fromEntries(
    hosts.flatMap((host): [string, Record<string, Listed>][] => {
      const variables = new Map<string, Entry>()
      for (const layer of host.layers) {
        for (const [name, entry] of layer.variables) if (!GIVEN.has(name)) variables.set(nameOf(entry), entry)
      }
      if (variables.size === 0) return []
      return [[host.name, Object.fromEntries(Array.from(variables, ([name, { node }]) => [name, listed(node)]))]]
    }),
  )
}

/** Variables that Ansible itself sets for every host. Values for them in an inventory are not listed. */
const GIVEN: ReadonlySet<string> = new Set([
  'inventory_hostname',
  'inventory_hostname_short',
  'inventory_dir',
  'inventory_file',
  'groups',
  'group_names',
  'omit',
  'playbook_dir',
  'ansible_config_file',
  'ansible_diff_mode',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
])

function listed(node: YamlNode): Listed {
  switch (node.kind) {
    case 'scalar':
      return scalar(node)
    case 'list':
      return node.items.map(listed)
    case 'map': {
      const entries = [...node.entries.values()]
      const pairs = entries.map((entry): [string, Listed] => [nameOf(entry), listed(entry.node)])
      return entries.length > 1 && entries.every(isNumber)
        ? new Map(pairs.toSorted(([a], [b]) => sizeOf(a) - sizeOf(b)))
        : Object.fromEntries(pairs)
    }
  }
}

/** Python sorts keys that are numbers by their size, true and false among them. */
function isNumber({ typed }: Entry): boolean {
  return typed !== undefined && typed !== null && !(typed instanceof Typed && typed.type === 'time')
}

function sizeOf(name: string): number {
  return name === 'true' ? 1 : name === 'false' ? 0 : Number(name)
}

function scalar(node: ScalarNode): Listed {
  // Reading the value would decrypt it.
  if (node.tag === 'vault') return SEALED
  const { tag, type, value } = node
  if (tag === 'unsafe' && typeof value === 'string') return { [JSON_UNSAFE]: value }
  if (type === 'time' && typeof value === 'string') return value.replace(' ', 'T')
  return type !== undefined && (typeof value === 'number' || typeof value === 'string') ? new Typed(value, type) : value
}

/** The name of a variable, or the key of a map, as JSON has it: `yes:` is "true". */
function nameOf({ key, typed }: Entry): string {
  return typed === undefined ? key : keyText(typed)
}

const SEALED = secret('')

/**
 * The groups as a tree, in the shape of `ansible-inventory --graph`.
 *
 * @example
 * groupTree(inventory)   // ['@all:', '  |--@ungrouped:', '  |--@web:', '  |  |--web-01']
 */
export function groupTree(inventory: Inventory, hosts: readonly Host[] = inventory.hosts): string[] {
  const chosen = new Set(hosts)
  const lines = (name: string, depth: number): string[] => {
    const group = inventory.groups.get(name)
    if (group === undefined) return []
    const own = name === 'all' ? [] : group.ownHosts.filter((host) => chosen.has(host))
    return [
      line(`@${name}:`, depth),
      ...group.children.flatMap((child) => lines(child, depth + 1)),
      ...own.map((host) => line(host.name, depth + 1)),
    ]
  }
  return lines('all', 0)
}

function line(text: string, depth: number): string {
  return depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`
}
