import type { Problem } from '../../lib/errors.ts'
import type { HostSummary, Mode, ResourceEvent, RunEvent } from '../../lib/events.ts'
import { emptyProgress, take, type RunProgress } from '../../lib/report/run-progress.ts'

/** Events with everything that does not matter filled in. */
export const at = 1000
const role = 'base'

export function started(hosts: readonly string[], mode: Mode = 'apply', units = hosts.length): RunEvent {
  return { type: 'run', run: 'r1', mode, playbook: 'site', hosts, units, at }
}

export function resource(
  host: string,
  id: string,
  status: ResourceEvent['status'],
  more: Partial<ResourceEvent> = {},
): ResourceEvent {
  return { type: 'resource', host, role, resource: id, status, steps: [], durationMs: 0, at, ...more }
}

export function unitEnd(
  host: string,
  end: 'done' | 'failed' | 'skipped' | 'unreachable' | 'cancelled' = 'done',
  durationMs = 10,
): RunEvent {
  return { type: 'unit-end', host, role, play: 'all', end, durationMs, at }
}

export function unit(host: string): RunEvent {
  return { type: 'unit', host, role, play: 'all', at }
}

export function step(host: string, say: string): RunEvent {
  return { type: 'step', host, role, resource: 'pkg:bind9', say, at }
}

export function output(host: string, text: string, stream: 'stdout' | 'stderr' = 'stdout'): RunEvent {
  return { type: 'output', host, role, resource: 'pkg:bind9', stream, text, at }
}

export function problem(of: Partial<Problem>): RunEvent {
  return { type: 'problem', problem: { code: 'step-failed', message: 'could not', ...of }, at }
}

export function summary(mode: Mode, hosts: Readonly<Record<string, Partial<HostSummary>>>, ok = true): RunEvent {
  const zero = { ok: 0, changed: 0, unknown: 0, failed: 0, skipped: 0, unreachable: false, roundTrips: 2 }
  const whole = Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, { ...zero, ...host }]))
  return { type: 'summary', mode, ok, durationMs: 1234, hosts: whole }
}

export function tallyOf(...events: readonly RunEvent[]): RunProgress {
  const tally = emptyProgress()
  for (const event of events) take(tally, event)
  return tally
}
