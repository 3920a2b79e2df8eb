import type { Sh } from '../../sh/quote.ts'
import type { FileInput } from '../../sh/input.ts'
import type { Write } from '../files/writing/write-request.ts'

/** What a probe printed. */
export interface Reply {
  readonly code: number
  readonly bytes: Uint8Array
  /** `bytes` as UTF-8, a trailing newline kept. */
  readonly text: string
  /** `text` by lines, without the empty one at the end. */
  readonly lines: readonly string[]
}

/** One change: in words, and as a script. */
export interface Step {
  /** In the present tense, as a person would say it: `install bind9`, `write /etc/motd`, `set mode 0644`. */
  readonly summary: string
  readonly sh: Sh
  /** Bytes that the script reads on its standard input. */
  readonly stdin?: Uint8Array
  /**
   * In place of `stdin`: a file of the controller, which is read while it is sent.
   *
   * @internal
   */
  readonly upload?: FileInput
  /** Seconds the step may take on the host before it and its children are ended. Default 600. */
  readonly deadline?: number
  /** It tidies up beside the thing and leaves the thing itself as it is: nobody after it finds anything changed. */
  readonly cleanupOnly?: true
  /**
   * The step ends the connection, as a reboot does: how it is taken up again. The role goes on over the new one, with the host's lock; such a step is
   * the last one of its plan.
   */
  readonly reconnect?: Reconnect
  /**
   * The file that it writes, when that is all it does: neighbours are written together.
   *
   * @internal
   */
  readonly write?: Write
  /**
   * The paths that it changes, in turn, when that is all it does. Where the steps of a plan change one path and nothing else, the first of them ends at
   * whatever keeps the path from being changed, and nothing is half done. Default: one thing, of which nobody knows what it is.
   *
   * @internal
   */
  readonly changesOnly?: readonly string[]
  /**
   * What its statuses mean, where they mean more than that it failed.
   *
   * @internal
   */
  readonly failures?: Readonly<Record<number, StepFailure>>
}

/** What the status of a step that failed means. */
export interface StepFailure {
  readonly why: string
  readonly hint: string
}

/** How a connection that a step ends is taken up again. */
export interface Reconnect {
  /** Seconds until the host must be back. */
  readonly deadline: number
  /** Ends with 0 over a connection to the host as it is meant to be afterwards; with anything else it prints what is still waited for. */
  readonly until: Sh
}

/**
 * What a change looks like to a reader: a text before and after; pairs of lines before and after, such as the keys of
 * a structured file, where an empty side means that there is none; or one line that says why it is not shown.
 */
export type Change =
  | { readonly before: string; readonly after: string; readonly label?: string }
  | { readonly pairs: readonly (readonly [before: string, after: string])[]; readonly label: string }
  | { readonly hidden: string }

/**
 * A validation: a script that check mode may run, because it changes nothing that outlives it.
 * It is how a candidate is shown to its validator. Exit 0: accepted (or the validator is not there yet);
 * anything else: refused, and what it printed is the reason.
 */
export interface Validation {
  readonly sh: Sh
  readonly stdin?: Uint8Array
  /** What the script looks at: the candidate of a file, or a whole service by its own test. Default: a candidate. */
  readonly of?: 'candidate' | 'service'
  /** What a refusal means, where it is more than that of a candidate. */
  readonly failure?: StepFailure
  /** Paths that it looks at. Where one of them may come with a pending package, something empty stands in for it. */
  readonly names?: readonly string[]
}

/** What is to be done about a resource. No steps means: as wanted. */
export interface Plan {
  readonly steps: readonly Step[]
  readonly changes?: readonly Change[]
  readonly validation?: Validation
}

/** What stands in the way of ever getting there: reported as failed, in check mode as in apply mode, with nothing touched. */
export interface Refused {
  readonly refused: string
  readonly hint?: string
}

/** An answer that cannot be known before an earlier step was really made. */
export interface Unknown {
  readonly unknown: string
}
