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

/** What one place of an inventory says of some hosts. */
export interface HostsSaid {
  /** Absent: they are in groups already. */
  readonly group?: string
  /** The word that names them, for messages. */
  readonly owner: string
  readonly variables: ReadonlyMap<string, Entry>
  readonly port?: number
  readonly offset: number
}

const PRIORITY = 'ansible_group_priority'

/** Adds hosts to a group, with what is said of them. As in Ansible a port in a name counts where the host is named first. */
export function hostsWith(
  { draft, report, source }: Drafting & { readonly source: Source },
  names: readonly string[],
  { group, owner, variables, port, offset }: HostsSaid,
): void {
  const place = source.place(offset)
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
    // As in Ansible: what is said of a host whose name a group has is said of the group.
    if (layer !== undefined && draft.groups.has(name)) addVariables({ draft, report }, name, variables)
    else if (layer !== undefined) host.layers.push(layer)
    if (group !== undefined) addHost(draft, group, host)
  }
}

/** Adds what the inventory itself says of a group. `ansible_group_priority` is about the group, not about its hosts. */
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
  })
  return undefined
}
