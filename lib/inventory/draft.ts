import type { Place } from '../errors.ts'
import type { Layer } from './layer.ts'

/** A group as the files are read: who its parents and hosts are is known only at the end. */
export interface GroupDraft {
  readonly name: string
  place: Place | undefined
  readonly parents: Set<string>
  /** Each child, and where it is written that it is one. */
  readonly children: Map<string, Place>
  readonly layers: Layer[]
}

export interface HostDraft {
  readonly name: string
  readonly place: Place
  /** The groups that name it themselves. */
  readonly groups: Set<string>
  readonly layers: Layer[]
}

/** Everything that the files have said so far. */
export interface Draft {
  readonly groups: Map<string, GroupDraft>
  readonly hosts: Map<string, HostDraft>
  readonly layers: Layer[]
}

export function emptyDraft(): Draft {
  const draft: Draft = { groups: new Map(), hosts: new Map(), layers: [] }
  groupIn(draft, 'all')
  groupIn(draft, 'ungrouped')
  return draft
}

/** The group of that name, new if it was not named before. */
export function groupIn(draft: Draft, name: string, place?: Place): GroupDraft {
  const known = draft.groups.get(name)
  if (known !== undefined) {
    known.place ??= place
    return known
  }
  const group: GroupDraft = { name, place, parents: new Set(), children: new Map(), layers: [] }
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
