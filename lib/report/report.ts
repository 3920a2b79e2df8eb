import type { WriteStream } from 'node:tty'
import type { RunEvent, SummaryEvent } from '../events.ts'
import type { LineListener } from './text/foreign-output.ts'
import { isScreen } from './text/screen-size.ts'
import type { NextCommands } from './next-steps.ts'
import { emptyProgress, take } from './run-progress.ts'
import type { Verbosity } from './verbosity.ts'

/** How a run is told: each event as it comes, and the end. */
export interface RunView {
  tell(event: RunEvent): void
  /** Lines that are no event, such as what a role prints with `console.log`. */
  say: LineListener
  /** After the last event; also when the run broke off. */
  end(): void
}

export interface ReportOptions {
  readonly json: boolean
  readonly diff: boolean
  readonly verbosity: Verbosity
  /** The time before each line of a log. */
  readonly timestamps?: boolean
  /** What can be typed after the run. */
  readonly next?: NextCommands
  /** Aborted when the run is to stop. */
  readonly signal?: AbortSignal
  /** Told in this way, in place of the one that fits the stream. */
  readonly view?: RunView
}

/** Where a run is told. */
export interface ReportStreams {
  readonly stdout: WriteStream
  readonly stderr: WriteStream
  /** Gives lines that are no event, such as what a role prints with `console.log`. */
  onLines?(listener: LineListener): void
}

/** How a run ended, as far as an exit code must know. */
export interface Ending {
  readonly summary: SummaryEvent | undefined
  /** Units that failed, such as a role that threw before it had any resource. */
  readonly failedUnits: number
  /** Something was not done, because a saved plan says otherwise. */
  readonly isStale: boolean
}

/** Tells a run on standard output, in the way that fits it: JSON lines, a live view or plain lines. */
export async function report(
  events: AsyncIterable<RunEvent>,
  options: ReportOptions,
  streams: ReportStreams = process,
): Promise<Ending> {
  const teller = options.view ?? (await viewFor(options, streams))
  streams.onLines?.(teller.say)
  const tally = emptyProgress()
  try {
    for await (const event of events) {
      teller.tell(event)
      take(tally, event)
    }
  } finally {
    teller.end()
  }
  const units = Array.from(tally.hosts.values(), (host) => host.units).flat()
  return {
    summary: tally.summary,
    failedUnits: units.filter(({ end }) => end === 'failed').length,
    isStale: tally.problems.some(({ code }) => code === 'stale-plan'),
  }
}

/** Whether a run is told with a view that is drawn again and again. */
export function hasLiveView({ json = false }: { readonly json?: boolean }): boolean {
  return !json && isScreen(process.stdout)
}

/** Each way of telling is loaded only when it is used: chalk costs 30 ms. */
async function viewFor(options: ReportOptions, { stdout, stderr }: ReportStreams): Promise<RunView> {
  if (options.json) return (await import('./views/json-view.ts')).jsonView(stdout, stderr)
  if (hasLiveView(options)) return (await import('./views/live-view.ts')).liveView(stdout, options)
  return (await import('./views/plain-view.ts')).plainView(stdout, options, { stderr })
}
