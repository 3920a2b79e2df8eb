import { journalSchemas, type JournalEvent } from './journal-schemas.ts'
import type { RunHeader } from './journal.ts'

/** The part of a journal that is read back: who requested what, and how far the run came. The file is untrusted data, so it is parsed. */
interface JournalText {
  readonly opening: RunHeader
  readonly events: readonly JournalEvent[]
}

/** The longest event that is read back. */
const LONGEST_LINE = 16 * 1024 * 1024

/**
 * Reads a journal that may end anywhere. `torn`: not even its first line is complete, so no host had been touched. `foreign`: the first line is not
 * one of Rolecall's. Damaged lines after it are skipped.
 */
export function readJournal(text: string): JournalText | 'torn' | 'foreign' {
  // Text after the last newline is torn, or empty.
  const [first, ...others] = text.split('\n').slice(0, -1)
  if (first === undefined) return 'torn'
  const opening = journalSchemas().header.safeParse(valueOf(first))
  if (!opening.success) return 'foreign'
  return {
    opening: opening.data,
    events: others.flatMap((line) =>
      READ_AGAIN.test(line) ? (journalSchemas().event.safeParse(valueOf(line)).data ?? []) : [],
    ),
  }
}

/** Only about one line in ten matters to a reader of past runs; the others are not parsed. */
const READ_AGAIN = /"(run|unit|unit-end|summary)"/

/** A line of a journal as a value; undefined where the line is damaged. */
export function valueOf(line: string): unknown {
  if (line.length > LONGEST_LINE) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
