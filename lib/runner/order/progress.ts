import type { NotBegun, UnitEnd } from '../../events.ts'
import { dependenciesOf } from '../../playbook/after.ts'
import type { Play } from '../../playbook/playbook.ts'
import type { Unit } from '../units/units.ts'
import { share } from './share.ts'

/** The progress of one play of this run. */
interface PlayProgress {
  readonly play: Play
  /** Its hosts in this run. */
  readonly hosts: Set<string>
  /** Hosts on which one of its roles began. */
  readonly begun: Set<string>
  /** Hosts on which one of its roles failed, or which could not be reached. */
  readonly failed: Set<string>
  /** The batches of these hosts. */
  readonly failedBatches: Map<string, number>
  /** Hosts on which one of its roles was not done, for any reason. */
  readonly unfinished: Set<string>
}

/** Why a unit does not begin, and the end that is recorded for it. */
export interface Blocked {
  readonly end: Exclude<UnitEnd, 'done' | 'failed'>
  readonly why: NotBegun
}

/** The results of a run so far, and whether a unit may begin. Pure state: no queue, no clock. */
export class Progress {
  readonly #plays = new Map<string, PlayProgress>()
  /** The first unit of a host that began and did not succeed: the host does nothing more. */
  readonly #stoppedHosts = new Map<string, { readonly unit: Unit; readonly end: UnitEnd }>()
  readonly #needsSuccess: boolean
  /** Plays whose next batch was declined. */
  readonly #declined = new Set<string>()

  /** @param mode a failed verify does not stop other plays from being verified, since verify changes nothing */
  constructor(units: readonly Unit[], mode: 'check' | 'apply' | 'verify') {
    this.#needsSuccess = mode !== 'verify'
    for (const { play, host } of units) {
      const progress = this.#plays.get(play.name) ?? {
        play,
        hosts: new Set(),
        begun: new Set(),
        failed: new Set(),
        failedBatches: new Map(),
        unfinished: new Set(),
      }
      this.#plays.set(play.name, progress)
      progress.hosts.add(host.name)
    }
  }

  /** Records the end of a unit that began. */
  ended(unit: Unit, end: UnitEnd): void {
    const play = this.#plays.get(unit.play.name)
    play?.begun.add(unit.host.name)
    if (end === 'done') return
    play?.failed.add(unit.host.name)
    play?.failedBatches.set(unit.host.name, unit.batch)
    play?.unfinished.add(unit.host.name)
    if (!this.#stoppedHosts.has(unit.host.name)) this.#stoppedHosts.set(unit.host.name, { unit, end })
  }

  /** The hosts on which a play began and that can be reached, when it failed on more hosts than it allows; otherwise none. */
  toRecover(play: string): ReadonlySet<string> {
    const progress = this.#plays.get(play)
    if (progress === undefined || progress.failed.size <= allowed(progress)) return new Set()
    return new Set([...progress.begun].filter((host) => this.#stoppedHosts.get(host)?.end !== 'unreachable'))
  }

  /** A person declined the next batch of the play. */
  decline(play: string): void {
    this.#declined.add(play)
  }

  /** Whether a play failed on more hosts than it allows. */
  hasFailed(play: string): boolean {
    const progress = this.#plays.get(play)
    return progress !== undefined && progress.failed.size > allowed(progress)
  }

  /** The batches of a play with a host on which it failed. */
  failedBatches(play: string): ReadonlySet<number> {
    return new Set(this.#plays.get(play)?.failedBatches.values())
  }

  /** The hosts on which a play began and has not failed. */
  wentWell(play: string): ReadonlySet<string> {
    const progress = this.#plays.get(play)
    return new Set([...(progress?.begun ?? [])].filter((host) => progress?.failed.has(host) === false))
  }

  /** Records a unit that did not begin. */
  blocked({ play, host }: Unit): void {
    this.#plays.get(play.name)?.unfinished.add(host.name)
  }

  /** Why a unit may not begin. Undefined: it may. */
  obstacle({ play, host, batch }: Unit): Blocked | undefined {
    const stopped = this.#stoppedHosts.get(host.name)
    if (stopped !== undefined) {
      const { unit, end } = stopped
      const why = { type: 'host-failed', role: unit.role.name, play: unit.play.name } as const
      return { end: end === 'unreachable' ? 'unreachable' : 'skipped', why }
    }
    if (this.#declined.has(play.name)) return { end: 'skipped', why: { type: 'declined', play: play.name } }
    const why =
      this.#runStopped() ?? this.#ownFailures(play) ?? this.#gate(play, batch) ?? this.#unmetDependency(play, host.name)
    return why && { end: 'skipped', why }
  }

  #runStopped(): NotBegun | undefined {
    for (const progress of this.#plays.values())
      if (progress.play.failures === 'stop-run' && progress.failed.size > allowed(progress))
        return { type: 'run-stopped', ...failuresOf(progress, progress.failed) }
    return undefined
  }

  #ownFailures({ name }: Play): NotBegun | undefined {
    const progress = this.#plays.get(name)
    return progress && stopsItself(progress)
      ? { type: 'play-stopped', ...failuresOf(progress, progress.failed) }
      : undefined
  }

  /** With a gate or rollback, a failure in an earlier batch blocks the next batch. */
  #gate({ name, gate, rollback }: Play, batch: number): NotBegun | undefined {
    const progress = this.#plays.get(name)
    if ((gate === undefined && rollback === undefined) || progress === undefined || !this.#needsSuccess)
      return undefined
    const hosts = [...progress.failedBatches].flatMap(([host, failedIn]) => (failedIn < batch ? [host] : []))
    return hosts.length > allowed(progress)
      ? { type: 'play-stopped', ...failuresOf(progress, new Set(hosts)) }
      : undefined
  }

  #unmetDependency(play: Play, host: string): NotBegun | undefined {
    if (!this.#needsSuccess) return undefined
    for (const { play: name, until } of dependenciesOf(play)) {
      const earlier = this.#plays.get(name)
      // A play without units in this run (--limit, --role, --tags) blocks nothing.
      if (until === 'end' || earlier === undefined) continue
      const isStopped =
        stopsItself(earlier) ||
        ((earlier.play.gate ?? earlier.play.rollback) !== undefined && earlier.failed.size > allowed(earlier))
      if (isStopped) return { type: 'after-failed', ...failuresOf(earlier, earlier.failed) }
      const isMet = earlier.hosts.has(host)
        ? !earlier.unfinished.has(host)
        : earlier.unfinished.size <= allowed(earlier)
      if (!isMet) return { type: 'after-failed', ...failuresOf(earlier, earlier.unfinished) }
    }
    return undefined
  }
}

/** Whether a play begins on no further host: it sets a limit of failures, and has more. */
function stopsItself(progress: PlayProgress): boolean {
  const { anyErrorsFatal, maxFailures } = progress.play
  if (anyErrorsFatal === true && progress.failed.size > 0) return true
  return maxFailures !== undefined && progress.failed.size > allowed(progress)
}

function allowed({ play: { anyErrorsFatal, maxFailures }, hosts }: PlayProgress): number {
  return anyErrorsFatal === true || maxFailures === undefined ? 0 : share(maxFailures, hosts.size)
}

function failuresOf(progress: PlayProgress, hosts: ReadonlySet<string>) {
  return { play: progress.play.name, hosts: [...hosts], allowed: allowed(progress) }
}
