import { hostsText } from './fold.ts'
import type { Paint } from './text/paint.ts'
import type { RunProgress } from './run-progress.ts'
import { hang, listItem } from './text/width.ts'
import { counted, oneLine } from './text/words.ts'

/** Commands that may follow a run. */
export interface NextCommands {
  /** Continues this run. Undefined for a run without a journal. */
  readonly resume?: (run: string) => string
  /** After a check: makes the changes. */
  readonly apply?: string
}

const MOST_STOPPED = 5

/** The step of a role at which the run was stopped, and the hosts that were at this step. */
interface StoppedGroup {
  readonly role: string
  readonly during: string
  readonly hosts: string[]
}

export function stoppedGroups(tally: RunProgress): StoppedGroup[] {
  const groups = new Map<string, StoppedGroup>()
  for (const { host, role, end, during } of Array.from(tally.hosts.values(), ({ units }) => units).flat()) {
    if (end !== 'cancelled' || during === undefined) continue
    const key = `${role}\n${during}`
    const group = groups.get(key) ?? { role, during, hosts: [] }
    groups.set(key, group)
    group.hosts.push(host)
  }
  return [...groups.values()]
}

/** The steps at which a run was stopped. */
export function stoppedSection(tally: RunProgress, paint: Paint, columns = Infinity): string[] {
  const all = stoppedGroups(tally)
  if (all.length === 0) return []
  const lines = all.slice(0, MOST_STOPPED).flatMap(({ role, during, hosts }) => {
    return listItem(`${oneLine(role)} ${paint.dim(`on ${hostsText(hosts)}: ${oneLine(during)}`)}`, columns)
  })
  const more = all.slice(MOST_STOPPED).reduce((sum, { hosts }) => sum + hosts.length, 0)
  return [
    paint.strong('Stopped at'),
    ...lines,
    ...(more > 0 ? [paint.dim(`  and on ${counted(more, 'more host')}`)] : []),
  ]
}

/** The next command, if there is one. It is printed last, next to the prompt. */
export function nextLines(tally: RunProgress, { resume, apply }: NextCommands, columns: number): string[] {
  const left = Array.from(tally.hosts.values(), ({ units }) => units)
    .flat()
    .filter(({ end }) => end !== 'done').length
  // Units that never began have no end event.
  const open = left + Math.max(0, tally.units - tally.ended)
  const command = (text: string, what: string) => hang(`  ${text}  `, what, columns)
  if (open > 0 && tally.mode === 'apply' && resume !== undefined && tally.run !== '')
    return command(resume(tally.run), `goes on: ${counted(open, 'unit')} left of ${tally.units}`)
  const changes = Array.from(tally.hosts.values()).some((host) => host.changes.length > 0)
  if (open === 0 && tally.mode === 'check' && changes && apply !== undefined)
    return command(apply, 'makes these changes')
  return []
}
