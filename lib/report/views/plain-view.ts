import type { Writable } from 'node:stream'
import type { RunEvent } from '../../events.ts'
import { columnsOf } from '../text/screen-size.ts'
import { paintFor } from '../text/paint.ts'
import { recapLines } from '../recap.ts'
import type { ReportOptions, RunView } from '../report.ts'
import { QUIET, VERBOSE } from '../verbosity.ts'
import { foldingFor } from './folding.ts'
import { PlainLog } from './plain-log.ts'
import { signOfLife, SILENCE_MS } from './sign-of-life.ts'

/** A line for every event, a sign of life after ten silent seconds, and the recap. */
export function plainView(
  stream: Writable & { readonly columns?: number },
  options: ReportOptions,
  { stderr = process.stderr, silenceMs = SILENCE_MS }: { readonly stderr?: Writable; readonly silenceMs?: number } = {},
): RunView {
  const { diff, verbosity, timestamps = false, next } = options
  const paint = paintFor('stdout')
  const log = new PlainLog()
  const folding = foldingFor(process.env)
  let hasBegun = false
  let spokeAt = Date.now()
  const write = (lines: readonly string[], at?: number) => {
    if (lines.length === 0) return
    const time = timestamps && at !== undefined ? `${clock(at)}  ` : ''
    stream.write(lines.map((line) => `${time}${line}\n`).join(''))
    spokeAt = Date.now()
  }
  const timer = setInterval(() => {
    if (Date.now() - spokeAt >= silenceMs) write(signOfLife(log.tally, Date.now()), Date.now())
  }, silenceMs / 10)
  timer.unref()
  return {
    tell(event) {
      const lines = log.take(event, { paint, diff, verbosity })
      if (folding === undefined || event.type !== 'run') return write(lines, timeOf(event))
      hasBegun = true
      stream.write(folding.begin(verbosity === QUIET ? undefined : lines.join(' ')))
    },
    say(lines, to) {
      if (to === 'stdout') write(lines, Date.now())
      else stderr.write(lines.map((line) => `${line}\n`).join(''))
    },
    end() {
      clearInterval(timer)
      if (hasBegun) stream.write(folding?.unfold() ?? '')
      const changes = verbosity === QUIET ? 'all' : 'folded'
      // A terminal without cursor movement still has a width, even if it is unknown; a file has none.
      const columns = verbosity >= VERBOSE || stream.columns === undefined ? undefined : columnsOf(stream)
      if (log.tally.hosts.size > 0) write(recapLines(log.tally, { paint, columns, changes, next }))
      if (hasBegun) stream.write(folding?.end() ?? '')
    },
  }
}

function timeOf(event: RunEvent): number {
  return 'at' in event ? event.at : Date.now()
}

/** `10:41:03`, in this machine's time zone. */
function clock(at: number): string {
  return new Date(at).toLocaleTimeString('sv-SE')
}
