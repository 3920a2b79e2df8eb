import { text, value } from '../kit/options/option-types.ts'

/** When a job runs. What is left out is `*`. */
export interface CronTimes {
  readonly minute?: number | string
  readonly hour?: number | string
  readonly day?: number | string
  readonly month?: number | string
  readonly weekday?: number | string
}

const FIELDS = {
  minute: { least: 0, most: 59, names: [] },
  hour: { least: 0, most: 23, names: [] },
  day: { least: 1, most: 31, names: [] },
  month: {
    least: 1,
    most: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  weekday: { least: 0, most: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} as const

export const timesOptions = () => ({
  minute: field('minute').optional(),
  hour: field('hour').optional(),
  day: field('day').optional(),
  month: field('month').optional(),
  weekday: field('weekday').optional(),
})

/** cron drops a whole file for one field that it cannot read, and says so in a log only. */
function field(name: keyof typeof FIELDS) {
  const { least, most, names } = FIELDS[name]
  const known: readonly string[] = names
  const number = (given: string) => (/^\d+$/.test(given) ? Number(given) : known.indexOf(given.toLowerCase()) + least)
  const isNumber = (given: string) =>
    (/^\d{1,2}$/.test(given) && Number(given) >= least && Number(given) <= most) || known.includes(given.toLowerCase())
  const isPart = (part: string) => {
    const [, range = '', , step] = /^([^/]+)(\/(\d+))?$/.exec(part) ?? []
    if (step !== undefined && Number(step) === 0) return false
    if (range === '*') return true
    const [from = '', to, ...more] = range.split('-')
    if (more.length > 0 || !isNumber(from)) return false
    return to === undefined ? step === undefined : isNumber(to) && number(from) <= number(to)
  }
  const expected = `${name === 'hour' ? 'an' : 'a'} ${name} from ${least} to ${most} as cron writes it, such as "*/2" or "1-5"`
  return value<number | string>(
    expected,
    (given) => (typeof given === 'number' || typeof given === 'string') && String(given).split(',').every(isPart),
  )
}

/** A day that none of the months has. */
export function neverComes({
  day,
  month,
  weekday,
}: CronTimes): { readonly expected: string; readonly got: string } | undefined {
  // cron runs a job on either, where both are given.
  if (day === undefined || month === undefined || (weekday !== undefined && weekday !== '*')) return undefined
  const months = numbersOf('month', month)
  const most = Math.max(...months.map((each) => DAYS[each - 1] ?? 31))
  const first = Math.min(...numbersOf('day', day))
  return first <= most ? undefined : { expected: `a day that comes in month ${month}: at most ${most}`, got: `${day}` }
}

/** Of a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function numbersOf(name: keyof typeof FIELDS, given: number | string): number[] {
  const { least, most, names } = FIELDS[name]
  const known: readonly string[] = names
  const number = (word: string) => (/^\d+$/.test(word) ? Number(word) : known.indexOf(word.toLowerCase()) + least)
  return String(given)
    .split(',')
    .flatMap((part) => {
      const [range = '', step = '1'] = part.split('/')
      const [from = '', to = from] = range.split('-')
      const [begin, end] = range === '*' ? [least, most] : [number(from), number(to)]
      return Array.from({ length: most + 1 }, (_, at) => at).filter(
        (at) => at >= begin && at <= end && (at - begin) % Number(step) === 0,
      )
    })
}

/** Five fields, or a word such as `@daily`. */
export function written({ minute = '*', hour = '*', day = '*', month = '*', weekday = '*' }: CronTimes): string {
  return [minute, hour, day, month, weekday].join(' ')
}

export const SPECIAL = ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'hourly'] as const

/** A command as a crontab has it: one line. */
export const cronCommand = () => text('one line', (given) => given.trim() !== '' && !/[\r\n\0]/.test(given))
