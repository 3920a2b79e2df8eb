import { connectionOf } from './connection.ts'
import type { Settings } from './connection.ts'
import type { Draft, HostDraft } from './draft.ts'
import { lineages } from './graph.ts'
import type { Group, Host, Inventory } from './inventory.ts'
import type { Layer } from './layer.ts'

/** Makes the inventory of a draft without problems: who is in which groups, and which layers speak of whom. */
export function assemble(path: string, draft: Draft, extras: readonly Layer[]): Inventory {
  adoptStrays(draft)
  const lineage = lineages(draft)
  const members = new Map<string, Host[]>(Array.from(draft.groups.keys(), (name) => [name, []]))
  const hosts = Array.from(draft.hosts.values(), (host) => {
    const made = hostOf(host, lineage(host.groups), draft, extras)
    for (const group of made.groups) members.get(group)?.push(made)
    return made
  })
  const children = childrenByParent(draft)
  const groups = Array.from(draft.groups.values(), ({ name, place, parents }): [string, Group] => [
    name,
    {
      name,
      ...(place === undefined ? {} : { place }),
      parents: [...parents],
      children: children.get(name) ?? [],
      hosts: members.get(name) ?? [],
    },
  ])
  return { path, hosts, groups: new Map(groups), layers: [...draft.layers, ...extras] }
}

function childrenByParent(draft: Draft): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>(Array.from(draft.groups.keys(), (name) => [name, []]))
  for (const { name, parents } of draft.groups.values()) {
    for (const parent of parents) children.get(parent)?.push(name)
  }
  return children
}

/** As in Ansible: a host that no group but `all` names is in `ungrouped`. */
function adoptStrays(draft: Draft): void {
  draft.groups.get('ungrouped')?.parents.add('all')
  for (const { groups } of draft.hosts.values()) {
    if (groups.size === 1 && groups.has('all')) groups.add('ungrouped')
  }
}

function hostOf(host: HostDraft, groups: readonly string[], draft: Draft, extras: readonly Layer[]): Host {
  const ofGroups = groups.flatMap((name) => draft.groups.get(name)?.layers ?? [])
  const layers = [...ofGroups, ...host.layers, ...extras]
  const settings: Partial<Settings> = Object.assign({}, ...layers.map((layer) => layer.settings)) as Partial<Settings>
  return { name: host.name, place: host.place, connection: connectionOf(host.name, settings), groups, layers }
}
