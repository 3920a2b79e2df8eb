import type { RunEvent } from '../../events.ts'
import { OutputLines } from '../text/output-lines.ts'
import { emptyProgress, take, type RunProgress } from '../run-progress.ts'
import { VERBOSE } from '../verbosity.ts'
import { outputLine, plainLines, type PlainOptions } from './plain.ts'

/** The lines of a run, event by event, with the steps' output as whole lines. */
export class PlainLog {
  readonly tally: RunProgress = emptyProgress()
  readonly #output = new OutputLines()

  /** The lines of an event. Adds the event to the tally. */
  take(event: RunEvent, options: PlainOptions): string[] {
    const { paint, verbosity } = options
    const printed = verbosity >= VERBOSE ? this.#output.take(event) : []
    const lines = [
      ...printed.map((line) => outputLine(line, this.tally, paint)),
      ...plainLines(event, this.tally, options),
    ]
    take(this.tally, event)
    return lines
  }
}
