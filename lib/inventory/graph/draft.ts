import type { Place } from '../../errors.ts'
import type { Layer } from '../variables/layer.ts'

/** A group as the files are read. What stands in it and above it is complete only when all of them were read. */
export interface GroupDraft {
  readonly name: string
  place: Place | undefined
  readonly parents: Set<string>
  /** Each child, and where it is written that it is one, in the order of Ansible's. */
  readonly children: Map<string, Place | undefined>
  /** The hosts that it names itself, in the order in which it does. */
  readonly hosts: Set<string>
  /** What the inventory itself says of it: `vars:`, `[group:vars]`. */
  readonly layers: Layer[]
  /** `ansible_group_priority`: of the groups of one depth the one with the highest wins. */
  priority: number
}

export interface HostDraft {
  readonly name: string
  readonly place: Place
  /** The groups that name it themselves. */
  readonly groups: Set<string>
  readonly layers: Layer[]
}

/** The variables that stand in the `group_vars` and `host_vars` of one directory. */
export interface VarsDirectory {
  readonly groups: Map<string, readonly Layer[]>
  readonly hosts: Map<string, readonly Layer[]>
}

/** Everything that the files have said so far. */
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

/** The group of that name, new if it was not named before. */
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

/** The host of that name, new if it was not named before. */
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

/** Puts one group into another; `place` is where that is written. */
export function addChild(draft: Draft, parent: string, child: string, place?: Place): void {
  const { children } = groupIn(draft, parent)
  if (!children.has(child)) children.set(child, place)
  groupIn(draft, child).parents.add(parent)
}
