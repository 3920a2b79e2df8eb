import { addHost, groupIn, hostIn } from '../graph/draft.ts'
import type { Draft } from '../graph/draft.ts'
import { layerFrom } from './layer.ts'
import type { Report } from '../parse.ts'
import { Secret } from '../../secret.ts'
import { describe, standsAt } from '../graph/tree.ts'
import type { Entry, Source } from '../graph/tree.ts'

export interface Drafting {
  readonly draft: Draft
  readonly report: Report
}

/** Hosts named at one place of an inventory, with their group and variables. */
export interface HostsSaid {
  /** Absent: the hosts are in groups already. */
  readonly group?: string
  /** The word that names the hosts, for messages. */
  readonly owner: string
  readonly variables: ReadonlyMap<string, Entry>
  readonly port?: number
  readonly offset: number
}

const PRIORITY = 'ansible_group_priority'

/** Adds hosts with their variables to a group. As in Ansible, a port in the name counts only at a host's first mention. */
export function hostsWith(
  { draft, report, source }: Drafting & { readonly source: Source },
  names: readonly string[],
  { group, owner, variables, port, offset }: HostsSaid,
): void {
  const place = source.place(offset)
  const misplaced = variables.get('vars')
  if (misplaced !== undefined && misplaced.node.kind === 'map') {
    report.note({
      topic: 'vars of a host',
      name: owner,
      message: 'a host has no "vars": this is one variable of that name',
      place: standsAt(misplaced),
      hint: "write a host's variables directly under its name",
    })
  }
  const layer = variables.size === 0 ? undefined : layerFrom(variables, { rank: 'host', owner }, report)
  if (layer !== undefined) draft.layers.push(layer)
  for (const name of names) {
    const isNew = !draft.hosts.has(name)
    const host = hostIn(draft, name, place)
    if (isNew && port !== undefined) {
      const key = 'ansible_port'
      const node = { kind: 'scalar', value: port, source, offset } as const
      const entries = new Map<string, Entry>([[key, { key, node, source, offset }]])
      const ported = layerFrom(entries, { rank: 'host', owner }, report)
      host.layers.push(ported)
      draft.layers.push(ported)
    }
    // As in Ansible, variables of a host that shares its name with a group become the group's.
    if (layer !== undefined && draft.groups.has(name)) addVariables({ draft, report }, name, variables)
    else if (layer !== undefined) host.layers.push(layer)
    if (group !== undefined) addHost(draft, group, host)
  }
}

/** Adds the inventory's own variables of a group. `ansible_group_priority` belongs to the group, not to its hosts. */
export function addVariables({ draft, report }: Drafting, name: string, entries: ReadonlyMap<string, Entry>): void {
  const group = groupIn(draft, name)
  const priority = entries.get(PRIORITY)
  if (priority !== undefined) group.priority = priorityOf(priority, report) ?? group.priority
  const variables = priority === undefined ? entries : new Map([...entries].filter(([key]) => key !== PRIORITY))
  const layer = layerFrom(variables, { rank: 'group', owner: name }, report)
  group.layers.push(layer)
  draft.layers.push(layer)
}

function priorityOf({ node }: Entry, report: Report): number | undefined {
  const value = node.kind === 'scalar' && !(node.value instanceof Secret) ? node.value : null
  const number = typeof value === 'string' ? (/^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : NaN) : value
  if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number)
  report({
    code: 'vars',
    message: `${PRIORITY} has a wrong value`,
    place: standsAt(node),
    expected: 'a whole number',
    got: describe(node),
    hint: 'write a whole number without quotes, as in ansible_group_priority: 10',
  })
  return undefined
}
