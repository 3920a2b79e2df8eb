/** A moment on the host's own clock. Without `nanos` only the second is known. */
export interface HostTime {
  readonly seconds: number
  readonly nanos?: number
}

/** Something that a service reads when it starts, and the time of its last change. */
export interface Input {
  readonly path: string
  readonly changed: HostTime
  /** The input is missing: the time is that of its directory, which changes when something is removed. */
  readonly gone: boolean
}

/** The most that a file's time may lag behind: one tick of the kernel, 10 ms at HZ=100, the slowest in use. */
const TICK_NANOS = 10_000_000

/** Reads `stat -c %.9Z`. Nine zeros come from file systems that store only whole seconds; busybox prints no fractions. */
export function readHostTime(text: string): HostTime | undefined {
  const [, seconds, nanos] = /^(\d+)(?:\.(\d{9}))?$/.exec(text) ?? []
  if (seconds === undefined) return undefined
  return nanos === undefined || Number(nanos) === 0
    ? { seconds: Number(seconds) }
    : { seconds: Number(seconds), nanos: Number(nanos) }
}

/** Reads systemd's `Mon 2026-11-23 09:31:27.123456 UTC`, with or without the fraction. */
export function readTimestamp(text: string): HostTime | undefined {
  const [, date, time, micros] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{6}))? UTC$/.exec(text) ?? []
  if (date === undefined || time === undefined) return undefined
  const seconds = Date.parse(`${date}T${time}Z`) / 1000
  return micros === undefined ? { seconds } : { seconds, nanos: Number(micros) * 1000 }
}

/** Reads Docker's `2026-11-23T09:31:27.123456789Z` (RFC 3339); the year 1 means never. */
export function readInstant(text: string): HostTime | undefined {
  const [, whole, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text) ?? []
  if (whole === undefined || whole.startsWith('0001')) return undefined
  return { seconds: Date.parse(`${whole}Z`) / 1000, nanos: Number(fraction.padEnd(9, '0')) }
}

/**
 * Whether an input may have changed after the start. In doubt the answer is yes: one restart too many does little harm, but a missed one leaves old
 * settings in force. The restart itself waits long enough for the answer to be no afterwards.
 */
export function mayBeLater(changed: HostTime, started: HostTime): boolean {
  if (changed.nanos === undefined || started.nanos === undefined) return changed.seconds >= started.seconds
  const apart = (changed.seconds - started.seconds) * 1e9 + changed.nanos - started.nanos
  return apart + TICK_NANOS >= 0
}

export function newest(inputs: readonly Input[]): Input | undefined {
  return inputs.toSorted(
    (a, b) => b.changed.seconds - a.changed.seconds || (b.changed.nanos ?? 0) - (a.changed.nanos ?? 0),
  )[0]
}

/** Two moments in the host's local time, with enough detail to tell them apart: days if they differ, fractions if the seconds are equal. */
export function formatPair(a: HostTime, b: HostTime, minutesAhead: number): readonly [string, string] {
  const [one, other] = [local(a, minutesAhead), local(b, minutesAhead)]
  if (a.seconds === b.seconds && a.nanos !== undefined && b.nanos !== undefined) {
    return [`${one.time}${fraction(a.nanos)}`, `${other.time}${fraction(b.nanos)}`]
  }
  return one.date === other.date ? [one.time, other.time] : [`${one.date} ${one.time}`, `${other.date} ${other.time}`]
}

function local({ seconds }: HostTime, minutesAhead: number): { readonly date: string; readonly time: string } {
  const [date = '', time = ''] = new Date((seconds + minutesAhead * 60) * 1000).toISOString().split(/[T.]/)
  return { date, time }
}

function fraction(nanos: number): string {
  return `.${String(Math.floor(nanos / 1e6)).padStart(3, '0')}`
}
