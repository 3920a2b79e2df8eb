import type { Problem } from '../errors.ts'
import type { HostSummary, ResourceEvent, SummaryEvent } from '../events.ts'
import { changesSection, type ChangesShown } from './changes.ts'
import { folded, hostsText } from './fold.ts'
import { failuresOf, hostsSection, stoppedOf } from './hosts-section.ts'
import { nextLines, stoppedSection, type NextCommands } from './next-steps.ts'
import type { Paint } from './text/paint.ts'
import { notBegunSection } from './not-begun.ts'
import { problemLines } from './problem.ts'
import { type HostProgress, type RunProgress } from './run-progress.ts'
import { listItem, wrap } from './text/width.ts'
import { awayWord, counted, duration, MODE_WORDS, oneLine } from './text/words.ts'

/** Faster roles are not listed as slow. */
const SLOW_MS = 1000
const MOST_SLOW = 3

interface RecapOptions {
  readonly paint: Paint
  /** The width of the screen. Absent: lines are neither cut nor broken. */
  readonly columns?: number | undefined
  /** The changes to list: all, or those that were not listed during the run. */
  readonly changes: ChangesShown
  readonly next?: NextCommands | undefined
}

/**
 * The summary of a run: the numbers of each host, changes, unknowns, slow roles, and at the very end, next to the prompt,
 * failures, the verdict and the next command.
 */
export function recapLines(
  tally: RunProgress,
  { paint, columns = Infinity, changes, next = {} }: RecapOptions,
): string[] {
  const { summary } = tally
  if (summary === undefined) return [paint.failed('The run ended without a summary.')]
  const sections = [
    hostsSection(tally, summary, paint, columns),
    changesSection(tally, paint, { columns, shown: changes }),
    unknownsSection(tally, paint, columns),
    slowSection(tally, paint),
    notBegunSection(tally, paint, columns),
    failuresSection(tally.problems, paint, columns),
    stoppedSection(tally, paint, columns),
    [...wrap(verdict(tally, summary, paint), columns), ...nextLines(tally, next, columns)],
  ]
  return sections.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines])
}

function unknownsSection(tally: RunProgress, paint: Paint, columns: number): string[] {
  const groups = new Map<string, { readonly resource: string; readonly reason: string; readonly hosts: string[] }>()
  for (const { host, resource, reason = 'no reason given' } of resources(tally, ({ unknowns }) => unknowns)) {
    const group = groups.get(`${resource}\n${reason}`) ?? { resource, reason, hosts: [] }
    groups.set(`${resource}\n${reason}`, group)
    group.hosts.push(host)
  }
  if (groups.size === 0) return []
  const lines = [...groups.values()].flatMap(({ resource, reason, hosts }) =>
    listItem(`${oneLine(resource)} ${paint.dim(`on ${hostsText(hosts)}: ${oneLine(reason)}`)}`, columns),
  )
  return [paint.strong('Unknown until applied'), ...lines]
}

function slowSection(tally: RunProgress, paint: Paint): string[] {
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

function failuresSection(problems: readonly Problem[], paint: Paint, columns: number): string[] {
  if (problems.length === 0) return []
  const blocks = folded(problems).map((problem) => problemLines(problem, paint, columns - 2).map((line) => `  ${line}`))
  return [paint.failed('Failed'), ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))]
}

function verified(ok: number, failed: number): string {
  return ok === 0 && failed === 0 ? 'nothing was checked' : `${ok} ok`
}

function verdict(tally: RunProgress, { hosts, ok, durationMs }: SummaryEvent, paint: Paint): string {
  const { mode, playbook } = tally
  const all = Object.values(hosts)
  const sum = (count: (host: HostSummary) => number) => all.reduce((total, host) => total + count(host), 0)
  const parts = [
    mode === 'verify'
      ? verified(
          sum((host) => host.ok),
          sum(failuresOf),
        )
      : `${sum((host) => host.changed)} ${MODE_WORDS[mode].changed}`,
    ...some(
      sum((host) => host.unknown),
      'unknown',
    ),
    ...some(sum(failuresOf), 'failed'),
    ...some(sum(stoppedOf), 'stopped'),
  ]
  const where = `on ${counted(all.length, 'host')}`
  const away = awayCounts(tally, hosts)
    .map(([word, count]) =>
      word.includes(' ') ? `, ${word} on ${counted(count, 'host')}` : `, ${counted(count, 'host')} ${word}`,
    )
    .join('')
  const text = `${playbook} ${wasStopped(tally) ? 'stopped after' : `${MODE_WORDS[mode].done} in`} ${duration(durationMs)}: ${parts.join(', ')} ${where}${away}`
  return ok ? paint.strong(text) : paint.failed(text)
}

/** The number of hosts on which nothing could be done, by reason. */
function awayCounts(tally: RunProgress, hosts: SummaryEvent['hosts']): [word: string, count: number][] {
  const counts = new Map<string, number>()
  for (const [name, { unreachable }] of Object.entries(hosts)) {
    if (!unreachable) continue
    const word = awayWord(tally.hosts.get(name)?.away)
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts]
}

function some(count: number, word: string): string[] {
  return count > 0 ? [`${count} ${word}`] : []
}

function resources(tally: RunProgress, of: (host: HostProgress) => readonly ResourceEvent[]): ResourceEvent[] {
  return Array.from(tally.hosts.values(), of).flat()
}

function wasStopped({ hosts }: RunProgress): boolean {
  return Array.from(hosts.values(), ({ units }) => units)
    .flat()
    .some(({ end }) => end === 'cancelled')
}
