import { setImmediate as turn } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Mode, UnitEnd } from '../../events.ts'
import type { Play } from '../../playbook/playbook.ts'
import { dependenciesOf } from '../../playbook/after.ts'
import { Progress, type Blocked } from './progress.ts'
import { priorityOf } from './priority.ts'
import type { Unit } from '../units/units.ts'

/** Runs units in their order: what must be over first, how many run at once, and when a play begins no more units. */
interface Scheduling {
  readonly mode: Mode
  readonly concurrency: number
  /** Runs one unit. Never throws. */
  readonly run: (unit: Unit) => Promise<UnitEnd>
  /** Called for a unit that does not begin, with the reason. */
  readonly onBlocked: (unit: Unit, blocked: Blocked) => Promise<void> | void
  /** Waits before the batch of this unit begins; called once for each batch but the first. False: the play ends here. Default: no pause. */
  readonly pause?: (unit: Unit) => Promise<boolean>
  /** Units for hosts of a play that has failed, in their order on each host; all other units of these hosts wait for them. */
  readonly recoveries?: readonly Unit[]
  /** Called once for each batch of a play that has not failed, with the hosts on which it succeeded; the next batch waits for this. */
  readonly onBatchDone?: (play: Play, hosts: ReadonlySet<string>) => Promise<void>
  readonly signal: AbortSignal
}

const interrupted: Blocked = { end: 'cancelled', why: { type: 'interrupted' } }

/**
 * A unit waits for the unit before it on its host, for every unit of the plays that its play comes after, and for the batch before its own. Then
 * `Progress` says whether it may begin. Of those that may, units that keep the most others waiting go first.
 */
export async function schedule(
  units: readonly Unit[],
  { mode, concurrency, run, onBlocked, pause, recoveries = [], onBatchDone, signal }: Scheduling,
): Promise<void> {
  const queue = new PQueue({ concurrency, autoStart: false })
  const priorities = priorityOf(units)
  const perPlay = new Map<string, PQueue>()
  const ends = new Map<Unit, Promise<UnitEnd>>()
  const progress = new Progress(units, mode)

  const groups = new Map<string, Promise<UnitEnd>[]>()
  const lastOnHost = new Map<string, Promise<UnitEnd>>()
  const pauses = new Map<string, Promise<unknown>>()
  const recovered = new Map<string, Promise<unknown>>()
  /** Begins when the batch before is over; a batch that will not begin at all is not waited for. */
  const pausedBefore = (first: Unit) => {
    const { play, batch } = first
    const inBatch = units.filter((other) => other.play === play && other.batch === batch)
    return Promise.all(groups.get(`${play.name} ${batch - 1}`) ?? []).then(async () => {
      const next = inBatch.find((other) => progress.obstacle(other) === undefined)
      if (next !== undefined && !signal.aborted && (await pause?.(next)) === false) progress.decline(play.name)
    })
  }

  /** Runs when a play is over: the work on its hosts when it has failed. */
  const recover = async (play: string, ended: readonly Promise<UnitEnd>[]) => {
    await Promise.all(ended)
    const hosts = progress.toRecover(play)
    const batches = progress.failedBatches(play)
    const isMeant = ({ isRollback, batch }: Unit) => isRollback !== true || batches.has(batch)
    const wanted = recoveries.filter((unit) => unit.play.name === play && hosts.has(unit.host.name) && isMeant(unit))
    const perHost = new Map<string, Unit[]>()
    for (const unit of wanted) perHost.set(unit.host.name, [...(perHost.get(unit.host.name) ?? []), unit])
    await Promise.all(
      Array.from(perHost.values(), (onHost) =>
        queue.add(async () => {
          for (const unit of onHost) if (signal.aborted || (await run(unit)) !== 'done') break
        }),
      ),
    )
  }
  const recoveryOf = (play: string) => {
    if (!recoveries.some((unit) => unit.play.name === play)) return undefined
    const begun = recovered.get(play) ?? recover(play, groups.get(play) ?? [])
    recovered.set(play, begun)
    return begun
  }
  /** The work after a batch that succeeded. Called for a batch all of whose units have ended. */
  const doneWith = ({ play, batch }: Unit) => {
    const key = `${play.name} ${batch}`
    const begun = done.get(key) ?? settle(play, groups.get(key) ?? [])
    done.set(key, begun)
    return begun
  }
  const settle = async (play: Play, ended: readonly Promise<UnitEnd>[]) => {
    await Promise.all(ended)
    if (!signal.aborted && !progress.hasFailed(play.name)) await onBatchDone?.(play, progress.wentWell(play.name))
  }
  const done = new Map<string, Promise<unknown>>()
  const lastOfBatch = new Map<string, Unit>()
  const playOnHost = new Map<string, string>()

  for (const unit of units) {
    const { play, host, batch } = unit
    const last = lastOfBatch.get(`${play.name} ${batch - 1}`)
    lastOfBatch.set(`${play.name} ${batch}`, unit)
    const earlier = playOnHost.get(host.name)
    playOnHost.set(host.name, play.name)
    const before = [
      ...(earlier === undefined || earlier === play.name ? [] : [recoveryOf(earlier)]),
      ...dependenciesOf(play).map((each) => recoveryOf(each.play)),
      lastOnHost.get(host.name),
      ...dependenciesOf(play).flatMap((earlier) => groups.get(earlier.play) ?? []),
      ...(groups.get(`${play.name} ${batch - 1}`) ?? []),
      ...(last === undefined ? [] : [doneWith(last)]),
    ]
    const key = `${play.name} ${batch}`
    if (batch > 0 && pause !== undefined && play.pause !== undefined && !pauses.has(key))
      pauses.set(key, pausedBefore(unit))
    const limited =
      play.concurrency === undefined
        ? undefined
        : (perPlay.get(play.name) ?? new PQueue({ concurrency: play.concurrency }))
    if (limited) perPlay.set(play.name, limited)
    const work = async (): Promise<UnitEnd> => {
      const blocked = signal.aborted ? interrupted : progress.obstacle(unit)
      if (blocked !== undefined) {
        progress.blocked(unit)
        await onBlocked(unit, blocked)
        return blocked.end
      }
      const end = await run(unit)
      progress.ended(unit, end)
      return end
    }
    const begin = () =>
      new Promise<UnitEnd>((resolve, reject) => {
        const job = async () => {
          await work().then(resolve, reject)
          // By then the units that waited for this one are in the queue, and may go before those that are there already.
          await turn()
        }
        void queue.add(job, { priority: priorities.get(unit) ?? 0 })
      })
    const end = Promise.all([...before, pauses.get(key)].filter((other) => other !== undefined)).then(() =>
      limited ? limited.add(begin) : begin(),
    )
    ends.set(unit, end)
    lastOnHost.set(host.name, end)
    for (const name of [play.name, key]) {
      const group = groups.get(name)
      if (group) group.push(end)
      else groups.set(name, [end])
    }
  }
  for (const { name } of new Set(units.map(({ play }) => play))) void recoveryOf(name)
  for (const last of lastOfBatch.values()) void doneWith(last)
  await turn()
  queue.start()
  await Promise.all(ends.values())
  await Promise.all(recovered.values())
  await Promise.all(done.values())
}
