import { setImmediate as turn } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Mode, UnitEnd } from '../../events.ts'
import type { Play } from '../../playbook/playbook.ts'
import { dependenciesOf } from '../../playbook/after.ts'
import { Progress, type Blocked } from './progress.ts'
import { priorityOf } from './priority.ts'
import type { Unit } from '../units/units.ts'

export interface Scheduling {
  readonly mode: Mode
  readonly concurrency: number
  /** Runs one unit. Never throws. */
  readonly run: (unit: Unit) => Promise<UnitEnd>
  /** Called for a unit that does not begin, with the reason. */
  readonly onBlocked: (unit: Unit, blocked: Blocked) => Promise<void> | void
  /** Waits before a batch begins, and gets one of its units; called once for each batch but the first. False: the play ends here. Default: no pause. */
  readonly pause?: (unit: Unit) => Promise<boolean>
  /** Units for hosts of a play that has failed, in their order on each host; all other units of these hosts wait for them. */
  readonly recoveries?: readonly Unit[]
  /** Called once for each batch of a play that has not failed, with the hosts on which it succeeded; the next batch waits for this. */
  readonly onBatchDone?: (play: Play, hosts: ReadonlySet<string>) => Promise<void>
  readonly signal: AbortSignal
}

const interrupted: Blocked = { end: 'cancelled', why: { type: 'interrupted' } }

/**
 * Runs units in their order. A unit waits for the unit before it on its host, for all units of the plays that its play comes after, and for the batch
 * before its own. Then `Progress` decides whether it may begin. Of the units that may, those that block the most others run first.
 */
export async function schedule(units: readonly Unit[], scheduling: Scheduling): Promise<void> {
  await new Schedule(units, scheduling).run()
}

class Schedule {
  readonly #units: readonly Unit[]
  readonly #scheduling: Scheduling
  readonly #progress: Progress
  readonly #priorities: ReadonlyMap<Unit, number>
  readonly #queue: PQueue
  /** Queues of plays with a `concurrency` of their own. */
  readonly #queueOfPlay = new Map<string, PQueue>()
  readonly #endsOfPlay = new Map<string, Promise<UnitEnd>[]>()
  readonly #endsOfBatch = new Map<string, Promise<UnitEnd>[]>()
  readonly #lastOnHost = new Map<string, { readonly play: Play; readonly end: Promise<UnitEnd> }>()
  readonly #lastOfBatch = new Map<string, Unit>()
  readonly #pauses = new Map<string, Promise<void>>()
  readonly #recoveries = new Map<string, Promise<void>>()
  readonly #workAfterBatches = new Map<string, Promise<void>>()

  constructor(units: readonly Unit[], scheduling: Scheduling) {
    this.#units = units
    this.#scheduling = scheduling
    this.#progress = new Progress(units, scheduling.mode)
    this.#priorities = priorityOf(units)
    this.#queue = new PQueue({ concurrency: scheduling.concurrency, autoStart: false })
  }

  async run(): Promise<void> {
    const ends = this.#units.map((unit) => this.#add(unit))
    for (const play of new Set(this.#units.map((unit) => unit.play))) void this.#recovery(play.name)
    for (const last of this.#lastOfBatch.values()) void this.#workAfterBatch(last)
    await turn()
    this.#queue.start()
    await Promise.all(ends)
    await Promise.all(this.#recoveries.values())
    await Promise.all(this.#workAfterBatches.values())
  }

  /** Lets a unit begin when everything that it waits for has ended. Units are added in the order of the playbook. */
  #add(unit: Unit): Promise<UnitEnd> {
    const { play, host } = unit
    const end = Promise.all(this.#prerequisites(unit)).then(() => {
      const limited = this.#limitedQueue(play)
      return limited === undefined ? this.#enqueue(unit) : limited.add(() => this.#enqueue(unit))
    })
    this.#lastOnHost.set(host.name, { play, end })
    this.#lastOfBatch.set(batchKey(unit), unit)
    onceFor(this.#endsOfPlay, play.name, () => []).push(end)
    onceFor(this.#endsOfBatch, batchKey(unit), () => []).push(end)
    return end
  }

  #prerequisites(unit: Unit): readonly Promise<unknown>[] {
    const { play, host, batch } = unit
    const before = this.#lastOnHost.get(host.name)
    const dependencies = dependenciesOf(play).map((dependency) => dependency.play)
    const previousBatch = batchKey({ play, batch: batch - 1 })
    const lastOfPrevious = this.#lastOfBatch.get(previousBatch)
    return [
      before === undefined || before.play.name === play.name ? undefined : this.#recovery(before.play.name),
      ...dependencies.map((name) => this.#recovery(name)),
      before?.end,
      ...dependencies.flatMap((name) => this.#endsOfPlay.get(name) ?? []),
      ...(this.#endsOfBatch.get(previousBatch) ?? []),
      lastOfPrevious && this.#workAfterBatch(lastOfPrevious),
      this.#pauseBefore(unit),
    ].filter((other) => other !== undefined)
  }

  /** Waits for a free place, then runs a unit unless something blocks it. */
  #enqueue(unit: Unit): Promise<UnitEnd> {
    return new Promise((resolve, reject) => {
      const job = async () => {
        await this.#runUnlessBlocked(unit).then(resolve, reject)
        // Units that waited for this one enter the queue first, since their priority may be higher than that of queued ones.
        await turn()
      }
      void this.#queue.add(job, { priority: this.#priorities.get(unit) ?? 0 })
    })
  }

  async #runUnlessBlocked(unit: Unit): Promise<UnitEnd> {
    const { signal, run, onBlocked } = this.#scheduling
    const blocked = signal.aborted ? interrupted : this.#progress.obstacle(unit)
    if (blocked !== undefined) {
      this.#progress.blocked(unit)
      await onBlocked(unit, blocked)
      return blocked.end
    }
    const end = await run(unit)
    this.#progress.ended(unit, end)
    return end
  }

  #limitedQueue({ name, concurrency }: Play): PQueue | undefined {
    if (concurrency === undefined) return undefined
    return onceFor(this.#queueOfPlay, name, () => new PQueue({ concurrency }))
  }

  /** The pause before the batch of this unit, once the batch before has ended. There is none if no unit of the batch may begin. */
  #pauseBefore({ play, batch }: Unit): Promise<void> | undefined {
    const { pause, signal } = this.#scheduling
    if (batch === 0 || pause === undefined || play.pause === undefined) return undefined
    return onceFor(this.#pauses, batchKey({ play, batch }), async () => {
      const inBatch = this.#units.filter((other) => other.play === play && other.batch === batch)
      await Promise.all(this.#endsOfBatch.get(batchKey({ play, batch: batch - 1 })) ?? [])
      const next = inBatch.find((other) => this.#progress.obstacle(other) === undefined)
      if (next !== undefined && !signal.aborted && !(await pause(next))) this.#progress.decline(play.name)
    })
  }

  /** The work after a play that has failed, if the play has any; undefined if not. All units of the play must have been added. */
  #recovery(play: string): Promise<void> | undefined {
    const { recoveries = [] } = this.#scheduling
    const ofPlay = recoveries.filter((unit) => unit.play.name === play)
    return ofPlay.length === 0 ? undefined : onceFor(this.#recoveries, play, () => this.#recover(play, ofPlay))
  }

  async #recover(play: string, recoveries: readonly Unit[]): Promise<void> {
    const { run, signal } = this.#scheduling
    await Promise.all(this.#endsOfPlay.get(play) ?? [])
    const hosts = this.#progress.toRecover(play)
    const batches = this.#progress.failedBatches(play)
    const perHost = new Map<string, Unit[]>()
    for (const unit of recoveries) {
      if (!hosts.has(unit.host.name) || (unit.isRollback === true && !batches.has(unit.batch))) continue
      onceFor(perHost, unit.host.name, () => []).push(unit)
    }
    const onHost = async (units: readonly Unit[]) => {
      for (const unit of units) if (signal.aborted || (await run(unit)) !== 'done') break
    }
    await Promise.all(Array.from(perHost.values(), (units) => this.#queue.add(() => onHost(units))))
  }

  /** The work after the batch of this unit, if the batch succeeded. All units of the batch must have been added. */
  #workAfterBatch({ play, batch }: Unit): Promise<void> {
    const { onBatchDone, signal } = this.#scheduling
    const key = batchKey({ play, batch })
    return onceFor(this.#workAfterBatches, key, async () => {
      await Promise.all(this.#endsOfBatch.get(key) ?? [])
      if (signal.aborted || this.#progress.hasFailed(play.name)) return
      await onBatchDone?.(play, this.#progress.wentWell(play.name))
    })
  }
}

function batchKey({ play, batch }: Pick<Unit, 'play' | 'batch'>): string {
  return JSON.stringify([play.name, batch])
}

function onceFor<T>(made: Map<string, T>, key: string, make: () => T): T {
  const known = made.get(key)
  if (known !== undefined) return known
  const value = make()
  made.set(key, value)
  return value
}
