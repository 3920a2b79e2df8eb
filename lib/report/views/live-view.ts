import { createLogUpdate } from 'log-update'
import type { WriteStream } from 'node:tty'
import { liveLines } from './live.ts'
import { paintFor } from '../paint.ts'
import { plainLines } from './plain.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, Teller } from '../report.ts'
import { emptyTally, take } from '../tally.ts'

/** Fast enough to look alive, and slow enough to cost nothing. */
const FRAME_MS = 100

/** A line per host that is drawn again and again; what happened scrolls away above it. */
export function liveTeller(stream: WriteStream, { diff, verbose, signal }: ReportOptions): Teller {
  const paint = paintFor('stdout')
  const tally = emptyTally()
  const screen = createLogUpdate(stream)
  let pending: string[] = []
  let frame = 0
  const draw = () => {
    if (pending.length > 0) screen.persist(pending.join('\n'))
    pending = []
    if (tally.hosts.size === 0) return
    const { columns, rows } = stream
    const isStopping = signal?.aborted === true
    screen(liveLines(tally, { columns, rows, now: Date.now(), frame: frame++, paint, isStopping }).join('\n'))
  }
  const timer = setInterval(draw, FRAME_MS)
  return {
    tell(event) {
      // Drawn with the next frame: hosts may send thousands of events a second.
      pending.push(...plainLines(event, tally, { paint, diff, verbose, columns: stream.columns }))
      take(tally, event)
    },
    end() {
      clearInterval(timer)
      draw()
      screen.clear()
      screen.done()
      if (tally.hosts.size > 0)
        stream.write(`${recapLines(tally, paint, verbose ? undefined : stream.columns).join('\n')}\n`)
    },
  }
}
