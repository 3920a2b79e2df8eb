import type { Host } from '../../inventory/inventory.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Vars } from '../../playbook/variables/vars.ts'
import type { Play } from '../../playbook/playbook.ts'

/** One role on one host: what the schedule runs. */
export interface Unit {
  readonly index: number
  readonly host: Host
  readonly role: AnyRole
  readonly vars: Vars
  readonly play: Play
  /** The batch of a rolling update; 0 where the play has one batch. */
  readonly batch: number
  /** The parts of the role that are run. Default: all. */
  readonly parts?: ReadonlySet<string>
  /** The unit runs only when its play has failed: it belongs to `onFailure`. */
  readonly isRecovery?: true
  /** The unit restores files: it runs if a batch of its play has failed, before the `onFailure` units. */
  readonly isRollback?: true
  /** The unit runs the role's `verify` in any mode of the run: it is the play's gate. */
  readonly isGate?: true
}
