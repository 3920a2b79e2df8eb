import type { Place } from '../errors.ts'
import type { Connection } from './connection.ts'
import type { Layer } from './layer.ts'

/** What an inventory directory says, understood and checked. Plain data: everything was read when it was loaded. */
export interface Inventory {
  /** The path as the user gave it. */
  readonly path: string
  /** In the order in which the inventory first names them. */
  readonly hosts: readonly Host[]
  /** By name, in the order in which the inventory first names them; `all` and `ungrouped` are always there. */
  readonly groups: ReadonlyMap<string, Group>
  /** Every block of variables there is, also of groups without hosts. */
  readonly layers: readonly Layer[]
}

export interface Host {
  readonly name: string
  readonly place: Place
  readonly connection: Connection
  /** Every group it is in, parents before children: `all` first. */
  readonly groups: readonly string[]
  /** The blocks of variables that speak of it, the lowest first: groups, host, `-e`. Made for `levelsOf`. */
  readonly layers: readonly Layer[]
}

export interface Group {
  readonly name: string
  /** Absent for `all` and `ungrouped` when the inventory does not write them. */
  readonly place?: Place
  readonly parents: readonly string[]
  readonly children: readonly string[]
  /** Its own hosts and those of its children, in inventory order. */
  readonly hosts: readonly Host[]
}
