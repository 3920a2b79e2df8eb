import type { Place } from '../../errors.ts'
import type { Layer } from '../variables/layer.ts'

/** A group while files are read. Its hosts, children and parents are complete only after the last file. */
export interface GroupDraft {
  readonly name: string
  place: Place | undefined
  readonly parents: Set<string>
  /** The children in Ansible's order, each with the place that makes it a child. */
  readonly children: Map<string, Place | undefined>
  /** The hosts that the group itself names, in that order. */
  readonly hosts: Set<string>
  /** Variables in the inventory itself: `vars:`, `[group:vars]`. */
  readonly layers: Layer[]
  /** `ansible_group_priority`: decides between groups of the same depth; the highest wins. */
  priority: number
}

export interface HostDraft {
  readonly name: string
  readonly place: Place
  /** The groups that name the host themselves. */
  readonly groups: Set<string>
  readonly layers: Layer[]
}

/** The variables in `group_vars` and `host_vars` of one directory. */
export interface VarsDirectory {
  readonly groups: Map<string, readonly Layer[]>
  readonly hosts: Map<string, readonly Layer[]>
}

/** Everything read from files so far. */
export interface Draft {
  readonly groups: Map<string, GroupDraft>
  readonly hosts: Map<string, HostDraft>
  /** The lowest first: those beside the inventory, then the project's, then the playbook's. */
  readonly directories: VarsDirectory[]
  /** Every block of variables, in the order of reading. */
  readonly layers: Layer[]
}

export function emptyDraft(): Draft {
  const draft: Draft = { groups: new Map(), hosts: new Map(), directories: [], layers: [] }
  groupIn(draft, 'all')
  groupIn(draft, 'ungrouped')
  addChild(draft, 'all', 'ungrouped')
  return draft
}

/** The group of that name. Makes it if it is new. */
export function groupIn(draft: Draft, name: string, place?: Place): GroupDraft {
  const known = draft.groups.get(name)
  if (known !== undefined) {
    known.place ??= place
    return known
  }
  const group: GroupDraft = {
    name,
    place,
    parents: new Set(),
    children: new Map(),
    hosts: new Set(),
    layers: [],
    priority: 1,
  }
  draft.groups.set(name, group)
  return group
}

/** The host of that name. Makes it if it is new. */
export function hostIn(draft: Draft, name: string, place: Place): HostDraft {
  const known = draft.hosts.get(name)
  if (known !== undefined) return known
  const host: HostDraft = { name, place, groups: new Set(), layers: [] }
  draft.hosts.set(name, host)
  return host
}

export function addHost(draft: Draft, group: string, host: HostDraft): void {
  groupIn(draft, group).hosts.add(host.name)
  host.groups.add(group)
}

/** Puts one group into another. `place` is the place in the file that says so. */
export function addChild(draft: Draft, parent: string, child: string, place?: Place): void {
  const { children } = groupIn(draft, parent)
  if (!children.has(child)) children.set(child, place)
  groupIn(draft, child).parents.add(parent)
}
