import type { Host } from '../../inventory/inventory.ts'
import type { AnyRole } from '../../playbook/role.ts'
import type { Vars } from '../../playbook/variables/vars.ts'
import type { Play } from '../../playbook/playbook.ts'

/** One role on one host: what the queue runs. */
export interface Unit {
  readonly index: number
  readonly host: Host
  readonly role: AnyRole
  readonly vars: Vars
  readonly play: Play
  /** Which batch of a rolling update; 0 where the play is none. */
  readonly batch: number
  /** The parts of the role that are run. Default: all. */
  readonly parts?: ReadonlySet<string>
  /** It is run only when its play has failed: one of `onFailure`. */
  readonly isRecovery?: true
  /** It puts files back: it is run where a batch of its play has failed, before what else is run then. */
  readonly isRollback?: true
  /** The role's `verify` is run, whatever the run does: the play's gate. */
  readonly isGate?: true
}
