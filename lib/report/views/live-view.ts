import type { WriteStream } from 'node:tty'
import type { RunEvent } from '../../events.ts'
import { drawsOn } from '../held-screen.ts'
import { columnsOf } from '../text/screen-size.ts'
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
export function liveView(stream: WriteStream, options: ReportOptions): RunView {
  return new LiveView(stream, options)
}

class LiveView implements RunView {
  readonly #stream: WriteStream
  readonly #options: ReportOptions
  readonly #paint = paintFor('stdout')
  readonly #log = new PlainLog()
  readonly #screen: DrawnLines
  /** Lines that the next frame prints above the view. */
  #pending: string[] = []
  #frame = 0
  #timer: NodeJS.Timeout
  #drawnAt = 0
  #drawnEvents = 0
  /** Nothing is drawn while a question is on the screen. */
  #isHeld = false
  #isOver = false
  readonly #showCursor = () => void this.#stream.write(SHOW_CURSOR)
  readonly #onSuspend = () => this.#suspend()

  constructor(stream: WriteStream, options: ReportOptions) {
    this.#stream = stream
    this.#options = options
    this.#screen = new DrawnLines(stream)
    stream.write(HIDE_CURSOR)
    process.once('exit', this.#showCursor)
    this.#timer = setTimeout(() => this.#drawAgain(), FRAME_MS.few)
    process.on('SIGTSTP', this.#onSuspend)
    drawsOn({ hold: () => this.#hold(), letGo: () => this.#letGo() })
  }

  tell(event: RunEvent): void {
    const { diff, verbosity } = this.#options
    // Drawn with the next frame, because there may be thousands of events a second.
    this.#pending.push(
      ...this.#log.take(event, { paint: this.#paint, diff, verbosity, columns: columnsOf(this.#stream) }),
    )
  }

  say(lines: readonly string[]): void {
    if (this.#isOver) this.#stream.write(`${lines.join('\n')}\n`)
    else this.#pending.push(...lines)
  }

  end(): void {
    clearTimeout(this.#timer)
    drawsOn(undefined)
    this.#isHeld = false
    this.#draw()
    this.#screen.clear()
    this.#showCursor()
    process.off('exit', this.#showCursor)
    process.off('SIGTSTP', this.#onSuspend)
    this.#isOver = true
    if (this.#log.tally.hosts.size === 0) return
    const { verbosity, next } = this.#options
    const columns = verbosity >= VERBOSE ? undefined : columnsOf(this.#stream)
    const changes = verbosity === QUIET ? 'all' : 'folded'
    const lines = recapLines(this.#log.tally, { paint: this.#paint, columns, changes, next })
    this.#stream.write(`${lines.join('\n')}\n`)
  }

  #draw(): void {
    if (this.#isHeld) return
    const above = this.#pending
    this.#pending = []
    const isBegun = this.#log.tally.hosts.size > 0
    if (isBegun || above.length > 0) this.#screen.draw(isBegun ? this.#lines() : [], above)
  }

  #lines(): string[] {
    const { rows } = this.#stream
    const columns = columnsOf(this.#stream)
    const isStopping = this.#options.signal?.aborted === true
    return liveLines(this.#log.tally, {
      columns,
      rows,
      now: Date.now(),
      frame: this.#frame++,
      paint: this.#paint,
      isStopping,
    })
  }

  #drawAgain(): void {
    const { hosts, events } = this.#log.tally
    const isMany = hosts.size > MANY_HOSTS
    const hasNothingNew = events === this.#drawnEvents && this.#pending.length === 0
    const isIdle = isMany && hasNothingNew && Date.now() - this.#drawnAt < FRAME_MS.idle
    if (!isIdle || this.#options.signal?.aborted === true) {
      this.#drawnAt = Date.now()
      this.#drawnEvents = events
      this.#draw()
    }
    this.#timer = setTimeout(() => this.#drawAgain(), isMany ? FRAME_MS.many : FRAME_MS.few)
  }

  #hold(): void {
    this.#draw()
    this.#isHeld = true
    this.#screen.clear()
    this.#showCursor()
  }

  #letGo(): void {
    this.#isHeld = false
    this.#stream.write(HIDE_CURSOR)
  }

  /**
   * Ctrl-Z: erases the view and shows the cursor, for the shell. The signal is sent again and stops the process as usual; it has no effect where no shell
   * could continue the process.
   */
  #suspend(): void {
    const isAsking = this.#isHeld
    if (!isAsking) this.#hold()
    process.off('SIGTSTP', this.#onSuspend)
    process.kill(process.pid, 'SIGTSTP')
    setImmediate(() => {
      if (this.#isOver) return
      process.on('SIGTSTP', this.#onSuspend)
      if (!isAsking) this.#letGo()
    })
  }
}
