import type { HostSummary, RunEvent } from '../../events.ts'
import { changesOf } from '../../report/changes.ts'
import { folded } from '../../report/fold.ts'
import { stoppedGroups } from '../../report/next-steps.ts'
import { emptyProgress, take } from '../../report/run-progress.ts'
import { eventsIn } from '../../runner/journal/journal-events.ts'

/** The number of listed items of one sort; the rest is counted. */
const MOST_LISTED = 100
const MOST_HOSTS = 20
const MOST_OUTPUT = 4000

/** The result of a run, short enough for an agent: totals, equal changes of many hosts once, failures with the host's output. */
export function runResult(events: readonly RunEvent[]): object {
  const progress = emptyProgress()
  for (const event of events) take(progress, event)
  const begun = events.find((event) => event.type === 'run')
  const { summary } = progress
  const changes = changesOf(progress)
  const unknowns = unknownsOf(events)
  const problems = folded(progress.problems)
  const stopped = stoppedGroups(progress)
  const stray = Object.values(summary?.hosts ?? {})
  return {
    ...(begun === undefined
      ? {}
      : { run: begun.run, mode: begun.mode, playbook: begun.playbook, hosts: begun.hosts.length }),
    ...(summary === undefined ? { ended: false } : { ended: true, ok: summary.ok, seconds: summary.durationMs / 1000 }),
    sums: sumsOf(stray),
    [(begun ?? summary)?.mode === 'check' ? 'wouldChange' : 'changed']: changes.slice(0, MOST_LISTED).map((change) => ({
      ...change,
      ...shortHosts(change.hosts),
    })),
    ...(stopped.length === 0
      ? {}
      : { stoppedAt: stopped.slice(0, MOST_LISTED).map((each) => ({ ...each, ...shortHosts(each.hosts) })) }),
    unknown: unknowns.slice(0, MOST_LISTED).map((each) => ({ ...each, ...shortHosts(each.hosts) })),
    problems: problems
      .slice(0, MOST_LISTED)
      .map((problem) =>
        problem.output === undefined ? problem : { ...problem, output: problem.output.slice(-MOST_OUTPUT) },
      ),
    ...leftOff({
      changes: changes.length,
      stoppedAt: stopped.length,
      unknown: unknowns.length,
      problems: problems.length,
    }),
  }
}

/** The events among the lines that a command printed with `--json`. */
export function eventsOf(out: string): RunEvent[] {
  return eventsIn(out.split('\n').flatMap((line) => jsonOf(line) ?? []))
}

/** The data of one line of output; undefined for a line that is not JSON. */
export function jsonOf(line: string): unknown {
  // A failed attempt takes a hundred times as long, and hosts may print many lines.
  if (!/^\s*[[{"\w-]/.test(line)) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

interface Unknown {
  readonly resource: string
  readonly reason: string
  readonly hosts: string[]
}

function unknownsOf(events: readonly RunEvent[]): Unknown[] {
  const groups = new Map<string, Unknown>()
  for (const event of events) {
    if (event.type !== 'resource' || event.status !== 'unknown') continue
    const { resource, reason = '', host } = event
    const key = `${resource}\n${reason}`
    const group = groups.get(key) ?? { resource, reason, hosts: [] }
    groups.set(key, group)
    group.hosts.push(host)
  }
  return [...groups.values()]
}

function sumsOf(hosts: readonly HostSummary[]): object {
  const sum = (key: 'ok' | 'changed' | 'unknown' | 'failed' | 'skipped') =>
    hosts.reduce((total, host) => total + host[key], 0)
  const stopped = hosts.reduce((total, { interrupted = 0 }) => total + interrupted, 0)
  const caught = hosts.reduce((total, host) => total + (host.caught ?? 0), 0)
  return {
    ok: sum('ok'),
    changed: sum('changed'),
    unknown: sum('unknown'),
    failed: sum('failed') - stopped,
    ...(stopped === 0 ? {} : { stopped }),
    ...(caught === 0 ? {} : { caught }),
    skipped: sum('skipped'),
    unreachableHosts: hosts.filter(({ unreachable }) => unreachable).length,
  }
}

function shortHosts(hosts: readonly string[]): object {
  if (hosts.length <= MOST_HOSTS) return { hosts }
  return { hosts: hosts.slice(0, MOST_HOSTS), moreHosts: hosts.length - MOST_HOSTS }
}

function leftOff(counts: Readonly<Record<string, number>>): object {
  const over = Object.entries(counts).filter(([, count]) => count > MOST_LISTED)
  return over.length === 0
    ? {}
    : { leftOff: Object.fromEntries(over.map(([name, count]) => [name, count - MOST_LISTED])) }
}
