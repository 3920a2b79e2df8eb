import type { WriteStream } from 'node:tty'
import type { RunEvent, SummaryEvent } from '../events.ts'
import type { LineListener } from './text/foreign-output.ts'
import { isScreen } from './text/screen-size.ts'
import type { NextCommands } from './next-steps.ts'
import { emptyProgress, take } from './run-progress.ts'
import type { Verbosity } from './verbosity.ts'

/** Shows a run: each event as it comes, and the end. */
export interface RunView {
  tell(event: RunEvent): void
  /** Shows lines that are not part of an event, such as output of `console.log` in a role. */
  say: LineListener
  /** Called after the last event, even if an error ended the run. */
  end(): void
}

export interface ReportOptions {
  readonly json: boolean
  readonly diff: boolean
  readonly verbosity: Verbosity
  /** Whether to print the time before each line of a log. */
  readonly timestamps?: boolean
  /** Commands that may follow the run. */
  readonly next?: NextCommands
  /** The run stops when this signal is aborted. */
  readonly signal?: AbortSignal
  /** The view to use. Default: the one that fits the stream. */
  readonly view?: RunView
}

/** The streams for a report. */
interface ReportStreams {
  readonly stdout: WriteStream
  readonly stderr: WriteStream
  /** Subscribes to lines that are not part of an event, such as output of `console.log` in a role. */
  onLines?(listener: LineListener): void
}

/** How a run ended, for the exit code. */
export interface Ending {
  readonly summary: SummaryEvent | undefined
  /** Units that failed without a failed resource, such as a role that threw before its first one. */
  readonly failedUnits: number
  /** Something was skipped because it differs from the saved plan. */
  readonly isStale: boolean
  /** Something failed that belongs to no host, such as writing the journal. */
  readonly hasFailedHere: boolean
}

/** Shows a run on standard output: as JSON lines, a live view or plain lines, whichever fits. */
export async function report(
  events: AsyncIterable<RunEvent>,
  options: ReportOptions,
  streams: ReportStreams = process,
): Promise<Ending> {
  const view = options.view ?? (await viewFor(options, streams))
  streams.onLines?.((lines, stream) => view.say(lines, stream))
  const progress = emptyProgress()
  try {
    for await (const event of events) {
      view.tell(event)
      take(progress, event)
    }
  } finally {
    view.end()
  }
  const units = Array.from(progress.hosts.values(), (host) => host.units).flat()
  return {
    summary: progress.summary,
    failedUnits: units.filter(({ end }) => end === 'failed').length,
    hasFailedHere: progress.problems.some(({ host }) => host === undefined),
    isStale: progress.problems.some(({ code }) => code === 'stale-plan'),
  }
}

/** Whether a run is shown in the live view. */
export function hasLiveView({ json = false }: { readonly json?: boolean }): boolean {
  return !json && isScreen(process.stdout)
}

/** Each view is loaded only when used: chalk costs 30 ms. */
async function viewFor(options: ReportOptions, { stdout, stderr }: ReportStreams): Promise<RunView> {
  if (options.json) return (await import('./views/json-view.ts')).jsonView(stdout, stderr)
  if (hasLiveView(options)) return (await import('./views/live-view.ts')).liveView(stdout, options)
  return (await import('./views/plain-view.ts')).plainView(stdout, options, { stderr })
}
