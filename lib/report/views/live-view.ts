import type { WriteStream } from 'node:tty'
import { drawsOn } from '../held-screen.ts'
import { paintFor } from '../text/paint.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, RunView } from '../report.ts'
import { QUIET, VERBOSE } from '../verbosity.ts'
import { DrawnLines } from './drawn-lines.ts'
import { liveLines } from './live.ts'
import { PlainLog } from './plain-log.ts'

/**
 * The time between frames. With many hosts it is longer: drawing costs more, and nobody can follow hundreds of hosts. `idle` is used for many hosts
 * while there is no new event, because then only times change.
 */
const FRAME_MS = { few: 100, many: 250, idle: 1000 }
const MANY_HOSTS = 100

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'

/** Lines for hosts and for the whole run, redrawn at the bottom of the screen. Events scroll away above them. */
export function liveView(stream: WriteStream, { diff, verbosity, signal, next }: ReportOptions): RunView {
  const paint = paintFor('stdout')
  const log = new PlainLog()
  const screen = new DrawnLines(stream)
  const showCursor = () => void stream.write(SHOW_CURSOR)
  stream.write(HIDE_CURSOR)
  process.once('exit', showCursor)
  let pending: string[] = []
  let frame = 0
  let isOver = false
  let isHeld = false
  const draw = () => {
    if (isHeld) return
    const above = pending
    pending = []
    const { columns, rows } = stream
    const isStopping = signal?.aborted === true
    const isBegun = log.tally.hosts.size > 0
    const lines = isBegun
      ? liveLines(log.tally, { columns, rows, now: Date.now(), frame: frame++, paint, isStopping })
      : []
    if (isBegun || above.length > 0) screen.draw(lines, above)
  }
  let timer = setTimeout(() => drawAgain(), FRAME_MS.few)
  let drawnAt = 0
  let drawnEvents = 0
  const drawAgain = () => {
    const { hosts, events } = log.tally
    const isMany = hosts.size > MANY_HOSTS
    const isIdle = isMany && events === drawnEvents && pending.length === 0 && Date.now() - drawnAt < FRAME_MS.idle
    if (!isIdle || signal?.aborted === true) {
      drawnAt = Date.now()
      drawnEvents = events
      draw()
    }
    timer = setTimeout(drawAgain, isMany ? FRAME_MS.many : FRAME_MS.few)
  }
  const hold = () => {
    draw()
    isHeld = true
    screen.clear()
    showCursor()
  }
  const letGo = () => {
    isHeld = false
    stream.write(HIDE_CURSOR)
  }
  // Ctrl-Z: erases the view and shows the cursor, for the shell. The signal is sent again and stops the process as usual; it has no effect where no shell
  // could continue the process.
  const suspend = () => {
    const isAsking = isHeld
    if (!isAsking) hold()
    process.off('SIGTSTP', suspend)
    process.kill(process.pid, 'SIGTSTP')
    setImmediate(() => {
      if (isOver) return
      process.on('SIGTSTP', suspend)
      if (!isAsking) letGo()
    })
  }
  process.on('SIGTSTP', suspend)
  drawsOn({ hold, letGo })
  return {
    tell(event) {
      // Drawn with the next frame, because there may be thousands of events a second.
      pending.push(...log.take(event, { paint, diff, verbosity, columns: stream.columns }))
    },
    say(lines) {
      if (isOver) stream.write(`${lines.join('\n')}\n`)
      else pending.push(...lines)
    },
    end() {
      clearTimeout(timer)
      drawsOn(undefined)
      isHeld = false
      draw()
      screen.clear()
      showCursor()
      process.off('exit', showCursor)
      process.off('SIGTSTP', suspend)
      isOver = true
      if (log.tally.hosts.size === 0) return
      const columns = verbosity >= VERBOSE ? undefined : stream.columns
      const changes = verbosity === QUIET ? 'all' : 'folded'
      stream.write(`${recapLines(log.tally, { paint, columns, changes, next }).join('\n')}\n`)
    },
  }
}
