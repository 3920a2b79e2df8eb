import type { Problem } from '../errors.ts'
import type { HostSummary, Mode, ResourceEvent, SummaryEvent } from '../events.ts'
import { changesSection } from './changes.ts'
import type { Paint } from './paint.ts'
import { notBegunSection } from './not-begun.ts'
import { problemLines } from './problem.ts'
import type { HostTally, Tally } from './tally.ts'
import { pad, width } from './width.ts'
import { counted, duration, listed, MODE_WORDS, oneLine } from './words.ts'

/** Below this nobody asks why it took so long. */
const SLOW_MS = 1000
const MOST_SLOW = 3

/**
 * What is to be read when a run has ended: the hosts in numbers, what changed, what is not known, what was slow, and at
 * the very end, next to the prompt, what failed and how the whole thing stands.
 */
export function recapLines(tally: Tally, paint: Paint, columns?: number): string[] {
  const { summary } = tally
  if (summary === undefined) return [paint.failed('The run ended without a summary.')]
  const sections = [
    hostsSection(tally, summary, paint),
    changesSection(tally, paint, columns),
    unknownsSection(tally, paint),
    slowSection(tally, paint),
    notBegunSection(tally, paint),
    failuresSection(tally.problems, paint),
    [verdict(tally, summary, paint)],
  ]
  return sections.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines])
}

function hostsSection(tally: Tally, { hosts, mode }: SummaryEvent, paint: Paint): string[] {
  const rows = Object.entries(hosts)
  const column = Math.max(0, ...rows.map(([name]) => width(name)))
  const counts = rows.map(([, host]) => numbers(host, mode, tally, paint))
  const widest = Math.max(0, ...counts.map(({ length }) => length))
  return rows.map(([name, host], index) => {
    const { text, length } = counts[index] ?? { text: '', length: 0 }
    const trips = paint.dim(counted(host.roundTrips, 'round trip'))
    return `  ${pad(name, column)}  ${text}${' '.repeat(widest - length)}   ${trips}`
  })
}

/** The counts of a host that are not zero; of one with nothing to tell, how much is as wanted. */
function numbers(host: HostSummary, mode: Mode, tally: Tally, paint: Paint): { text: string; length: number } {
  const isVerify = mode === 'verify'
  const parts: [number, string, (text: string) => string][] = [
    [host.ok, 'ok', paint.ok],
    [host.changed, MODE_WORDS[tally.mode].changed, paint.change],
    [host.unknown, 'unknown', paint.unknown],
    [host.skipped, 'left out', paint.dim],
    [failures(host), 'failed', paint.failed],
  ]
  const shown = parts.filter(([count, word]) => count > 0 || (word === 'ok' && !host.unreachable && !isVerify))
  const words = [
    ...shown.map(([count, word, brush]) => ({ text: brush(`${count} ${word}`), length: `${count} ${word}`.length })),
    ...(host.unreachable ? [{ text: paint.failed('unreachable'), length: 'unreachable'.length }] : []),
  ]
  return {
    text: words.map(({ text }) => text).join('  '),
    length: words.reduce((sum, { length }) => sum + length + 2, -2),
  }
}

function unknownsSection(tally: Tally, paint: Paint): string[] {
  const unknowns = resources(tally, (host) => host.unknowns)
  if (unknowns.length === 0) return []
  const lines = unknowns.map(
    ({ host, resource, reason }) =>
      `  ${oneLine(resource)} ${paint.dim(`on ${host}: ${oneLine(reason ?? 'no reason given')}`)}`,
  )
  return [paint.strong('Not known before it is really done'), ...lines]
}

function slowSection(tally: Tally, paint: Paint): string[] {
  const slow = Array.from(tally.hosts.values(), ({ units }) => units)
    .flat()
    .filter(({ durationMs }) => durationMs >= SLOW_MS)
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, MOST_SLOW)
  if (slow.length === 0) return []
  return [
    paint.strong('Slowest'),
    ...slow.map(({ role, host, durationMs }) => `  ${role} ${paint.dim(`on ${host}: ${duration(durationMs)}`)}`),
  ]
}

function failuresSection(problems: readonly Problem[], paint: Paint): string[] {
  if (problems.length === 0) return []
  const blocks = alike(problems).map((problem) => problemLines(problem, paint).map((line) => `  ${line}`))
  return [paint.failed('Failed'), ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))]
}

/** The same problem on many hosts is one problem of all of them. */
function alike(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, { readonly problem: Problem; readonly hosts: string[] }>()
  for (const problem of problems) {
    const { host, ...what } = problem
    const key = JSON.stringify(what)
    const group = groups.get(key) ?? { problem, hosts: [] }
    groups.set(key, group)
    if (host !== undefined) group.hosts.push(host)
  }
  return Array.from(groups.values(), ({ problem, hosts }) =>
    hosts.length > 1 ? { ...problem, host: listed(hosts) } : problem,
  )
}

function verified(ok: number, failed: number): string {
  return ok === 0 && failed === 0 ? 'nothing was checked' : `${ok} ok`
}

/** That a host is unreachable is said in its own word. */
function failures(host: HostSummary): number {
  return host.unreachable ? 0 : host.failed
}

function verdict(tally: Tally, { hosts, ok, durationMs }: SummaryEvent, paint: Paint): string {
  const { mode, playbook } = tally
  const all = Object.values(hosts)
  const sum = (count: (host: HostSummary) => number) => all.reduce((total, host) => total + count(host), 0)
  const unreachable = all.filter((host) => host.unreachable).length
  const parts = [
    mode === 'verify'
      ? verified(
          sum((host) => host.ok),
          sum(failures),
        )
      : `${sum((host) => host.changed)} ${MODE_WORDS[mode].changed}`,
    ...some(
      sum((host) => host.unknown),
      'unknown',
    ),
    ...some(sum(failures), 'failed'),
  ]
  const where = `on ${counted(all.length, 'host')}`
  const away = unreachable > 0 ? `, ${counted(unreachable, 'host')} unreachable` : ''
  const text = `${playbook} ${wasStopped(tally) ? 'stopped after' : `${MODE_WORDS[mode].done} in`} ${duration(durationMs)}: ${parts.join(', ')} ${where}${away}`
  return ok ? paint.strong(text) : paint.failed(text)
}

function some(count: number, word: string): string[] {
  return count > 0 ? [`${count} ${word}`] : []
}

function resources(tally: Tally, of: (host: HostTally) => readonly ResourceEvent[]): ResourceEvent[] {
  return Array.from(tally.hosts.values(), of).flat()
}

function wasStopped({ hosts }: Tally): boolean {
  return Array.from(hosts.values(), ({ units }) => units)
    .flat()
    .some(({ end }) => end === 'cancelled')
}
