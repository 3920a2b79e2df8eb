import type { RunEvent } from '../../events.ts'

/** What a host did from one time to another. */
export type Phase = 'connect' | 'probe' | 'act'

interface Segment {
  readonly phase: Phase
  readonly from: number
  readonly to: number
}

/** One role on one host, from start to end. Times are milliseconds since the epoch. */
interface UnitSpan {
  readonly host: string
  readonly role: string
  readonly play: string
  readonly from: number
  readonly to: number
}

export interface Timeline {
  readonly from: number
  readonly to: number
  /** The segments of each host. */
  readonly lanes: ReadonlyMap<string, readonly Segment[]>
  readonly units: readonly UnitSpan[]
  /** The critical path: the units that decided how long the run took, each waiting for the one before. */
  readonly critical: readonly UnitSpan[]
}

/** Computes from the events the times at which each host was connected, probed and changed, and the critical path. */
export function timelineOf(events: readonly RunEvent[]): Timeline {
  const lanes = new Map<string, Segment[]>()
  const open = new Map<string, { readonly phase: Phase; readonly from: number }>()
  const begun = new Map<string, number>()
  const units: UnitSpan[] = []
  let [from, to] = [Infinity, -Infinity]
  const enter = (host: string, at: number, phase: Phase | undefined) => {
    const before = open.get(host)
    if (before?.phase === phase) return
    if (before !== undefined && at > before.from) {
      const lane = lanes.get(host) ?? []
      lanes.set(host, lane)
      lane.push({ ...before, to: at })
    }
    if (phase === undefined) open.delete(host)
    else open.set(host, { phase, from: at })
  }
  for (const event of events) {
    if (!('at' in event)) continue
    from = Math.min(from, event.at)
    to = Math.max(to, event.at)
    if (event.type === 'run') for (const host of event.hosts) lanes.set(host, [])
    if (!('host' in event)) continue
    const { host, at } = event
    if (event.type === 'connecting') enter(host, at, 'connect')
    if (event.type === 'connected' || event.type === 'unreachable') enter(host, at, undefined)
    if (event.type === 'unit') {
      enter(host, at, 'probe')
      begun.set(`${host}\n${event.role}\n${event.play}`, at)
    }
    if (event.type === 'step') enter(host, at, 'act')
    if (event.type === 'resource' && open.get(host)?.phase === 'act') enter(host, at, 'probe')
    if (event.type === 'unit-end') {
      const { role, play } = event
      enter(host, at, undefined)
      const start = begun.get(`${host}\n${role}\n${play}`)
      if (start !== undefined) units.push({ host, role, play, from: start, to: at })
    }
  }
  return { from, to: Math.max(from, to), lanes, units, critical: criticalPath(units) }
}

/** A unit that begins within this time after the end of another is assumed to have waited for it. */
const HANDOVER_MS = 100

/**
 * Goes back from the unit that ended last. The predecessor of a unit is the one that ended last before its start, preferably on the same host. This is an
 * estimate from times: the journal does not record dependencies.
 */
function criticalPath(units: readonly UnitSpan[]): UnitSpan[] {
  const byEnd = units.toSorted((a, b) => a.to - b.to)
  const path: UnitSpan[] = []
  let next = units.reduce<UnitSpan | undefined>(
    (last, unit) => (last === undefined || unit.to > last.to ? unit : last),
    undefined,
  )
  // A predecessor begins before its successor, so only units that ended at nearly the same time are compared twice.
  let at = byEnd.length - 1
  while (next !== undefined) {
    const unit: UnitSpan = next
    path.push(unit)
    const isBefore = (one: UnitSpan | undefined) => one !== undefined && one.to <= unit.from && one.from < unit.from
    while (at >= 0 && !isBefore(byEnd[at])) at--
    const latest = byEnd[at]?.to ?? -Infinity
    let first = at
    while (first > 0 && latest - (byEnd[first - 1]?.to ?? -Infinity) <= HANDOVER_MS) first--
    const near = byEnd.slice(Math.max(0, first), at + 1).filter(isBefore)
    next = near.find(({ host }) => host === unit.host) ?? near[0]
  }
  return path.reverse()
}

/** The width of a lane, in units of the SVG. */
export const LANE_WIDTH = 1000

/** The segments of a phase as an SVG path. Segments less than one unit apart are joined. */
export function pathOf(
  segments: readonly Segment[],
  phase: Phase | undefined,
  { from, to }: Pick<Timeline, 'from' | 'to'>,
  y: number,
): string {
  const scale = LANE_WIDTH / Math.max(1, to - from)
  const marks: [begin: number, end: number][] = []
  for (const segment of segments) {
    if (phase !== undefined && segment.phase !== phase) continue
    const begin = Math.round((segment.from - from) * scale)
    const end = Math.max(begin + 1, Math.round((segment.to - from) * scale))
    const last = marks.at(-1)
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end)
    else marks.push([begin, end])
  }
  return marks.map(([begin, end]) => `M${begin} ${y}h${end - begin}`).join('')
}
