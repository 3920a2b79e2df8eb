import type { Problem } from './errors.ts'

export type Mode = 'check' | 'apply' | 'verify'

/** The result of one resource. In check mode `changed` means: would change. */
export type Status = 'ok' | 'changed' | 'unknown' | 'failed' | 'skipped'

/** How a unit (one role on one host) ended. */
export type UnitEnd = 'done' | 'failed' | 'unreachable' | 'skipped' | 'cancelled'

/** How a run ended. `crashed`: its journal has no end, and its process is gone. */
export type RunEnd = 'done' | 'failed' | 'interrupted' | 'crashed' | 'running'

/** Why a unit did not begin. `hosts`: where the play failed; `allowed`: on how many hosts it may fail. */
export type NotBegun =
  /** The run was interrupted. */
  | { readonly type: 'interrupted' }
  /** Another role failed on the same host, or the host could not be reached. */
  | { readonly type: 'host-failed'; readonly role: string; readonly play: string }
  /** Its own play failed on more hosts than the play allows. */
  | ({ readonly type: 'play-stopped' } & PlayFailures)
  /** A play that its own play comes `after` did not succeed. */
  | ({ readonly type: 'after-failed' } & PlayFailures)
  /** A person was asked whether the play should go on, and said no. */
  | { readonly type: 'declined'; readonly play: string }
  /** A play with `failures: 'stop-run'` failed. */
  | ({ readonly type: 'run-stopped' } & PlayFailures)

export interface PlayFailures {
  readonly play: string
  readonly hosts: readonly string[]
  readonly allowed: number
}

/** A resource that failed without failing its role. `host` is another one where the role changed that. */
export interface CaughtFailure {
  readonly host: string
  readonly resource: string
}

export interface HostSummary {
  readonly ok: number
  readonly changed: number
  readonly unknown: number
  readonly failed: number
  readonly skipped: number
  /** How many of those that failed were stopped because the run was interrupted. */
  readonly interrupted?: number
  /** How many failures roles caught and went on from. They are none of those that failed. */
  readonly caught?: number
  readonly unreachable: boolean
  readonly roundTrips: number
}

/** Every event of a run, in the order in which they happen. `at` is milliseconds since the epoch. */
export type RunEvent =
  | { type: 'run'; run: string; mode: Mode; playbook: string; hosts: readonly string[]; units: number; at: number }
  /** The run resumes an earlier one: how that one ended, what of it was finished, and which files have changed. */
  | {
      type: 'resumed'
      run: string
      end: RunEnd
      finished: number
      units: number
      changed: readonly ('playbook' | 'inventory')[]
      at: number
    }
  | { type: 'connecting'; host: string; at: number }
  /** A wait for something that may pass by itself: what it is, and what is done about it. */
  | { type: 'waiting'; host: string; role?: string; message: string; at: number }
  | { type: 'connected'; host: string; os: string; at: number }
  | { type: 'unreachable'; host: string; problem: Problem; at: number }
  | { type: 'unit'; host: string; role: string; play: string; at: number }
  | {
      type: 'unit-end'
      host: string
      role: string
      play: string
      end: UnitEnd
      /** The resumed run had finished the unit, and it was found unchanged. */
      asBefore?: true
      /** In verify: the role has no `verify`, so nothing was checked. */
      unverified?: true
      /** Set when the unit did not begin: why. */
      notBegun?: NotBegun
      /** Resources that failed, and whose failure the role caught: the unit is done all the same. */
      caught?: readonly CaughtFailure[]
      durationMs: number
      at: number
    }
  | { type: 'step'; host: string; role: string; resource: string; say: string; at: number }
  | {
      type: 'output'
      host: string
      role: string
      resource: string
      stream: 'stdout' | 'stderr'
      text: string
      at: number
    }
  | ResourceEvent
  | { type: 'note'; host: string; role?: string; message: string; at: number }
  | { type: 'problem'; problem: Problem; at: number }
  | SummaryEvent

export interface ResourceEvent {
  readonly type: 'resource'
  readonly host: string
  readonly role: string
  /** `kind:name`, as in `file:/etc/named.conf`. */
  readonly resource: string
  readonly status: Status
  /** What was done, or in check mode would be done, in words. */
  readonly steps: readonly string[]
  /** Why: "after pkg:bind9", or the reason it is unknown, or what failed. */
  readonly reason?: string
  /** It failed because the run was interrupted. */
  readonly interrupted?: true
  /** The last line that the failed step printed, from standard error where there was one. */
  readonly lastLine?: string
  /** A unified diff of the change, secrets masked. */
  readonly diff?: string
  readonly durationMs: number
  readonly at: number
}

export interface SummaryEvent {
  readonly type: 'summary'
  readonly mode: Mode
  readonly ok: boolean
  readonly durationMs: number
  readonly hosts: Readonly<Record<string, HostSummary>>
}
