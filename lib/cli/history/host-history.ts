import { stepsText } from '../../report/changes.ts'
import { oneLine } from '../../report/text/words.ts'
import type { UnreadableRun } from '../../runner/journal/past-run.ts'
import type { Moment } from '../../runner/run-index/entry.ts'
import { momentsOn } from '../../runner/run-index/run-index.ts'

/** A change on a host, a failure there (`caught`: the role continued), or a failed connection. */
interface HostMoment {
  readonly at: number
  readonly run: string
  readonly what: 'changed' | 'failed' | 'caught' | 'stopped' | 'unreachable'
  readonly role?: string
  readonly text: string
}

/**
 * The changes and failures on a host, the latest last. Checks are left out, because they change nothing.
 *
 * @param since milliseconds since the epoch
 */
export function hostHistory(
  host: string,
  directory: string,
  since = 0,
  onUnreadable?: (run: UnreadableRun) => void,
): HostMoment[] {
  // The name of a run says when it began, and what it did came later.
  const first = new Date(Math.max(0, since - LONGEST_RUN)).toISOString().slice(0, 19)
  const name = first.replaceAll(/[-:]/g, '').replace('T', '-')
  const found = momentsOn(host, directory, (run) => run >= name, onUnreadable)
  return found.flatMap(({ run, moments }) =>
    moments.filter(({ at }) => at >= since).map((moment) => hostMoment(run, moment)),
  )
}

const LONGEST_RUN = 86_400_000

function hostMoment(run: string, moment: Moment): HostMoment {
  const { what, at } = moment
  if (what === 'unreachable') return { at, run, what, text: oneLine(moment.message) }
  const { role, resource, steps, reason } = moment
  const why = what !== 'changed' && reason !== undefined ? ` (${reason})` : ''
  // A command by hand is its own name.
  const isNamed = steps.length === 1 && resource.endsWith(`:${steps[0]}`)
  const done = steps.length === 0 || isNamed ? '' : `: ${stepsText({ resource, steps })}`
  return { at, run, what, role, text: oneLine(`${resource}${done}${why}`) }
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/**
 * The time for a word: `tue` (the last one), `today`, `yesterday`, `3d`, `12h`, or a date. Undefined for any other word.
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
