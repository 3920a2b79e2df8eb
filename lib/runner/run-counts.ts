import type { ProblemCode } from '../errors.ts'
import type { HostSummary, Mode, RunEvent, SummaryEvent } from '../events.ts'

type Counts = { -readonly [K in keyof HostSummary]: HostSummary[K] }

/** Problems that count as `unreachable` rather than as failed work. */
const AWAY: readonly ProblemCode[] = ['host-key', 'connect', 'auth', 'lost', 'answer', 'become', 'busy']

/** Adds up the events of a run. */
export class RunCounts {
  readonly #hosts = new Map<string, Counts>()
  readonly #skipped = new Set<string>()
  /** Resources that were reported as failed, each with its host. */
  readonly #failed = new Set<string>()
  /** Something failed or was declined that belongs to no host. */
  #isIncomplete = false

  constructor(hosts: readonly string[]) {
    for (const host of hosts) {
      this.#hosts.set(host, none())
    }
  }

  add(event: RunEvent): void {
    // A role may change another host, which does not belong to this run.
    if ('host' in event && event.type === 'connecting' && !this.#hosts.has(event.host))
      this.#hosts.set(event.host, none())
    const counts = 'host' in event ? this.#hosts.get(event.host) : undefined
    if (event.type === 'problem') {
      const { code, host, resource } = event.problem
      // A resource that failed was counted already. One whose script broke off has no result, and counts here, as failures outside of resources do.
      const isCounted = resource !== undefined && (code !== 'step-failed' || this.#failed.has(keyOf(host, resource)))
      if (host === undefined && code === 'role-threw') this.#isIncomplete = true
      const of = host === undefined ? undefined : this.#hosts.get(host)
      if (of && !isCounted && !AWAY.includes(code)) of.failed += 1
    }
    if (event.type === 'unit-end' && event.notBegun?.type === 'declined') this.#isIncomplete = true
    if (event.type === 'unit-end') for (const each of event.caught ?? []) this.#caught(each.host)
    if (counts === undefined) return
    if (event.type === 'unreachable') counts.unreachable = true
    if (event.type === 'resource') counts[event.status] += 1
    if (event.type === 'resource' && event.status === 'failed') this.#failed.add(keyOf(event.host, event.resource))
    if (event.type === 'resource' && event.interrupted === true) counts.interrupted = (counts.interrupted ?? 0) + 1
    // A role that was not begun, such as one that a plan does not allow, has no failed resource.
    if (event.type === 'unit-end' && event.end === 'failed' && counts.failed === 0) counts.failed = 1
    if (event.type === 'unit-end' && event.end !== 'done' && event.end !== 'failed') this.#leftOut(event, counts)
  }

  /** A role and its gate on one host count as one skipped thing. */
  #leftOut({ host, role, play }: Extract<RunEvent, { type: 'unit-end' }>, counts: Counts): void {
    const name = JSON.stringify([host, role, play])
    if (!this.#skipped.has(name)) counts.skipped += 1
    this.#skipped.add(name)
  }

  #caught(host: string): void {
    const counts = this.#hosts.get(host)
    if (counts === undefined) return
    counts.failed -= 1
    counts.caught = (counts.caught ?? 0) + 1
  }

  summary(mode: Mode, durationMs: number, roundTrips: (host: string) => number): SummaryEvent {
    const hosts = Object.fromEntries(
      [...this.#hosts].map(([name, counts]) => [name, { ...counts, roundTrips: roundTrips(name) }]),
    )
    const ok = !this.#isIncomplete && Object.values(hosts).every((host) => host.failed === 0 && !host.unreachable)
    return { type: 'summary', mode, ok, durationMs, hosts }
  }
}

function keyOf(host: string | undefined, resource: string): string {
  return JSON.stringify([host, resource])
}

function none(): Counts {
  return { ok: 0, changed: 0, unknown: 0, failed: 0, skipped: 0, unreachable: false, roundTrips: 0 }
}
