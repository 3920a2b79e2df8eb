import type { Host } from '../../lib/host/host.ts'
import type { Snapshot } from './snapshot.ts'

/** A host that cases are tried on. */
export interface TrialHost {
  /** `light`: without systemd. `booted`: a host of the lab. */
  readonly kind: 'light' | 'booted'
  /** Puts it back to how it was at first, with servers of databases or without. */
  reset(hasDatabases?: boolean): Promise<void>
  /** Runs a script as root, past Rolecall. */
  sh(script: string): Promise<{ readonly code: number; readonly out: string }>
  connect(): Promise<Host>
  snapshot(): Promise<Snapshot>
  /** The controller is gone in the middle of a run. Ends when nothing of that runs any more. */
  cut(): Promise<void>
  /** Everything that runs on the host is killed. */
  kill(): Promise<void>
  close(): Promise<void>
}
