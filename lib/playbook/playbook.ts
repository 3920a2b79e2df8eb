import type { z } from 'zod'
import type { AnyRole, Role } from './role.ts'

/** A role with variables that this playbook sets. Made by `using`. */
export interface RoleUse {
  readonly type: 'use'
  readonly role: AnyRole
  readonly vars: Readonly<Record<string, unknown>>
}

/** Which hosts get which roles. */
export interface Play {
  readonly name: string
  /** An inventory pattern: `all`, `dns:ca`, `docker:!node-04`, `web[0:2]`, `~node-0[1-3]`. */
  readonly hosts: string
  /** One after the other on each host. */
  readonly roles: readonly (AnyRole | RoleUse)[]
  /** Plays that must have ended before this one begins. Plays that do not wait for one another run at the same time. */
  readonly after?: readonly string[]
  /** How many hosts of this play at once. Default: as many as the run allows. */
  readonly concurrency?: number
  /** A rolling update: so many hosts (or `'30%'`) must be done before the next ones begin. Default: all in one batch. */
  readonly serial?: number | Percent
  /** When more hosts than this have failed, the play begins no further host. Default: it goes on without them. */
  readonly maxFailures?: number | Percent
  /** The first failure ends the play for all its hosts. Default false. */
  readonly anyErrorsFatal?: boolean
  /**
   * Seconds that each of its roles may take on a host. When they are over, what runs there is ended with its children, and the
   * role has failed. The role's own deadline wins when it is shorter. Default: none; steps have deadlines of their own.
   */
  readonly deadline?: number
  readonly tags?: readonly string[]
}

export type Percent = `${number}%`

export interface Playbook {
  readonly type: 'playbook'
  readonly name: string
  readonly about: string | undefined
  readonly plays: readonly Play[]
}

/**
 * Defines a playbook. The definition is data; this only gives it its types.
 *
 * @example
 * export default playbook({
 *   name: 'site',
 *   plays: [
 *     { name: 'base', hosts: 'all', roles: [base] },
 *     { name: 'dns', hosts: 'dns', roles: [using(dnsServer, { forwarders: ['10.10.50.1'] })], after: ['base'] },
 *   ],
 * })
 */
export function playbook(definition: {
  readonly name: string
  readonly about?: string
  readonly plays: readonly Play[]
}): Playbook {
  return { type: 'playbook', name: definition.name, about: definition.about, plays: definition.plays }
}

/**
 * Sets variables of a role for one play. They win over the inventory, and lose against `-e`. A name that the role does not
 * know is a compile error.
 *
 * @example
 * using(dnsServer, { forwarders: ['10.10.50.1'] })
 */
export function using<Schema extends z.ZodObject>(role: Role<Schema>, vars: Partial<z.input<Schema>>): RoleUse {
  return { type: 'use', role, vars }
}
