import { hostsText } from '../../report/fold.ts'
import type { DriftRow } from '../../report/html/contents.ts'
import { paintFor } from '../../report/text/paint.ts'
import { silentView } from '../../report/views/silent.ts'
import { counted } from '../../report/text/words.ts'
import { recordedRun } from '../../runner/journal/journal-events.ts'
import { listRuns } from '../../runner/run-index/run-index.ts'
import { isSameRequest, runFrom } from '../../runner/journal/run-history.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import type { RunEvent } from '../../events.ts'
import { EXIT, isInterruption } from '../exit-codes.ts'
import { executeRun, requestOf } from '../execute-run.ts'
import { tellUnreadable } from '../history/told-journals.ts'
import { print, printJson } from '../print.ts'
import type { RunFlags } from '../run-options.ts'
import { table } from '../table.ts'
import { driftIn, type Drift, type PastCheck, type Settled } from './drift.ts'

export interface DriftFlags extends RunFlags {
  readonly output?: string
}

/** The number of earlier checks to compare with. */
const MOST_CHECKS = 60

/** `rolecall drift PLAYBOOK`: a check that is journalled and compared with earlier ones. */
export async function showDrift(playbook: string, flags: DriftFlags): Promise<void> {
  const { json = false, output } = flags
  let run = ''
  const onEvent = (event: RunEvent) => {
    if (event.type === 'run') run = event.run
  }
  // The view shows failures; differences are printed below.
  const view = json ? { view: silentView } : {}
  await executeRun(
    playbook,
    requestOf('check', flags),
    { ...flags, json: false, quiet: true },
    { onEvent, ...view, next: {} },
  )
  if (run === '' || isInterruption(process.exitCode)) return
  const { drift, settled } = driftIn(checksUpTo(run))
  if (drift.length > 0 && (process.exitCode ?? EXIT.done) === EXIT.done) process.exitCode = EXIT.wouldChange
  if (output !== undefined) {
    const { writeReports } = await import('../history/write-reports.ts')
    const page = { rows: grouped(drift), settled: settledOf(settled) }
    writeReports(run, { output, junit: undefined, github: false, drift: page })
  }
  if (json) return printJson({ run, drift, settled })
  const paint = paintFor('stdout')
  if (settled.length > 0) print(['', `As wanted again since the last check: ${settledOf(settled).join(', ')}`])
  const isComplete = (process.exitCode ?? EXIT.done) === EXIT.done
  if (drift.length === 0)
    return print(['', isComplete ? 'Nothing differs.' : 'Nothing else differs, as far as the check came.'])
  process.stdout.write(`\n${paint.strong(`${counted(drift.length, 'thing')} not as wanted`)}\n`)
  const rows = grouped(drift).map(({ since, hosts, resource, what }) => [since, hosts, resource, what])
  print(table(rows).map((line) => `  ${line}`))
  print(['', `rolecall runs show ${run} --verbose shows the check; rolecall apply ${playbook} makes these changes`])
}

/** Checks with the same request, the latest last. */
function checksUpTo(run: string): PastCheck[] {
  const past = runFrom(run)
  const { runs, unreadable } = listRuns(JOURNALS)
  tellUnreadable(unreadable, 'is not compared')
  const same = runs.filter(
    (each) => each.at <= past.at && each.end !== 'crashed' && each.end !== 'running' && isSameRequest(each, past),
  )
  const chosen = same.filter((each) => each.run !== run).slice(-MOST_CHECKS)
  return [...chosen, past].map((each) => ({ run: each.run, at: each.at, events: recordedRun(each.run).events }))
}

/** One row for equal differences that several hosts have had since the same check. */
function grouped(drift: readonly Drift[]): DriftRow[] {
  const groups = new Map<string, { readonly first: Drift; readonly hosts: string[] }>()
  for (const each of drift) {
    const key = JSON.stringify([each.resource, each.what, each.run])
    const group = groups.get(key) ?? { first: each, hosts: [] }
    groups.set(key, group)
    group.hosts.push(each.host)
  }
  return [...groups.values()]
    .sort((a, b) => a.first.since - b.first.since)
    .map(({ first: { resource, what, since, checks }, hosts }) => ({
      since: checks === 1 ? 'new' : `since ${new Date(since).toLocaleString('sv-SE').slice(0, 16)}`,
      hosts: hostsText(hosts),
      resource,
      what,
    }))
}

function settledOf(settled: readonly Settled[]): string[] {
  return [...new Set(settled.map(({ resource, host }) => `${resource} on ${host}`))]
}
