import type { RunEvent, SummaryEvent } from '../events.ts'
import { emptyTally, take } from './tally.ts'

/** How a run is told: each event as it comes, and the end. */
export interface Teller {
  tell(event: RunEvent): void
  /** After the last event; also when the run broke off. */
  end(): void
}

export interface ReportOptions {
  readonly json: boolean
  readonly diff: boolean
  readonly verbose: boolean
  /** Aborted when the run is to stop. */
  readonly signal?: AbortSignal
}

/** How a run ended, as far as an exit code must know. */
export interface Ending {
  readonly summary: SummaryEvent | undefined
  /** Units that failed, such as a role that threw before it had any resource. */
  readonly failedUnits: number
}

/** Tells a run on standard output, in the way that fits it: JSON lines, a live view or plain lines. */
export async function report(events: AsyncIterable<RunEvent>, options: ReportOptions): Promise<Ending> {
  const teller = await tellerFor(options)
  const tally = emptyTally()
  try {
    for await (const event of events) {
      teller.tell(event)
      take(tally, event)
    }
  } finally {
    teller.end()
  }
  const units = Array.from(tally.hosts.values(), (host) => host.units).flat()
  return { summary: tally.summary, failedUnits: units.filter(({ end }) => end === 'failed').length }
}

/** Whether a run is told with a view that is drawn again and again. */
export function hasLiveView({ json = false }: { readonly json?: boolean }): boolean {
  return !json && process.stdout.isTTY && process.env['TERM'] !== 'dumb'
}

/** Each way of telling is loaded only when it is used: chalk and log-update cost 60 ms. */
async function tellerFor(options: ReportOptions): Promise<Teller> {
  if (options.json) return (await import('./views/json-view.ts')).jsonTeller(process.stdout)
  if (hasLiveView(options)) return (await import('./views/live-view.ts')).liveTeller(process.stdout, options)
  return (await import('./views/plain-view.ts')).plainTeller(process.stdout, options)
}
