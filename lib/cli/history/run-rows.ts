import { counted, duration, RUN_ENDS } from '../../report/text/words.ts'
import { hang, pad } from '../../report/text/width.ts'
import { lastUnfinished, requestKey } from '../../runner/journal/run-history.ts'
import type { PastRun } from '../../runner/journal/past-run.ts'
import { entryOf } from '../../runner/run-index/entry.ts'
import type { ListedRun } from '../../runner/run-index/run-index.ts'
import { shownName } from '../../gate/gate.ts'

/** The runs of a project, a line each, and the command that continues the last one with something left. */
export function runLines(runs: readonly ListedRun[], columns: number): string[] {
  const rows = runs.map((past) => ({
    run: past.run,
    what: past.request.command ?? `${past.request.mode} ${past.request.playbook}`,
    hosts: counted(past.hosts, 'host'),
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

/** `rolecall resume RUN`, with the names of the values that must be given again. */
export function resumeCommand({ run, request }: Pick<PastRun, 'run' | 'request'>): string {
  return `rolecall resume ${run}${request.withheld.map((name) => ` -e ${shownName(name)}=...`).join('')}`
}

/** Runs as data, for other programs, the oldest first. Times are milliseconds since the epoch. */
export function runsData(runs: readonly PastRun[]): object[] {
  const byRequest = new Map<string, PastRun>()
  const byResumed = new Map<string, PastRun>()
  const data: object[] = []
  for (const past of [...runs].reverse()) {
    const request = requestKey(past)
    const [repeated] = [byRequest.get(request) ?? [], byResumed.get(past.run) ?? []].flat().sort((a, b) => a.at - b.at)
    data.push(runData(past, repeated))
    byRequest.set(request, past)
    if (past.resumes !== undefined) byResumed.set(past.resumes, past)
  }
  return data.reverse()
}

function runData(past: PastRun, repeated: PastRun | undefined): object {
  const { run, at, by, request, hosts, end, units, left, resumes } = past
  const { ended } = entryOf(past)
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
    ...(ended === undefined
      ? {}
      : {
          durationMs: ended.durationMs,
          changed: ended.changed,
          failed: ended.failed,
          ...(ended.stopped === 0 ? {} : { stopped: ended.stopped }),
          unreachable: ended.unreachable,
        }),
    ...(resumes === undefined ? {} : { resumes }),
    ...(repeated === undefined ? {} : { repeatedBy: repeated.run }),
  }
}

/** How a run ended, in words. */
export function endOf({ end, ended, by, request }: Pick<ListedRun, 'end' | 'ended' | 'by' | 'request'>): string {
  if (end === 'running') return `still running: process ${by.pid} of ${shownName(by.user)}`
  if (ended === undefined) return RUN_ENDS[end]
  const { changed, failed, stopped, unreachable, durationMs } = ended
  const counts: [number, string][] = [
    [changed, request.mode === 'check' ? 'would change' : 'changed'],
    [failed, 'failed'],
    [stopped, 'stopped'],
    [unreachable, 'unreachable'],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const after = end === 'interrupted' ? 'after' : 'in'
  return `${RUN_ENDS[end]} ${after} ${duration(durationMs)}${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}
