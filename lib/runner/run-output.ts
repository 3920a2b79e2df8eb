import type { Mode, RunEvent, SummaryEvent } from '../events.ts'
import { shown } from '../gate/gate.ts'
import { errorMessage } from '../text/error-message.ts'
import { EventQueue } from './event-queue.ts'
import { openJournal, type Journal, type RunHeader } from './journal/journal.ts'
import type { SourceState } from './journal/source-state.ts'
import { RunCounts } from './run-counts.ts'
import { EntryCollector } from './run-index/entry.ts'

/** The directory of journals, and whether changes inside files are kept. */
interface JournalOptions {
  readonly directory: string
  readonly diffs: boolean
}

/** How long the end of a run waits for git, in milliseconds. */
const SOURCE_MS = 3000

/** Sends the events of a run through the gate to the journal, to the counts, and to the caller. */
export class RunOutput {
  readonly events = new EventQueue<RunEvent>()
  readonly #counts: RunCounts
  readonly #journal: Journal | undefined
  readonly #entry: EntryCollector
  readonly #directory: string | undefined
  #isBroken = false
  #isOver = false

  constructor(hosts: readonly string[], header: RunHeader, journal: JournalOptions | undefined) {
    this.#counts = new RunCounts(hosts)
    this.#entry = new EntryCollector(header)
    this.#directory = journal?.directory
    this.#journal =
      journal && openJournal(journal.directory, header, { diffs: journal.diffs }, (error) => this.#reportBroken(error))
  }

  readonly emit = (event: RunEvent): void => {
    if (this.#isOver) return
    this.#counts.add(event)
    const masked = shown(event)
    this.#journal?.write(masked)
    this.#entry.take(masked)
    this.events.push(masked)
  }

  summary(mode: Mode, durationMs: number, roundTrips: (host: string) => number): SummaryEvent {
    return this.#counts.summary(mode, durationMs, roundTrips)
  }

  /** Drops events that arrive after this, such as those of an abandoned role. */
  close(): void {
    this.#isOver = true
  }

  /** Writes git's answer about the project, closes the journal, and ends the events. */
  async end(source: Promise<SourceState | undefined> | undefined): Promise<void> {
    if (this.#journal !== undefined) await writeSource(this.#journal, source)
    this.#journal?.close()
    if (this.#directory !== undefined && !this.#isBroken) this.#entry.append(this.#directory)
    this.events.end()
  }

  #reportBroken(error: unknown): void {
    this.#isBroken = true
    const message = `the journal of this run cannot be written any more: ${errorMessage(error)}`
    const hint = 'the run goes on; before the next one make room: what the journal lacks will be checked once more'
    this.emit({ type: 'problem', problem: { code: 'usage', message, hint }, at: Date.now() })
  }
}

async function writeSource(journal: Journal, source: Promise<SourceState | undefined> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), SOURCE_MS)
  })
  const state = await Promise.race([source, late])
  clearTimeout(timer)
  if (state !== undefined) journal.write({ type: 'source', ...state })
}
