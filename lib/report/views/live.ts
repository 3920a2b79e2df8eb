import type { Paint } from '../paint.ts'
import type { HostTally, Tally } from '../tally.ts'
import { cut, pad, width } from '../width.ts'
import { counted, duration, MODE_WORDS, oneLine } from '../words.ts'

export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Counts up with every picture, for what turns. */
  readonly frame: number
  readonly paint: Paint
  /** Ctrl-C was pressed. */
  readonly isStopping: boolean
}

const TURNING = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'

/** A line for each host that fits, the busy ones first when not all do, and one for the whole run. */
export function liveLines(tally: Tally, screen: Screen): string[] {
  const hosts = [...tally.hosts.values()]
  // One row for the line of the whole run, one for the cursor, and one at least of what scrolls by.
  const room = Math.max(1, screen.rows - 3)
  const shown = hosts.length <= room ? hosts : chosen(hosts, room - 1)
  const columns = layout(shown, hosts)
  const rest = hosts.length - shown.length
  return [
    ...shown.map((host) => hostLine(host, columns, tally, screen)),
    ...(rest === 0 ? [] : [screen.paint.dim(cut(restLine(hosts, shown), screen.columns - 1))]),
    totalLine(tally, screen),
  ]
}

const URGENCY: Readonly<Record<HostTally['state'], number>> = {
  working: 0,
  connecting: 1,
  failed: 2,
  unreachable: 3,
  ready: 4,
  waiting: 5,
}

function chosen(hosts: readonly HostTally[], room: number): HostTally[] {
  return hosts.toSorted((a, b) => URGENCY[a.state] - URGENCY[b.state]).slice(0, Math.max(0, room))
}

interface Columns {
  readonly name: number
  readonly role: number
}

/** The widths come from all hosts, so that lines do not jump when another host is shown. */
function layout(shown: readonly HostTally[], hosts: readonly HostTally[]): Columns {
  const role = Math.max(0, ...shown.map((host) => width(host.role ?? '')))
  return { name: Math.min(30, Math.max(0, ...hosts.map((host) => width(host.name)))), role: Math.min(20, role) }
}

function hostLine(host: HostTally, columns: Columns, tally: Tally, screen: Screen): string {
  const { paint, now } = screen
  const counts = countsOf(host, tally)
  const head = `${pad(cut(host.name, columns.name), columns.name)}  ${pad(cut(host.role ?? '', columns.role), columns.role)}  `
  const time = host.since === undefined || now - host.since < 1000 ? '' : duration(now - host.since)
  const room = screen.columns - 1 - 2 - width(head) - width(counts) - 2
  const words = doing(host)
  const text = time === '' ? cut(words, room) : `${cut(words, room - width(time) - 2)}  ${time}`
  const line = room < 8 ? cut(head, screen.columns - 3) : `${head}${pad(text, room)}  ${counts}`
  return `${glyph(host, screen)} ${host.state === 'waiting' ? paint.dim(line) : line}`
}

function doing(host: HostTally): string {
  if (host.doing !== undefined) return oneLine(host.doing)
  switch (host.state) {
    case 'waiting':
      return 'waiting'
    case 'connecting':
      return 'connecting'
    case 'working':
      return 'looking'
    case 'ready':
      return host.units.length > 0 ? 'done' : 'ready'
    case 'failed':
      return 'failed'
    case 'unreachable':
      return 'unreachable'
  }
}

function glyph(host: HostTally, { frame, paint }: Screen): string {
  switch (host.state) {
    case 'waiting':
      return paint.dim('·')
    case 'connecting':
    case 'working':
      return paint.change(TURNING.charAt(frame % TURNING.length))
    case 'ready':
      return paint.ok(host.units.length > 0 ? '✓' : '·')
    case 'failed':
    case 'unreachable':
      return paint.failed('✗')
  }
}

function countsOf(host: HostTally, { mode }: Tally): string {
  const parts = [
    `${host.ok} ok`,
    ...(host.changes.length > 0 ? [`${host.changes.length} ${MODE_WORDS[mode].changed}`] : []),
    ...(host.unknowns.length > 0 ? [`${host.unknowns.length} unknown`] : []),
    ...(host.failures > 0 ? [`${host.failures} failed`] : []),
  ]
  return parts.join('  ')
}

function restLine(hosts: readonly HostTally[], shown: readonly HostTally[]): string {
  const hidden = hosts.filter((host) => !shown.includes(host))
  const count = (...states: HostTally['state'][]) => hidden.filter(({ state }) => states.includes(state)).length
  const parts: [number, string][] = [
    [count('working', 'connecting'), 'at work'],
    [count('failed', 'unreachable'), 'failed'],
    [count('ready'), 'idle or done'],
    [count('waiting'), 'waiting'],
  ]
  const words = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`)
  return `  and ${counted(hidden.length, 'more host', 'more hosts')}: ${words.join(', ')}`
}

const STOPPING = 'Stopping: what runs on hosts is being ended. Press Ctrl-C again to quit at once.'

function totalLine(tally: Tally, { columns, now, paint, isStopping }: Screen): string {
  const text = `${MODE_WORDS[tally.mode].doing} ${tally.playbook}: ${tally.ended} of ${counted(tally.units, 'unit')} in ${duration(now - tally.startedAt)}`
  if (isStopping) return paint.failed(cut(STOPPING, columns - 1))
  return paint.strong(cut(text, columns - 1))
}
