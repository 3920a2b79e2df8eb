import type { Place } from '../errors.ts'
import type { Connection } from './connections/connection.ts'
import type { Layer } from './variables/layer.ts'
import type { Note } from './graph/notes.ts'
import type { Values } from './variables/values.ts'

/** What an inventory says, understood and checked. Plain data: everything was read when it was loaded. */
export interface Inventory {
  /** The paths as the user gave them; several are joined with a comma and a space. */
  readonly path: string
  /** In the order of the group `all`, which is Ansible's: hosts without a group, then group by group. */
  readonly hosts: readonly Host[]
  /** The names of the hosts in the order in which the inventory first names them. */
  readonly naming: readonly string[]
  /** By name, in the order in which the inventory first names them; `all` and `ungrouped` are always there. */
  readonly groups: ReadonlyMap<string, Group>
  /** This machine, by the names under which it is there although no inventory names it: localhost, 127.0.0.1 and ::1. */
  readonly implicitHosts: ReadonlyMap<string, Host>
  /** Every block of variables there is, also of groups without hosts. */
  readonly layers: readonly Layer[]
  /** What a person should know, each thing once. */
  readonly notes: readonly Note[]
  /** Takes arguments of `-e` that became known only later: what was asked for. They count most. */
  readonly accept: (extra: readonly string[]) => void
  /** SHA-256 over the names and the content of everything that was read. */
  readonly digest: string
}

export interface Host {
  readonly name: string
  readonly place: Place
  /**
   * How it is reached. Where a template decides that, it is evaluated when this is read.
   * Throws a RolecallError when it cannot be reached by anything that Rolecall knows.
   */
  readonly connection: Connection
  /** Every group it is in, in the order in which their variables count: `all` first, parents before children. */
  readonly groups: readonly string[]
  /**
   * The blocks of variables that speak of it, the lowest first, in Ansible's order: what the inventory says of `all` and of the other groups,
   * `group_vars/all` (beside the inventory, in the project, beside the playbook), the group_vars of the others, what the inventory says of the
   * host, host_vars, `-e`. Made for `levelsOf` and `flatLevels`.
   */
  readonly layers: readonly Layer[]
  /** Evaluates what is a template in them. */
  readonly values: Values
}

export interface Group {
  readonly name: string
  /** Absent for `all` and `ungrouped` when the inventory does not write them. */
  readonly place?: Place
  readonly parents: readonly string[]
  /** In the order in which the inventory puts them into the group. */
  readonly children: readonly string[]
  /** `ansible_group_priority`: of the groups of one depth the one with the highest wins. 1 where nothing is said. */
  readonly priority: number
  /** The hosts that the group names itself. */
  readonly ownHosts: readonly Host[]
  /** Its own hosts, then those of its children, in the group's order. */
  readonly hosts: readonly Host[]
}
