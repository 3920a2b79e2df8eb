import { Typed } from './typed.ts'

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?$/

/**
 * A date or a time of YAML 1.1, as Python's `str` writes it; undefined for other texts, and for days that no calendar has.
 *
 * @example
 * timestamp('2024-01-01T10:20:30Z')?.value   // '2024-01-01 10:20:30+00:00'
 */
export function timestamp(text: string): Typed | undefined {
  if (text.charAt(4) !== '-') return undefined
  const date = DATE.exec(text)
  if (date !== null) return isDay(date) ? new Typed(text, 'time') : undefined
  const found = TIME.exec(text)
  if (found === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zulu, sign, far, near] =
    found
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (!isClock || !isDay(found)) return undefined
  const micro = fraction.slice(0, 6).padEnd(6, '0')
  const shift = Number(far ?? 0) * 60 + Number(near ?? 0)
  if (shift >= 24 * 60) return undefined
  const zone = zulu === undefined && sign === undefined ? '' : `${shift === 0 ? '+' : sign}${clock(shift)}`
  return new Typed(
    `${year}-${two(month)}-${two(day)} ${two(hour)}:${minute}:${second}${Number(micro) === 0 ? '' : `.${micro}`}${zone}`,
    'time',
  )
}

function isDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return (
    Number(year) > 0 &&
    date.getUTCFullYear() === Number(year) &&
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day)
  )
}

function clock(minutes: number): string {
  return `${two(String(Math.floor(minutes / 60)))}:${two(String(minutes % 60))}`
}

function two(digits: string): string {
  return digits.padStart(2, '0')
}
