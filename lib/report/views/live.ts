import type { Paint } from '../text/paint.ts'
import type { HostProgress, RunProgress } from '../run-progress.ts'
import { cut, cutMiddle, pad, width } from '../text/width.ts'
import { awayWord, counted, duration, MODE_WORDS, oneLine } from '../text/words.ts'

export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The number of the frame, for the spinner. */
  readonly frame: number
  readonly paint: Paint
  /** Ctrl-C was pressed. */
  readonly isStopping: boolean
}

const TURNING = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'

/** Failures take at most a third of the rows. */
const FAILURES_SHARE = 3

/**
 * The lines of the live view. Each host has a line when that takes at most half of the screen. Otherwise there are the latest failures, the hosts that have
 * been busy longest, and totals. The last line is for the whole run.
 */
export function liveLines(tally: RunProgress, screen: Screen): string[] {
  const { shown, columns, sums, totals } = selectionOf(tally, screen)
  return [
    ...shown.map((host) => hostLine(host, columns, tally, screen)),
    ...(sums === undefined ? [] : [screen.paint.dim(sums)]),
    totalLine(tally, totals, screen),
  ]
}

/** The part of a frame that depends only on events and on the size of the screen. Computing it is most of the cost of a frame with hundreds of hosts. */
interface Selection {
  readonly shown: readonly HostProgress[]
  readonly columns: Columns
  /** The number of hosts in each state, if some hosts have no line. */
  readonly sums: string | undefined
  readonly totals: Totals
}

interface Totals {
  readonly failed: number
  readonly changes: number
}

/** The selection of the last frame: without a new event the next frame has the same. */
const lastSelection = new WeakMap<RunProgress, Selection & { readonly of: string }>()

function selectionOf(tally: RunProgress, { rows, columns }: Screen): Selection {
  const of = `${tally.events} ${rows} ${columns}`
  const known = lastSelection.get(tally)
  if (known?.of === of) return known
  const made = { ...select(tally, rows, columns), of }
  lastSelection.set(tally, made)
  return made
}

function select(tally: RunProgress, rows: number, columns: number): Selection {
  const hosts = [...tally.hosts.values()]
  // One row for the whole run, one for the cursor, and at least one for lines that scroll by.
  const most = Math.max(1, rows - 3)
  const room = Math.min(most, Math.max(4, Math.floor(rows / 2) - 1))
  const isWhole = hosts.length <= room
  const shown = isWhole ? hosts : worthSeeing(hosts, room - 1)
  return {
    shown,
    columns: layout(shown, hosts, columns),
    sums: isWhole ? undefined : cut(sumLine(hosts, shown, columns), columns - 1),
    totals: {
      failed: hosts.filter(hasFailed).length,
      changes: hosts.reduce((sum, host) => sum + host.changes.length, 0),
    },
  }
}

function worthSeeing(hosts: readonly HostProgress[], room: number): HostProgress[] {
  const failed = hosts.filter(hasFailed).reverse()
  const atWork = hosts.filter(isAtWork).sort((a, b) => (a.begunAt ?? 0) - (b.begunAt ?? 0))
  // Few busy hosts leave more room for failures.
  const forFailures = Math.max(Math.floor(room / FAILURES_SHARE), room - atWork.length)
  const first = failed.slice(0, Math.max(0, forFailures))
  return [...first, ...atWork.slice(0, Math.max(0, room - first.length))]
}

const hasFailed = ({ state }: HostProgress) => state === 'failed' || state === 'unreachable'
const isAtWork = ({ state }: HostProgress) => state === 'working' || state === 'connecting'

interface Columns {
  readonly name: number
  readonly role: number
}

/**
 * Columns fit the texts of all hosts, so that lines do not jump when other hosts are shown. At most 30 columns, and on a narrow screen a third of it, are for
 * names, because the rest of the line tells what the host does.
 */
function layout(shown: readonly HostProgress[], hosts: readonly HostProgress[], columns: number): Columns {
  const role = Math.max(0, ...shown.map((host) => width(host.role ?? '')))
  const third = Math.max(8, Math.floor(columns / 3))
  return { name: Math.min(30, Math.max(third, columns - 50), widestName(hosts)), role: Math.min(20, third, role) }
}

/** Cached: names do not change, and measuring hundreds of them is most of the cost of a frame. */
function widestName(hosts: readonly HostProgress[]): number {
  let widest = 0
  for (const { name } of hosts) {
    let known = nameWidths.get(name)
    if (known === undefined) nameWidths.set(name, (known = width(name)))
    widest = Math.max(widest, known)
  }
  return widest
}

const nameWidths = new Map<string, number>()

/** Counts are left out rather than making the text of a line narrower than this. */
const FEWEST_WORDS = 30

function hostLine(host: HostProgress, columns: Columns, tally: RunProgress, screen: Screen): string {
  const { paint, now } = screen
  // On a narrow screen only the last line has the counts.
  const full = countsOf(host, tally)
  const head = `${pad(cutMiddle(host.name, columns.name), columns.name)}  ${columns.role === 0 ? '' : `${pad(cut(host.role ?? '', columns.role), columns.role)}  `}`
  const whole = screen.columns - 1 - 2 - width(head)
  const counts = whole - width(full) - 2 < FEWEST_WORDS ? '' : full
  const time = host.since === undefined || now - host.since < 1000 ? '' : duration(now - host.since)
  const room = counts === '' ? whole : whole - width(counts) - 2
  const text = time === '' ? doing(host, room) : `${doing(host, room - width(time) - 2)}  ${time}`
  const line = room < 8 ? cut(head, screen.columns - 3) : `${head}${pad(text, room)}  ${counts}`.trimEnd()
  return `${glyph(host, screen)} ${host.state === 'waiting' ? paint.dim(line) : line}`
}

/** What a host does, in a number of columns. At least half of them are for the last line of the step's output. */
function doing(host: HostProgress, room: number): string {
  const { doing: words, lastLine } = host
  if (words === undefined) return cut(standing(host), room)
  if (lastLine === undefined) return cut(oneLine(words), room)
  const line = oneLine(lastLine)
  // In a narrow column, show only the output: the halves of both would be too short to read.
  if (room < FEWEST_WORDS && width(line) + width(words) > room) return cut(line, room)
  const step = cut(oneLine(words), Math.max(Math.floor(room / 2), room - width(line) - 2))
  return cut(`${step}: ${line}`, room)
}

function standing({ state, units, failure, away }: HostProgress): string {
  switch (state) {
    case 'waiting':
      return 'waiting'
    case 'connecting':
      return 'connecting'
    case 'working':
      return 'looking'
    case 'ready':
      return units.length > 0 ? 'done' : 'ready'
    case 'failed':
      return failure === undefined ? 'failed' : `failed: ${oneLine(failure)}`
    case 'unreachable':
      return `${awayWord(away)}${failure === undefined ? '' : `: ${oneLine(failure)}`}`
  }
}

function glyph(host: HostProgress, { frame, paint }: Screen): string {
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

function countsOf(host: HostProgress, { mode }: RunProgress): string {
  const parts = [
    `${host.ok} ok`,
    ...(host.changes.length > 0 ? [`${host.changes.length} ${MODE_WORDS[mode].changed}`] : []),
    ...(host.unknowns.length > 0 ? [`${host.unknowns.length} unknown`] : []),
    ...(host.failures > 0 ? [`${host.failures} failed`] : []),
  ]
  return parts.join('  ')
}

function sumLine(hosts: readonly HostProgress[], shown: readonly HostProgress[], columns: number): string {
  const seen = new Set(shown)
  const hidden = (test: (host: HostProgress) => boolean) => {
    const all = hosts.filter(test)
    const more = all.filter((host) => !seen.has(host)).length
    // "12 at work (4 more)": the 12 include those shown above.
    return { count: all.length, more: more === all.length ? 0 : more }
  }
  const parts: [{ count: number; more: number }, string][] = [
    [hidden(hasFailed), 'failed'],
    [hidden(isAtWork), 'at work'],
    [hidden(({ state, units }) => state === 'ready' && units.length > 0), 'done'],
    [hidden(({ state, units }) => state === 'waiting' || (state === 'ready' && units.length === 0)), 'waiting'],
  ]
  const text = (isLong: boolean) => {
    const words = parts
      .filter(([{ count }]) => count > 0)
      .map(([{ count, more }, word]) => `${count} ${word}${more === 0 || !isLong ? '' : ` (${more} more)`}`)
    return `  ${counted(hosts.length, 'host')}: ${words.join(', ')}`
  }
  return width(text(true)) < columns ? text(true) : text(false)
}

/** What fits into 80 columns, and what fits into 40. */
const STOPPING = {
  long: 'Stopping: commands on hosts are being ended. Ctrl-C again quits at once.',
  short: 'Stopping: Ctrl-C again quits at once.',
}

function totalLine(
  tally: RunProgress,
  { failed, changes }: Totals,
  { columns, now, paint, isStopping }: Screen,
): string {
  if (isStopping) return paint.failed(cut(STOPPING.long.length < columns ? STOPPING.long : STOPPING.short, columns - 1))
  const { doing: verb, changed } = MODE_WORDS[tally.mode]
  const time = duration(now - tally.startedAt)
  const sums = [
    ...(failed > 0 ? [`${counted(failed, 'host')} failed`] : []),
    ...(changes > 0 ? [`${changes} ${changed}`] : []),
  ]
  const long = [
    `${verb} ${tally.playbook}: ${tally.ended} of ${counted(tally.units, 'unit')} in ${time}`,
    ...sums,
  ].join(', ')
  const short = [
    `${tally.playbook}: ${tally.ended}/${tally.units}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(changes > 0 ? [`${changes} ${changed}`] : []),
    time,
  ].join(', ')
  const text = width(long) < columns ? long : short
  return (failed > 0 ? paint.failed : paint.strong)(cut(text, columns - 1))
}
