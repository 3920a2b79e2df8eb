import type { Sh } from '../../sh/quote.ts'
import type { FileInput } from '../../sh/input.ts'
import type { Write } from '../files/writing/write-request.ts'

/** The output of a probe. */
export interface Reply {
  readonly code: number
  readonly bytes: Uint8Array
  /** `bytes` as UTF-8, with a trailing newline if there is one. */
  readonly text: string
  /** The lines of `text`, without an empty one at the end. */
  readonly lines: readonly string[]
}

/** One change: a summary in words, and a script. */
export interface Step {
  /** A short sentence in the imperative: `install bind9`, `write /etc/motd`, `set mode 0644`. */
  readonly summary: string
  readonly sh: Sh
  /** Bytes that the script reads on its standard input. */
  readonly stdin?: Uint8Array
  /**
   * Instead of `stdin`: a file of the controller, which is read while it is sent.
   *
   * @internal
   */
  readonly upload?: FileInput
  /** Seconds that the step may take on the host before it is ended with its children. Default 600. */
  readonly deadline?: number
  /** The step only cleans up beside the thing and leaves the thing itself unchanged, so later resources find no change. */
  readonly cleanupOnly?: true
  /**
   * The step ends the connection, as a reboot does: how to connect again. The role continues over the new connection, with the host's lock. Such a
   * step must be the last one of its plan.
   */
  readonly reconnect?: Reconnect
  /**
   * The file that the step writes, if it does nothing else: neighbouring writes are done together.
   *
   * @internal
   */
  readonly write?: Write
  /**
   * The paths that the step changes, in order, if it does nothing else. If the steps of a plan change one path and nothing else, an obstacle at the
   * path stops the first step, and nothing is half done. Default: one unknown change.
   *
   * @internal
   */
  readonly changesOnly?: readonly string[]
  /**
   * The meanings of exit statuses, if they say more than that the step failed.
   *
   * @internal
   */
  readonly failures?: Readonly<Record<number, StepFailure>>
}

/** The meaning of a failed step's exit status. */
export interface StepFailure {
  readonly why: string
  readonly hint: string
}

/** How to connect again after a step that ends the connection. */
export interface Reconnect {
  /** Seconds until the host must be back. */
  readonly deadline: number
  /** A script that exits with 0 if this is a connection to the host in its intended state; otherwise it prints what is still missing. */
  readonly until: Sh
}

/**
 * A change for display: a text before and after; pairs of lines before and after, such as the keys of a structured file, where an empty side means
 * that there is none; or one line that says why the change is not shown.
 */
export type Change =
  | { readonly before: string; readonly after: string; readonly label?: string }
  | { readonly pairs: readonly (readonly [before: string, after: string])[]; readonly label: string }
  | { readonly hidden: string }

/**
 * A validation: a script that check mode may run, because it changes nothing that outlives it. It shows a candidate to its validator. Exit 0:
 * accepted (or the validator is not installed yet); anything else: refused, and the output is the reason.
 */
export interface Validation {
  readonly sh: Sh
  readonly stdin?: Uint8Array
  /** The subject of the script: the candidate of a file, or a whole service by its own test. Default: a candidate. */
  readonly of?: 'candidate' | 'service'
  /** The meaning of a refusal, if it says more than that a candidate is wrong. */
  readonly failure?: StepFailure
  /** Paths that the validation reads. If a pending package may bring one of them, it gets an empty placeholder. */
  readonly names?: readonly string[]
}

/** The plan for a resource. No steps: it is as wanted. */
export interface Plan {
  readonly steps: readonly Step[]
  readonly changes?: readonly Change[]
  readonly validation?: Validation
}

/** Why the wanted state can never be reached: reported as failed, in check mode and in apply mode, without touching anything. */
export interface Refused {
  readonly refused: string
  readonly hint?: string
}

/** An answer that cannot be known until an earlier step has really been made. */
export interface Unknown {
  readonly unknown: string
}
