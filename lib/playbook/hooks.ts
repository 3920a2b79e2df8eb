import type { Problem } from '../errors.ts'
import type { HostSummary, Mode, UnitEnd } from '../events.ts'

/** The run for which a hook is called. */
export interface HookRun {
  readonly run: string
  readonly mode: Mode
  readonly playbook: string
  /** The hosts of the run, in the order of the playbook. */
  readonly hosts: readonly string[]
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal
}

/** The play for which a hook is called. */
export interface HookPlay extends Omit<HookRun, 'hosts'> {
  readonly play: string
  /** The hosts of the play in this run. */
  readonly hosts: readonly string[]
}

/** The host and play for which a hook is called. */
export interface HookHost extends HookPlay {
  readonly host: string
}

/**
 * Functions that a run calls on the controller before and after the run, each play, and each host of a play. They are awaited, and never undone or
 * repeated: they may post to a chat, open a maintenance window, silence an alarm. An error is reported with its place. When a `before` throws, the
 * run, the play or the host does not begin; when an `after` throws, the run has failed.
 *
 * @example
 * hooks: {
 *   beforeHost: ({ host }) => silence(host),
 *   afterHost: ({ host }) => unsilence(host),
 *   afterRun: ({ ok, problems }) => post(ok ? 'deployed' : `failed: ${problems[0]?.message ?? ''}`),
 * }
 */
export interface Hooks {
  /** Before anything is done on a host. */
  readonly beforeRun?: (run: HookRun) => Promise<void> | void
  /** After the run, even if it was interrupted. */
  readonly afterRun?: (
    run: HookRun & {
      readonly ok: boolean
      /** The counts of results for each host. */
      readonly counts: Readonly<Record<string, HostSummary>>
      readonly problems: readonly Problem[]
    },
  ) => Promise<void> | void
  /** Before the first role of a play begins. */
  readonly beforePlay?: (play: HookPlay) => Promise<void> | void
  /** When all roles of a play that began have ended, before `rollback` and `onFailure`. `failed`: hosts where a role did not succeed. */
  readonly afterPlay?: (play: HookPlay & { readonly failed: readonly string[] }) => Promise<void> | void
  /** Before the first role of a play begins on a host. */
  readonly beforeHost?: (host: HookHost) => Promise<void> | void
  /** When all roles of a play have ended on a host. `end`: how the last one ended. */
  readonly afterHost?: (host: HookHost & { readonly end: UnitEnd }) => Promise<void> | void
  /** The modes in which hooks are called. Default: `['apply']`. */
  readonly modes?: readonly Mode[]
}
