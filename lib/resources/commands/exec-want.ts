import type { Secret } from '../../secret.ts'
import type { Sh } from '../../sh/quote.ts'
import type { Effect } from '../prediction/effect.ts'
import type { Work, WorkState } from './background/work.ts'
import type { Ran, Results } from './exec-result.ts'

export interface ExecWant extends Omit<Command, 'run' | 'onlyIf' | 'paths' | 'env' | 'allowFailure' | 'background'> {
  /** Undefined: it has changed something when it ends with 0, and failed otherwise. */
  readonly results?: Results
  /** It goes on in the background. */
  readonly work?: Work
  readonly env?: Readonly<Record<string, string | Secret>>
  readonly run: Sh
  /** How the command is shown; the text of an `Sh` may hold a secret. */
  readonly shown: string
  readonly creates?: string | undefined
  readonly unless?: Sh | undefined
  readonly onlyIf?: Sh | undefined
  readonly paths: readonly string[]
}

export interface ExecHave {
  /** The directory to run in is there. */
  readonly cwd: boolean
  readonly creates?: boolean | undefined
  /** Exit status; undefined when it was not asked for, or could not be asked. */
  readonly unless?: number | undefined
  readonly onlyIf?: number | undefined
  /** Why nobody can ask `onlyIf` as its user; undefined where that was asked. */
  readonly unasked?: 'no account' | 'not root'
  /** It ran in this run already. */
  readonly ran?: Ran | undefined
  /** It is asked for check mode, where nobody runs it. */
  readonly onlyLooks?: boolean
  /** Its status in the background. */
  readonly state?: WorkState
  /** How it ended, once it ran. */
  readonly result?: { readonly code: number; readonly printed: string }
}

export interface Command {
  readonly run: string | Sh | readonly (string | number)[]
  readonly onlyIf?: string | Sh
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  readonly stdin?: string | Uint8Array | Secret
  readonly deadline?: number
  readonly user?: string
  readonly effects?: readonly Effect[]
  readonly paths?: readonly string[]
  readonly allowFailure?: boolean | readonly number[]
  /** It is begun, and the role goes on. */
  readonly background?: boolean
  /** The connection may be lost, and is taken up again. */
  readonly reconnect?: { readonly deadline?: number; readonly until?: string | Sh }
}
