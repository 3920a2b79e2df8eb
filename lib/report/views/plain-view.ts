import type { Writable } from 'node:stream'
import { paintFor } from '../paint.ts'
import { plainLines } from './plain.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, Teller } from '../report.ts'
import { emptyTally, take } from '../tally.ts'

/** A line for everything that happens, and the recap. */
export function plainTeller(stream: Writable, { diff, verbose }: ReportOptions): Teller {
  const paint = paintFor('stdout')
  const tally = emptyTally()
  const write = (lines: readonly string[]) => {
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
  }
  return {
    tell(event) {
      write(plainLines(event, tally, { paint, diff, verbose }))
      take(tally, event)
    },
    end: () => {
      if (tally.hosts.size > 0) write(recapLines(tally, paint))
    },
  }
}
