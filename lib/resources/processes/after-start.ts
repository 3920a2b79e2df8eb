import type { Sh } from '../../sh/quote.ts'
import type { Reply } from '../kit/plan.ts'

/** How to see whether something that a resource has started is still up a little later. */
export interface AfterStart {
  /** Prints how it is, and the last lines of its log where it is not up. `seconds`: how long ago it was started. Changes nothing. */
  look(seconds: number): Sh
  read(reply: Reply): LaterState
}

/**
 * `up`: it runs, or there is nothing to say of it. `restarting`: it has ended, and is about to be started again by itself. `down`: it is not up and has not
 * failed, so a command may have stopped it on purpose. `restarts`: how often it was started again by itself; where this number grows, it ends again and again.
 */
export type LaterState =
  | { readonly type: 'up'; readonly restarts: number; readonly log: string }
  | { readonly type: 'restarting' | 'down' | 'failed'; readonly message: string; readonly log: string }

/** How long something must live after its start: a program that cannot use its settings has mostly ended by then. */
export const MUST_LIVE_SECONDS = 2

/** The marker between the state and the log in what `look` prints. */
export const LOG_MARK = '# log'

/** What `look` printed, in its two parts. */
export function stateAndLog({ lines }: Reply): { readonly state: readonly string[]; readonly log: string } {
  const at = lines.indexOf(LOG_MARK)
  return at < 0 ? { state: lines, log: '' } : { state: lines.slice(0, at), log: lines.slice(at + 1).join('\n') }
}
