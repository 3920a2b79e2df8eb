import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { HostSummary, Mode, RunEvent } from '../../lib/events.ts'
import type { RunHeader } from '../../lib/runner/journal/journal.ts'
import type { SourceLine } from '../../lib/runner/journal/journal.ts'

export interface YearOptions {
  readonly runs: number
  readonly hosts: number
  /** Of each run on each host. */
  readonly resources: number
  /** When the last run began. */
  readonly until: number
  /** Over how many days. */
  readonly days?: number
}

/** What a journal of so many runs must be read as: worked out from what was written, not from how it is read. */
export interface YearTruth {
  readonly names: readonly string[]
  /** Lines of `history` for each host: run, what, resource. */
  readonly moments: ReadonlyMap<string, readonly string[]>
}

const DAY_MS = 86_400_000
const ROLES = ['base', 'web', 'database', 'monitoring']

/**
 * Writes the journals of a project that was applied, checked and verified for a year: most runs are well, some fail, some hosts are away, some were interrupted or killed, some were
 * gone on with. The same numbers make the same year.
 */
export function writeYear(directory: string, options: YearOptions): YearTruth {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const names: string[] = []
  const moments = new Map<string, string[]>()
  let open: string | undefined
  for (let n = 0; n < options.runs; n++) {
    const at = options.until - Math.floor(((options.runs - 1 - n) * (options.days ?? 365) * DAY_MS) / options.runs)
    const run = idOf(at, n)
    const events = eventsOf(n, run, at, options)
    const resumes = open !== undefined && n % 50 === 1 ? open : undefined
    writeJournal(directory, headerOf(run, at, modeOf(n), resumes), events)
    open = n % 50 === 0 ? run : undefined
    names.push(run)
    if (modeOf(n) === 'apply') for (const event of events) note(moments, run, event)
  }
  return { names, moments }
}

function note(moments: Map<string, string[]>, run: string, event: RunEvent): void {
  if (event.type !== 'resource' && event.type !== 'unreachable') return
  if (event.type === 'resource' && event.status !== 'changed' && event.status !== 'failed') return
  const told = event.type === 'resource' ? `${run} ${event.status} ${event.resource}` : `${run} unreachable`
  moments.set(event.host, [...(moments.get(event.host) ?? []), told])
}

function modeOf(n: number): Mode {
  return n % 3 === 0 ? 'check' : n % 17 === 5 ? 'verify' : 'apply'
}

function idOf(at: number, n: number): string {
  const second = new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${second}-${n.toString(36).padStart(5, '0')}`
}

function headerOf(run: string, at: number, mode: Mode, resumes: string | undefined): RunHeader {
  return {
    type: 'request',
    version: 1,
    run,
    at,
    by: { user: 'anna', machine: hostname(), pid: 999_999_999, start: '1' },
    request: { mode, playbook: 'site', inventory: 'inventory', extra: [], withheld: [] },
    digests: { playbook: 'p', inventory: 'i' },
    ...(resumes === undefined ? {} : { resumes }),
    program: '0.1.0',
  }
}

/** Every 41st run was killed, and says nothing of its end; of every 50th one host failed, and the next run goes on from it. */
function eventsOf(n: number, run: string, at: number, { hosts, resources }: YearOptions): RunEvent[] {
  const mode = modeOf(n)
  const names = Array.from({ length: hosts }, (_, nth) => `node-${String(nth).padStart(3, '0')}`)
  const events: RunEvent[] = [
    { type: 'run', run, mode, playbook: 'site', hosts: names, units: hosts * ROLES.length, at },
  ]
  const summaries: Record<string, HostSummary> = {}
  for (const [nth, host] of names.entries()) {
    const isAway = (n + nth) % 97 === 3
    const counts = { ok: 0, changed: 0, unknown: 0, failed: 0, skipped: 0 }
    events.push({ type: 'connecting', host, at })
    if (isAway) events.push({ type: 'unreachable', host, problem: { code: 'connect', message: 'no route' }, at })
    else events.push({ type: 'connected', host, os: 'Debian GNU/Linux 12', at: at + 40 })
    for (const [place, role] of ROLES.entries()) {
      if (!isAway) events.push({ type: 'unit', host, role, play: 'all', at: at + 50 })
      const isFailing = !isAway && n % 50 === 0 && nth === 0 && place === 1
      for (let each = place; each < resources && !isAway; each += ROLES.length) {
        const isChanged = (n * 7 + nth * 3 + each) % 23 === 0
        const status = isFailing && each === place ? 'failed' : isChanged ? 'changed' : 'ok'
        counts[status]++
        const resource = `file:/etc/app/${role}-${each}.conf`
        const steps = status === 'ok' ? [] : [`write ${resource.slice('file:'.length)}`]
        const reason = status === 'failed' ? { reason: 'the host says status 1' } : {}
        const about = { host, role, resource, status, steps, ...reason, durationMs: 12, at: at + 60 + each } as const
        events.push({ type: 'resource', ...about })
      }
      const end = isAway ? 'unreachable' : isFailing ? 'failed' : 'done'
      events.push({ type: 'unit-end', host, role, play: 'all', end, durationMs: 90, at: at + 200 })
    }
    summaries[host] = { ...counts, unreachable: isAway, roundTrips: 6 }
  }
  if (n % 41 === 40) return events.slice(0, -1)
  const ok = Object.values(summaries).every(({ failed, unreachable }) => failed === 0 && !unreachable)
  return [...events, { type: 'summary', mode, ok, durationMs: 4_000, hosts: summaries }]
}

function writeJournal(directory: string, header: RunHeader, events: readonly RunEvent[]): void {
  const source: SourceLine = { type: 'source', commit: '0'.repeat(40), branch: 'main', dirty: false }
  const text = [header, ...events, source].map((line) => `${JSON.stringify(line)}\n`).join('')
  writeFileSync(join(directory, `${header.run}.jsonl`), text, { mode: 0o600 })
}
