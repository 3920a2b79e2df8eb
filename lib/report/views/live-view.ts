import { createLogUpdate } from 'log-update'
import type { WriteStream } from 'node:tty'
import { drawsOn } from '../held-screen.ts'
import { paintFor } from '../text/paint.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, RunView } from '../report.ts'
import { QUIET, VERBOSE } from '../verbosity.ts'
import { liveLines } from './live.ts'
import { PlainLog } from './plain-log.ts'

/** Fast enough to look alive, and slow enough to cost nothing. */
const FRAME_MS = 100

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'

/** Lines that are drawn again and again, for hosts and for the whole run; what happened scrolls away above them. */
export function liveView(stream: WriteStream, { diff, verbosity, signal, next }: ReportOptions): RunView {
  const paint = paintFor('stdout')
  const log = new PlainLog()
  // It would hide the cursor by a stream that may not be its own: what is written there is caught.
  const screen = createLogUpdate(stream, { showCursor: true })
  const showCursor = () => void stream.write(SHOW_CURSOR)
  stream.write(HIDE_CURSOR)
  process.once('exit', showCursor)
  let pending: string[] = []
  let frame = 0
  let isOver = false
  let isHeld = false
  const draw = () => {
    if (isHeld) return
    if (pending.length > 0) screen.persist(pending.join('\n'))
    pending = []
    if (log.tally.hosts.size === 0) return
    const { columns, rows } = stream
    const isStopping = signal?.aborted === true
    screen(liveLines(log.tally, { columns, rows, now: Date.now(), frame: frame++, paint, isStopping }).join('\n'))
  }
  const timer = setInterval(draw, FRAME_MS)
  drawsOn({
    hold() {
      draw()
      isHeld = true
      screen.clear()
      showCursor()
    },
    letGo() {
      isHeld = false
      stream.write(HIDE_CURSOR)
    },
  })
  return {
    tell(event) {
      // Drawn with the next frame: hosts may send thousands of events a second.
      pending.push(...log.take(event, { paint, diff, verbosity, columns: stream.columns }))
    },
    say(lines) {
      if (isOver) stream.write(`${lines.join('\n')}\n`)
      else pending.push(...lines)
    },
    end() {
      clearInterval(timer)
      drawsOn(undefined)
      draw()
      screen.clear()
      screen.done()
      showCursor()
      process.off('exit', showCursor)
      isOver = true
      if (log.tally.hosts.size === 0) return
      const columns = verbosity >= VERBOSE ? undefined : stream.columns
      const changes = verbosity === QUIET ? 'all' : 'folded'
      stream.write(`${recapLines(log.tally, { paint, columns, changes, next }).join('\n')}\n`)
    },
  }
}
