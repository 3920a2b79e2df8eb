import { connectionWith } from '../connections/connection-of.ts'
import type { Draft, HostDraft } from './draft.ts'
import { lineages, membersOf } from './graph.ts'
import type { Group, Host, Inventory } from '../inventory.ts'
import { layerFrom } from '../variables/layer.ts'
import type { Layer } from '../variables/layer.ts'
import type { Report } from '../parse.ts'
import type { Entry, Source } from './tree.ts'
import { Values } from '../variables/values.ts'

/** Where the parts of an inventory that no group decides come from. */
export interface Assembly {
  readonly path: string
  /** What counts least, and what counts most. */
  readonly defaults: readonly Layer[]
  readonly extras: readonly Layer[]
  /** Where relative paths in templates start. */
  readonly directories: readonly string[]
}

type Assembled = Omit<Inventory, 'notes' | 'digest' | 'accept'>

/** Makes the inventory of a draft without problems: who is in which groups, and which layers speak of whom. */
export function assemble(draft: Draft, { path, defaults, extras, directories }: Assembly, report: Report): Assembled {
  const lineage = lineages(draft)
  const said = groupsSaying(draft)
  const made = new Map<string, Host>()
  const implicit = new Map<string, Host>()
  const values = new Values({
    host: (name) => made.get(name) ?? implicit.get(name),
    hosts: () => [...made.keys()],
    groups: () => new Map(Array.from(draft.groups.keys(), (name) => [name, [...membersOf(draft, name)]])),
    directories,
  })
  const make = ({ name, place, groups: naming, layers: own }: HostDraft): Host => {
    const groups = lineage(naming)
    const files = draft.directories.flatMap(({ hosts }) => hosts.get(name) ?? [])
    const layers = [...defaults, ...said(groups), ...own, ...files, ...extras]
    return connectionWith({ name, place, groups, layers, values }, values)
  }
  for (const draftOf of draft.hosts.values()) made.set(draftOf.name, make(draftOf))
  for (const name of LOCALHOST)
    implicit.set(name, make({ name, place: { file: path }, groups: new Set(), layers: [local(path, report)] }))
  const hostsNamed = (names: Iterable<string>) =>
    [...names].map((name) => made.get(name)).filter((host) => host !== undefined)
  const groups = Array.from(
    draft.groups.values(),
    ({ name, place, parents, children, priority, hosts }): [string, Group] => [
      name,
      {
        name,
        ...(place === undefined ? {} : { place }),
        parents: [...parents],
        children: [...children.keys()],
        priority,
        ownHosts: hostsNamed(hosts),
        hosts: hostsNamed(membersOf(draft, name)),
      },
    ],
  )
  return {
    path,
    hosts: hostsNamed(membersOf(draft, 'all')),
    naming: [...draft.hosts.keys()],
    groups: new Map(groups),
    implicitHosts: implicit,
    layers: [...draft.layers, ...extras],
  }
}

/** The names of this machine that Ansible knows without an inventory. */
export const LOCALHOST = ['localhost', '127.0.0.1', '::1'] as const

function local(path: string, report: Report): Layer {
  const place = { file: path }
  const source: Source = {
    file: path,
    directory: process.cwd(),
    place: () => place,
    openValue: () => {
      throw new Error('nothing here is encrypted')
    },
  }
  const key = 'ansible_connection'
  const entry: Entry = { key, source, offset: 0, node: { kind: 'scalar', value: 'local', source, offset: 0 } }
  return layerFrom(new Map([[key, entry]]), { rank: 'host', owner: 'localhost' }, report)
}

/** What the groups say together; thousands of hosts share a few lists of groups. */
function groupsSaying(draft: Draft): (groups: readonly string[]) => readonly Layer[] {
  const known = new Map<readonly string[], readonly Layer[]>()
  const inline = (name: string): readonly Layer[] => draft.groups.get(name)?.layers ?? []
  return (groups) => {
    const before = known.get(groups)
    if (before !== undefined) return before
    const others = groups.filter((name) => name !== 'all')
    const files = (names: readonly string[]) =>
      draft.directories.flatMap((directory) => names.flatMap((name) => directory.groups.get(name) ?? []))
    const layers = [...inline('all'), ...others.flatMap(inline), ...files(['all']), ...files(others)]
    known.set(groups, layers)
    return layers
  }
}
