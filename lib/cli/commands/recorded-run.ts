import type { PastRun } from '../../runner/journal/run-history.ts'
import { counted, duration, RUN_ENDS } from '../../report/words.ts'

/** A run as a table shows it. All of it is text. */
export type JournalledRun = Readonly<
  Record<'run' | 'when' | 'mode' | 'playbook' | 'hosts' | 'end' | 'left' | 'go on with', string>
>

export function journalledRun(past: PastRun): JournalledRun {
  const { run, at, request, hosts, units, left } = past
  const canResume = left > 0 && past.end !== 'running'
  return {
    run,
    when: new Date(at).toLocaleString('sv-SE'),
    mode: request.mode,
    playbook: request.playbook,
    hosts: counted(hosts.length, 'host'),
    end: endOf(past),
    left: left === 0 ? '' : `${left} of ${counted(units, 'unit')}`,
    'go on with': canResume
      ? `rolecall resume ${run}${request.withheld.map((name) => ` -e ${name}=...`).join('')}`
      : '',
  }
}

function endOf({ end, summary, by }: PastRun): string {
  if (end === 'running') return `still running: process ${by.pid} of ${by.user}`
  if (summary === undefined) return RUN_ENDS[end]
  const hosts = Object.values(summary.hosts)
  const counts: [number, string][] = [
    [hosts.reduce((sum, host) => sum + host.changed, 0), summary.mode === 'check' ? 'would change' : 'changed'],
    [hosts.reduce((sum, host) => sum + host.failed, 0), 'failed'],
    [hosts.filter((host) => host.unreachable).length, 'unreachable'],
  ]
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const after = end === 'interrupted' ? 'after' : 'in'
  return `${RUN_ENDS[end]} ${after} ${duration(summary.durationMs)}${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}
