import { setImmediate as turn } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { UnitEnd } from '../events.ts'
import { urgencyOf } from './urgency.ts'
import { share, type Unit } from './units.ts'

/** Runs units as their order allows: what must be over first, how many at once, and when a play begins no more. */
export interface Scheduling {
  readonly concurrency: number
  /** Runs one unit. Never throws. */
  readonly run: (unit: Unit) => Promise<UnitEnd>
  /** Told of a unit that was not begun, and why. */
  readonly onBlocked: (unit: Unit, end: UnitEnd) => void
  readonly signal: AbortSignal
}

/**
 * A unit waits for the unit before it on its host, for every unit of the plays its play comes after, and for the batch before
 * its own. Of those that may begin, the ones go first behind which the most has to wait. A host whose unit did not end well does nothing
 * more; the other hosts go on.
 */
export async function schedule(
  units: readonly Unit[],
  { concurrency, run, onBlocked, signal }: Scheduling,
): Promise<void> {
  const queue = new PQueue({ concurrency, autoStart: false })
  const urgency = urgencyOf(units)
  const perPlay = new Map<string, PQueue>()
  const ends = new Map<Unit, Promise<UnitEnd>>()
  const badHosts = new Map<string, UnitEnd>()
  const failedIn = new Map<string, Set<string>>()
  const hostsIn = new Map<string, Set<string>>()
  for (const { play, host } of units) hostsIn.set(play.name, (hostsIn.get(play.name) ?? new Set()).add(host.name))

  const groups = new Map<string, Promise<UnitEnd>[]>()
  const lastOnHost = new Map<string, Promise<UnitEnd>>()

  const mayBegin = ({ play, host }: Unit): UnitEnd | undefined => {
    if (signal.aborted) return 'cancelled'
    const bad = badHosts.get(host.name)
    if (bad) return bad === 'unreachable' ? 'unreachable' : 'skipped'
    const failed = failedIn.get(play.name)?.size ?? 0
    if (play.anyErrorsFatal === true && failed > 0) return 'skipped'
    if (play.maxFailures !== undefined && failed > share(play.maxFailures, hostsIn.get(play.name)?.size ?? 0))
      return 'skipped'
    return undefined
  }

  for (const unit of units) {
    const { play, host, batch } = unit
    const before = [
      lastOnHost.get(host.name),
      ...(play.after ?? []).flatMap((name) => groups.get(name) ?? []),
      ...(batch > 0 ? (groups.get(`${play.name} ${batch - 1}`) ?? []) : []),
    ]
    const limited =
      play.concurrency === undefined
        ? undefined
        : (perPlay.get(play.name) ?? new PQueue({ concurrency: play.concurrency }))
    if (limited) perPlay.set(play.name, limited)
    const work = async (): Promise<UnitEnd> => {
      const blocked = mayBegin(unit)
      const end = blocked ?? (await run(unit))
      if (blocked === undefined && end !== 'done') {
        badHosts.set(host.name, end)
        failedIn.set(play.name, (failedIn.get(play.name) ?? new Set()).add(host.name))
      }
      if (blocked !== undefined) onBlocked(unit, blocked)
      return end
    }
    const begin = () =>
      new Promise<UnitEnd>((resolve, reject) => {
        const job = async () => {
          await work().then(resolve, reject)
          // Whoever waited for it is in the queue by then, and may go before those that are there already.
          await turn()
        }
        void queue.add(job, { priority: urgency.get(unit) ?? 0 })
      })
    const end = Promise.all(before.filter((other) => other !== undefined)).then(() =>
      limited ? limited.add(begin) : begin(),
    )
    ends.set(unit, end)
    lastOnHost.set(host.name, end)
    for (const key of [play.name, `${play.name} ${batch}`]) {
      const group = groups.get(key)
      if (group) group.push(end)
      else groups.set(key, [end])
    }
  }
  await turn()
  queue.start()
  await Promise.all(ends.values())
}
