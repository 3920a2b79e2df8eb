import type { Host } from '../host/host.ts'
import type { Prediction } from '../resources/prediction/prediction.ts'
import type { RunEvent, Status } from '../events.ts'
import type { Reconnect } from '../resources/kit/kind.ts'
import type { EarlierChanges } from './earlier-changes.ts'
import type { StartedResources } from './started-resources.ts'
import type { ConvergeObserver } from './observer.ts'

/** Everything needed to converge one role on one host. */
export interface ConvergeContext {
  readonly host: Host
  readonly role: string
  readonly mode: 'check' | 'apply'
  /** What check mode has predicted so far on this host, in the whole run. */
  readonly prediction: Prediction
  /** What the run has done on this host so far, to report a later `ensure` that undoes some of it. Absent: nothing is reported. */
  readonly earlier?: EarlierChanges
  /** What the run has started on this host. Absent: nothing is probed again. */
  readonly started?: StartedResources
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
  /** Connects again after a step that ends the connection. Absent: no step may do so, as on this machine itself. */
  readonly reconnect?: (how: Reconnect) => Promise<void>
  /** When the role must have ended: milliseconds since the epoch. No step gets more time than that. */
  readonly until?: number
  readonly observer?: ConvergeObserver
  /** The name under which the host keeps copies of changed files, so that a rollback can restore them. Default: no copies. */
  readonly rollback?: string
}

export interface Outcome {
  readonly resource: string
  readonly status: Status
}
