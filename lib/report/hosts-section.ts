import type { HostSummary, Mode, SummaryEvent } from '../events.ts'
import { hostsText } from './fold.ts'
import type { Paint } from './text/paint.ts'
import type { RunProgress } from './run-progress.ts'
import { cut, pad, width } from './text/width.ts'
import { awayWord, counted, MODE_WORDS } from './text/words.ts'

/** Up to this number, each host has its own line. With more, hosts with equal numbers share a line. */
const MOST_SINGLE = 12

interface Row {
  readonly name: string
  readonly words: readonly Word[]
  /** The number of round trips. Undefined where the hosts differ. */
  readonly roundTrips: number | undefined
}

interface Word {
  readonly text: string
  readonly brush: (text: string) => string
}

/** The numbers of each host. */
export function hostsSection(
  tally: RunProgress,
  { hosts, mode }: SummaryEvent,
  paint: Paint,
  columns: number,
): string[] {
  const all = Object.entries(hosts).map(([name, host]) => ({
    name,
    words: numbers(host, mode, tally.hosts.get(name)?.away, paint),
    roundTrips: host.roundTrips,
  }))
  const rows = all.length <= MOST_SINGLE ? all : together(all)
  const text = ({ words }: Row) => words.map((word) => word.text).join('  ')
  const column = Math.max(0, ...rows.map(({ name }) => width(name)))
  const widest = Math.max(0, ...rows.map((row) => text(row).length))
  return rows.map((row) => {
    const trips = row.roundTrips === undefined ? '' : `   ${counted(row.roundTrips, 'round trip')}`
    const plain = `  ${pad(row.name, column)}  ${text(row).padEnd(widest)}${trips}`
    // On a narrow screen, names are cut and round trips left out, so that the other numbers fit.
    const isNarrow = width(plain) > columns
    const room = Math.max(8, columns - widest - 4)
    const name = isNarrow ? pad(cut(row.name, room), Math.min(column, room)) : pad(row.name, column)
    const painted = row.words.map((word) => word.brush(word.text)).join('  ')
    const tail = isNarrow || trips === '' ? '' : `${' '.repeat(widest - text(row).length)}${paint.dim(trips)}`
    return `  ${name}  ${painted}${tail}`.trimEnd()
  })
}

function together(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = row.words.map(({ text }) => text).join('  ')
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(row)
  }
  return Array.from(groups.values(), (group) => {
    const [first, ...others] = group
    const name = hostsText(group.map((row) => row.name))
    const isSame = others.every(({ roundTrips }) => roundTrips === first?.roundTrips)
    return { name, words: first?.words ?? [], roundTrips: isSame ? first?.roundTrips : undefined }
  })
}

/** The counts of a host that are not zero. If all are zero, the number of resources that are ok. */
function numbers(host: HostSummary, mode: Mode, away: Parameters<typeof awayWord>[0], paint: Paint): Word[] {
  const isVerify = mode === 'verify'
  const parts: [number, string, (text: string) => string][] = [
    [host.ok, 'ok', paint.ok],
    [host.changed, MODE_WORDS[mode].changed, paint.change],
    [host.unknown, 'unknown', paint.unknown],
    [host.skipped, 'left out', paint.dim],
    [failuresOf(host), 'failed', paint.failed],
    [stoppedOf(host), 'stopped', paint.unknown],
    [host.caught ?? 0, 'caught', paint.dim],
  ]
  const shown = parts.filter(([count, word]) => count > 0 || (word === 'ok' && !host.unreachable && !isVerify))
  return [
    ...shown.map(([count, word, brush]) => ({ text: `${count} ${word}`, brush })),
    ...(host.unreachable ? [{ text: awayWord(away), brush: paint.failed }] : []),
  ]
}

/** How a host ended, in a word: why nothing could be done there, or that it was interrupted. */
export function failuresOf(host: HostSummary): number {
  return host.unreachable ? 0 : host.failed - stoppedOf(host)
}

export function stoppedOf({ interrupted = 0 }: HostSummary): number {
  return interrupted
}
