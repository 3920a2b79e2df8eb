import type { ProblemCode } from '../../errors.ts'
import { neutral } from '../../gate/neutral.ts'
import type { Mode, RunEnd, Status } from '../../events.ts'

/**
 * A duration in words.
 *
 * @example duration(840)      // '840 ms'
 * duration(83_000)            // '1 min 23 s'
 */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's')
  return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

/** `1 host`, `5 hosts`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`
}

/** The verbs of a mode: while it runs, afterwards, and for a change to a resource. */
export const MODE_WORDS: Readonly<
  Record<Mode, { readonly doing: string; readonly done: string; readonly changed: string }>
> = {
  check: { doing: 'Checking', done: 'checked', changed: 'would change' },
  apply: { doing: 'Applying', done: 'applied', changed: 'changed' },
  verify: { doing: 'Verifying', done: 'verified', changed: 'changed' },
}

/** How a run ended, in words. */
export const RUN_ENDS: Readonly<Record<RunEnd, string>> = {
  done: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
  crashed: 'crashed',
  running: 'still running',
}

/** A status in words. In check mode: `would change`. */
export function statusWord(status: Status, mode: Mode): string {
  return status === 'changed' ? MODE_WORDS[mode].changed : status
}

/** Host names as text: all when they are few, else the first ones and the number of others. */
export function listed(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`
}

/** Text on one line, without control characters. */
export function oneLine(text: string): string {
  return neutral(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('\t', ' ')
}

/** A map: a journal of another version may have any word as a code. */
const AWAY_WORDS: ReadonlyMap<ProblemCode | undefined, string> = new Map<ProblemCode, string>([
  ['busy', 'busy'],
  ['auth', 'login refused'],
  ['become', 'become failed'],
  ['host-key', 'host key refused'],
  ['lost', 'connection lost'],
  ['answer', 'unexpected answer'],
])

/** Why nothing can be done on a host, in one or two words. */
export function awayWord(code: ProblemCode | undefined): string {
  return AWAY_WORDS.get(code) ?? 'unreachable'
}
