import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stepsText } from '../../report/changes.ts'
import { oneLine } from '../../report/text/words.ts'
import { eventsIn } from '../../runner/journal/journal-events.ts'
import { valueOf } from '../../runner/journal/journal-text.ts'
import { journalNames } from '../../runner/journal/run-history.ts'

/** Something that changed on a host, failed there, or kept it from being reached. */
export interface HostMoment {
  readonly at: number
  readonly run: string
  readonly what: 'changed' | 'failed' | 'unreachable'
  readonly role?: string
  readonly text: string
}

/**
 * What was done on a host, the latest last. Only applies count: a check changes nothing.
 *
 * @param since milliseconds since the epoch
 */
export function hostHistory(host: string, directory: string, since = 0): HostMoment[] {
  // Journals of others are not parsed: there may be thousands.
  const words = [Buffer.from('"mode":"apply"'), Buffer.from(`"host":${JSON.stringify(host)}`)]
  const first = new Date(since).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const names = journalNames(directory).filter((run) => since === 0 || run >= first)
  return names.flatMap((run) => {
    const bytes = readFileSync(join(directory, `${run}.jsonl`))
    if (words.some((word) => !bytes.includes(word))) return []
    const wanted = words[1]?.toString() ?? ''
    const lines = bytes
      .toString('utf8')
      .split('\n')
      // Journals of versions before 0.2 call a change `change`.
      .filter((line) => line.includes(wanted) && /"status":"(changed?|failed)"|"type":"unreachable"/.test(line))
    return momentsIn(run, host, eventsIn(lines.map(valueOf)))
  })
}

function momentsIn(run: string, host: string, events: ReturnType<typeof eventsIn>): HostMoment[] {
  return events.flatMap((event): HostMoment[] => {
    if (event.type === 'resource' && event.host === host && (event.status === 'changed' || event.status === 'failed')) {
      const { at, role, resource, steps, reason } = event
      const isFailed = event.status === 'failed'
      const why = isFailed && reason !== undefined ? ` (${reason})` : ''
      const done = steps.length === 0 ? '' : `: ${stepsText(event)}`
      return [{ at, run, what: isFailed ? 'failed' : 'changed', role, text: oneLine(`${resource}${done}${why}`) }]
    }
    if (event.type === 'unreachable' && event.host === host)
      return [{ at: event.at, run, what: 'unreachable', text: oneLine(event.problem.message) }]
    return []
  })
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/**
 * A moment as a person says it: `tue` (the last one), `today`, `yesterday`, `3d`, `12h`, or a date. Undefined when it is none of these.
 *
 * @example sinceOf('3d', now)   // three days before now
 */
export function sinceOf(text: string, now: Date): number | undefined {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate())
  const daysAgo = (days: number) =>
    new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate() - days).getTime()
  const word = text.trim().toLowerCase()
  if (word === 'today') return daysAgo(0)
  if (word === 'yesterday') return daysAgo(1)
  const day = DAYS.findIndex((name) => word === name || (word.startsWith(name) && word.endsWith('day')))
  if (day >= 0) return daysAgo((midnight.getDay() - day + 7) % 7 || 7)
  const [, amount = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(word) ?? []
  if (amount !== '' && isUnit(unit)) return now.getTime() - Number(amount) * UNITS[unit]
  const date = /^\d{4}-\d\d-\d\d/.test(word) ? Date.parse(word.length === 10 ? `${word}T00:00:00` : text) : NaN
  return Number.isNaN(date) ? undefined : date
}

function isUnit(unit: string): unit is keyof typeof UNITS {
  return unit in UNITS
}
