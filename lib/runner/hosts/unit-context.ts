import type { Unit } from '../units/units.ts'
import type { Mode, RunEvent } from '../../events.ts'
import type { Host as InventoryHost, Inventory } from '../../inventory/inventory.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { Problem } from '../../errors.ts'
import type { RunObserver } from '../plan/observer.ts'
import type { HostSession } from './pool.ts'
import type { TouchedHosts } from '../rollback/touched.ts'
import type { OncePerPlay } from '../units/once-per-play.ts'
import type { HandWork } from '../by-hand/hand-work.ts'

/** The variables of whatever role it is. */
export type RoleVars = Unit['vars']

/** What a unit needs of its run. */
export interface UnitContext {
  readonly mode: Mode
  readonly inventory: Inventory
  readonly playbook: Playbook
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  /** Tells what goes wrong in a role's code after its unit has ended. */
  readonly onLate?: (problem: Problem) => void
  /** Told of each change that a unit makes. */
  readonly onChange?: (unit: Unit) => void
  readonly observer?: RunObserver
  /** A host of the inventory, connected, for roles that change other hosts than their own. */
  readonly session: (host: InventoryHost) => Promise<HostSession>
  /** What is done once for a play or a batch, by its key. */
  readonly once: OncePerPlay
  /** What plays with `rollback` have asked for. */
  readonly touched?: TouchedHosts
  /** Done in place of what roles say. */
  readonly byHand?: HandWork
  /** When the unit must be over: milliseconds since the epoch. */
  readonly until?: number
}
