import { createLogUpdate } from 'log-update'
import type { WriteStream } from 'node:tty'
import { drawsOn } from '../held-screen.ts'
import { paintFor } from '../text/paint.ts'
import { width } from '../text/width.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, RunView } from '../report.ts'
import { QUIET, VERBOSE } from '../verbosity.ts'
import { liveLines } from './live.ts'
import { PlainLog } from './plain-log.ts'

/** Fast enough to look alive. Nobody follows hundreds of hosts at once, and the cost grows with them. */
const FRAME_MS = { few: 100, many: 250 }
const MANY_HOSTS = 100

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
  let drawn: { readonly lines: readonly string[]; readonly columns: number } = { lines: [], columns: 0 }
  const draw = () => {
    if (isHeld) return
    const { columns, rows } = stream
    if (columns < drawn.columns) eraseBroken(stream, drawn.lines, columns)
    if (pending.length > 0) {
      // log-update would keep as many lines as the screen has rows, and drop the others.
      screen.clear()
      stream.write(`${pending.join('\n')}\n`)
    }
    pending = []
    if (log.tally.hosts.size === 0) return
    const isStopping = signal?.aborted === true
    const lines = liveLines(log.tally, { columns, rows, now: Date.now(), frame: frame++, paint, isStopping })
    screen(lines.join('\n'))
    drawn = { lines, columns }
  }
  let timer: NodeJS.Timeout
  const drawAgain = () => {
    draw()
    timer = setTimeout(drawAgain, log.tally.hosts.size > MANY_HOSTS ? FRAME_MS.many : FRAME_MS.few)
  }
  timer = setTimeout(drawAgain, FRAME_MS.few)
  drawsOn({
    hold() {
      draw()
      isHeld = true
      screen.clear()
      drawn = { lines: [], columns: 0 }
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
      clearTimeout(timer)
      drawsOn(undefined)
      draw()
      screen.clear()
      drawn = { lines: [], columns: 0 }
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

/** A terminal that was made narrower has broken each line that is too long for it: those are more rows than were drawn, and what counts rows does not know. */
function eraseBroken(stream: WriteStream, lines: readonly string[], columns: number): void {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0)
  if (rows > lines.length) stream.write(`\x1b[${rows - lines.length}A\x1b[0J`)
}
