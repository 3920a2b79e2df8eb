import type { Host } from '../host/host.ts'
import type { Prediction } from '../resources/prediction/prediction.ts'
import type { RunEvent, Status } from '../events.ts'
import type { Reconnect } from '../resources/kit/kind.ts'
import type { ConvergeObserver } from './observer.ts'

/** Where and how resources are made so: one role on one host. */
export interface ConvergeContext {
  readonly host: Host
  readonly role: string
  readonly mode: 'check' | 'apply'
  /** What check mode has predicted so far on this host, for the whole run. */
  readonly prediction: Prediction
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
  /** Takes the connection up again after a step that ends it. Absent: no step may end it, as on this machine itself. */
  readonly reconnect?: (how: Reconnect) => Promise<void>
  /** When the role must be over: milliseconds since the epoch. No step is given longer than that. */
  readonly until?: number
  readonly observer?: ConvergeObserver
  /** Under which name the host keeps the files that are changed, so that they can be put back. Default: none are kept. */
  readonly rollback?: string
}

export interface Outcome {
  readonly resource: string
  readonly status: Status
}
