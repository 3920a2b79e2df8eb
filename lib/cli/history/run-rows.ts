import { counted, duration, RUN_ENDS } from '../../report/text/words.ts'
import { hang, pad } from '../../report/text/width.ts'
import { goesOver, lastUnfinished, type PastRun } from '../../runner/journal/run-history.ts'
import { shownName } from '../../gate/gate.ts'

/** The runs of a project, a line each, and how to go on with the last one that has something left. */
export function runLines(runs: readonly PastRun[], columns: number): string[] {
  const rows = runs.map((past) => ({
    run: past.run,
    what: past.request.command ?? `${past.request.mode} ${past.request.playbook}`,
    hosts: counted(past.hosts.length, 'host'),
    end: endOf(past),
  }))
  const widest = (cells: readonly string[]) => Math.max(0, ...cells.map((cell) => cell.length))
  const [run, what, hosts] = [
    widest(rows.map((row) => row.run)),
    Math.min(24, widest(rows.map((row) => row.what))),
    widest(rows.map((row) => row.hosts)),
  ]
  const lines = rows.flatMap((row) =>
    hang(
      `${pad(shownName(row.run), run)}  ${pad(shownName(row.what), what)}  ${pad(row.hosts, hosts)}  `,
      row.end,
      columns,
    ),
  )
  const open = lastUnfinished(runs)
  return open === undefined
    ? lines
    : [...lines, '', ...hang(`${open.left} of ${counted(open.units, 'unit')} left  `, resumeCommand(open), columns)]
}

/** `rolecall resume RUN`, with the names of what must be given again. */
export function resumeCommand({ run, request }: PastRun): string {
  return `rolecall resume ${run}${request.withheld.map((name) => ` -e ${shownName(name)}=...`).join('')}`
}

/** A run as data, for other programs. Times are milliseconds since the epoch. */
export function runData(past: PastRun, later: readonly PastRun[]): object {
  const { run, at, by, request, hosts, end, summary, units, left, resumes } = past
  const repeated = later.find((each) => each.at > at && goesOver(each, past))
  return {
    run,
    at,
    mode: request.mode,
    playbook: request.playbook,
    ...(request.command === undefined ? {} : { command: request.command }),
    inventory: request.inventory,
    by: { user: by.user, machine: by.machine, pid: by.pid },
    hosts,
    end,
    units,
    left,
    ...(summary === undefined ? {} : { durationMs: summary.durationMs, ...countsOf(past) }),
    ...(resumes === undefined ? {} : { resumes }),
    ...(repeated === undefined ? {} : { repeatedBy: repeated.run }),
  }
}

function countsOf({ summary }: PastRun) {
  const hosts = Object.values(summary?.hosts ?? {})
  return {
    changed: hosts.reduce((sum, host) => sum + host.changed, 0),
    failed: hosts.reduce((sum, host) => sum + host.failed, 0),
    unreachable: hosts.filter((host) => host.unreachable).length,
  }
}

/** How a run ended, in words. */
export function endOf(past: PastRun): string {
  const { end, summary, by } = past
  if (end === 'running') return `still running: process ${by.pid} of ${shownName(by.user)}`
  if (summary === undefined) return RUN_ENDS[end]
  const { changed, failed, unreachable } = countsOf(past)
  const counts: [number, string][] = [
    [changed, summary.mode === 'check' ? 'would change' : 'changed'],
    [failed, 'failed'],
    [unreachable, 'unreachable'],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const after = end === 'interrupted' ? 'after' : 'in'
  return `${RUN_ENDS[end]} ${after} ${duration(summary.durationMs)}${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}
