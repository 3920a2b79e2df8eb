import { connectionWith } from '../connections/connection-of.ts'
import type { Draft, HostDraft } from './draft.ts'
import { lineages, membersOf } from './graph.ts'
import type { Group, Host, Inventory } from '../inventory.ts'
import { layerFrom } from '../variables/layer.ts'
import type { Layer } from '../variables/layer.ts'
import type { Report } from '../parse.ts'
import type { SecretReader } from '../sources/secret-reader.ts'
import { isVaultText } from '../../vault/ansible-vault.ts'
import type { Entry, Source } from './tree.ts'
import { Values } from '../variables/values.ts'

/** The parts of an inventory that do not come from its groups. */
export interface Assembly {
  readonly path: string
  /** Layers below and above all others. */
  readonly defaults: readonly Layer[]
  readonly extras: readonly Layer[]
  /** The directory for relative paths in templates. */
  readonly directories: readonly string[]
  readonly secrets: SecretReader
}

type Assembled = Omit<Inventory, 'notes' | 'digest' | 'accept'>

/** Turns a draft without problems into an inventory: finds each host's groups, and the layers of variables that apply to it. */
export function assemble(
  draft: Draft,
  { path, defaults, extras, directories, secrets }: Assembly,
  report: Report,
): Assembled {
  const lineage = lineages(draft)
  const said = groupsSaying(draft)
  const made = new Map<string, Host>()
  const implicit = new Map<string, Host>()
  const values = new Values({
    host: (name) => made.get(name) ?? implicit.get(name),
    hosts: () => [...made.keys()],
    groups: () => new Map(Array.from(draft.groups.keys(), (name) => [name, [...membersOf(draft, name)]])),
    directories,
    textOf: (text, file) => (isVaultText(text) ? secrets.openLookup(text, file) : text),
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

/** The names of this machine that exist without an inventory, as in Ansible. */
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

/** The combined variables of a list of groups. Cached, because thousands of hosts share a few such lists. */
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
