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
  const saying = groupsSaying(draft)
  const extraSettings = settingsOf(extras)
  const members = new Map<string, Host[]>(Array.from(draft.groups.keys(), (name) => [name, []]))
  const hosts = Array.from(draft.hosts.values(), (host) => {
    const above = lineage(host.groups)
    const made = hostOf(host, above, saying(above), { layers: extras, settings: extraSettings })
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

interface Said {
  readonly layers: readonly Layer[]
  readonly settings: Partial<Settings>
}

/** What the groups say together; thousands of hosts share a few lists of groups. */
function groupsSaying(draft: Draft): (groups: readonly string[]) => Said {
  const known = new Map<readonly string[], Said>()
  return (groups) => {
    const before = known.get(groups)
    if (before !== undefined) return before
    const layers = groups.flatMap((name) => draft.groups.get(name)?.layers ?? [])
    const said = { layers, settings: settingsOf(layers) }
    known.set(groups, said)
    return said
  }
}

function settingsOf(layers: readonly Layer[]): Partial<Settings> {
  return layers.reduce<Partial<Settings>>((all, { settings }) => ({ ...all, ...settings }), {})
}

function hostOf({ name, place, layers: own }: HostDraft, groups: readonly string[], said: Said, extras: Said): Host {
  const settings = { ...said.settings, ...settingsOf(own), ...extras.settings }
  const layers = [...said.layers, ...own, ...extras.layers]
  return { name, place, connection: connectionOf(name, settings), groups, layers }
}
