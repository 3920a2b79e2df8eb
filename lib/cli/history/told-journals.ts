import { shownName } from '../../gate/gate.ts'
import { counted } from '../../report/text/words.ts'
import type { RecordedRun } from '../../runner/journal/journal-events.ts'
import type { UnreadableRun } from '../../runner/journal/past-run.ts'

/**
 * Tells on standard error that journals cannot be read.
 *
 * @param consequence `is not listed`
 */
export function tellUnreadable(unreadable: readonly UnreadableRun[], consequence: string): void {
  for (const { file, why } of unreadable)
    process.stderr.write(`${shownName(file)} ${consequence}: the journal ${shownName(why)}\n`)
}

/** A clock that is a minute ahead is no reason for a note. */
const MOST_AHEAD_MS = 60_000

/** Tells on standard error what a reader of a past run could not know from it. */
export function tellDoubts({ past, damaged }: RecordedRun): void {
  const run = shownName(past.run)
  if (damaged > 0)
    process.stderr.write(
      `${counted(damaged, 'line')} of the journal of ${run} cannot be read: something is missing here\n`,
    )
  if (past.at > Date.now() + MOST_AHEAD_MS)
    process.stderr.write(
      `${run} began in the future by the clock of this machine, so there may be later runs: rolecall runs lists them, and each can be named\n`,
    )
}
