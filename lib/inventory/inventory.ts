import type { Place } from '../errors.ts'
import type { Connection } from './connections/connection.ts'
import type { Layer } from './variables/layer.ts'
import type { Note } from './graph/notes.ts'
import type { Values } from './variables/values.ts'

/** An inventory that was read and checked. Plain data: nothing is read later. */
export interface Inventory {
  /** The paths as the user gave them; several are joined with a comma and a space. */
  readonly path: string
  /** In Ansible's order of the group `all`: hosts without a group, then group by group. */
  readonly hosts: readonly Host[]
  /** The names of the hosts in the order of their first mention. */
  readonly naming: readonly string[]
  /** By name, in the order of their first mention. `all` and `ungrouped` always exist. */
  readonly groups: ReadonlyMap<string, Group>
  /** This machine under the names that exist without an inventory: localhost, 127.0.0.1 and ::1. */
  readonly implicitHosts: ReadonlyMap<string, Host>
  /** Every block of variables, including those of groups without hosts. */
  readonly layers: readonly Layer[]
  /** Remarks for the user, each once. */
  readonly notes: readonly Note[]
  /** Adds answers to prompts as `-e` arguments after loading. They have the highest precedence. */
  readonly accept: (extra: readonly string[]) => void
  /** SHA-256 over the names and contents of all files that were read. */
  readonly digest: () => string
}

export interface Host {
  readonly name: string
  readonly place: Place
  /**
   * How to reach the host. Reading this property evaluates templates in the settings.
   * Throws a RolecallError when Rolecall has no way to reach the host.
   */
  readonly connection: Connection
  /** Every group of the host, by the precedence of their variables: `all` first, parents before children. */
  readonly groups: readonly string[]
  /**
   * The blocks of variables that apply to the host, the lowest first, in Ansible's order: variables in the inventory for `all` and the other groups,
   * `group_vars/all` (beside the inventory, in the project, beside the playbook), group_vars of other groups, variables in the inventory for the
   * host, host_vars, `-e`. Input for `levelsOf` and `flatLevels`.
   */
  readonly layers: readonly Layer[]
  /** Evaluates the templates in them. */
  readonly values: Values
}

export interface Group {
  readonly name: string
  /** Absent for `all` and `ungrouped` when the inventory does not write them. */
  readonly place?: Place
  readonly parents: readonly string[]
  /** In the order of the inventory. */
  readonly children: readonly string[]
  /** `ansible_group_priority`: decides between groups of the same depth; the highest wins. Default 1. */
  readonly priority: number
  /** The hosts that the group itself names. */
  readonly ownHosts: readonly Host[]
  /** Its own hosts, then those of its children, in the group's order. */
  readonly hosts: readonly Host[]
}
