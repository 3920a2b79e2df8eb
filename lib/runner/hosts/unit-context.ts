import type { Unit } from '../units/units.ts'
import type { Mode, RunEvent } from '../../events.ts'
import type { Host as InventoryHost, Inventory } from '../../inventory/inventory.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { Problem } from '../../errors.ts'
import type { RunObserver } from '../plan/observer.ts'
import type { HostSession } from './pool.ts'
import type { TouchedHosts } from '../rollback/touched.ts'
import type { OncePerPlay } from '../units/role/once-per-play.ts'
import type { HandWork } from '../by-hand/hand-work.ts'

/** The variables of any role. */
export type RoleVars = Unit['vars']

/** What a unit needs from its run. */
export interface UnitContext {
  readonly mode: Mode
  readonly inventory: Inventory
  readonly playbook: Playbook
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** Receives errors of a role's code after its unit has ended. */
  readonly onLate?: (problem: Problem) => void
  /** Receives each change that a unit makes. */
  readonly onChange?: (unit: Unit) => void
  readonly observer?: RunObserver
  /** A connected host of the inventory, for roles that change other hosts than their own. */
  readonly session: (host: InventoryHost) => Promise<HostSession>
  /** Results of `once` for a play or a batch, by key. */
  readonly once: OncePerPlay
  /** What plays with `rollback` record. */
  readonly touched?: TouchedHosts
  /** Work that is done in place of the roles. */
  readonly byHand?: HandWork
  /** Whether no other unit of its play follows on its host. Absent: none does. */
  readonly isLastOnHost?: (unit: Unit) => boolean
  /** When the unit must be over: milliseconds since the epoch. */
  readonly until?: number
}
