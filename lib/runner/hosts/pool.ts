import { CallsThatChanged, EarlierChanges } from '../../converge/earlier-changes.ts'
import { StartedResources } from '../../converge/started-resources.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import type { Host } from '../../host/host.ts'
import { SIGN_OF_LIFE_MS, type LockHolder } from '../../host/lock.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Reconnect } from '../../resources/kit/kind.ts'
import { Prediction } from '../../resources/prediction/prediction.ts'
import { closeAll, type Connections } from './connections.ts'
import { acquireHostLock } from './acquire-host-lock.ts'
import type { Wait } from './pause.ts'
import { reconnectHost } from './reconnect-host.ts'
import { connectWithRetry, reasonOf } from './connect-with-retry.ts'

/** A host of this run: its one connection, and what check mode has predicted for it. */
export interface HostSession {
  readonly host: Host
  readonly prediction: Prediction
  /** What roles have done on the host so far in this run. */
  readonly earlier: EarlierChanges
  /** What roles have started on the host and was not probed again yet. */
  readonly started: StartedResources
  /** Runs tasks one after the other, because roles of other hosts may change this host too. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Connects again after a step that ended the connection, and acquires the host's lock again. Absent if the host is this machine itself. */
  readonly reconnect?: (how: Reconnect) => Promise<void>
}

/** How a run connects to hosts. */
interface PoolOptions {
  readonly acceptNewHostKeys: boolean
  /** Set when the run changes hosts, and so locks each of them. */
  readonly lockHolder: LockHolder | undefined
  /** Seconds to wait for another run. */
  readonly wait: number
  /** Connections that are being opened already. */
  readonly opening: Connections
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
}

/** Ending a tree of processes on a host takes 0.3 s. The first signal ends every wait within 5 s. */
const ABANDON_MS = 4000

/** Connections to machines that come back after a reboot. */
const CAN_RECONNECT: readonly InventoryHost['connection']['kind'][] = ['ssh', 'nspawn', 'machinectl']

/** One connection per host, opened when a unit first needs it and kept for the run. */
export class Pool {
  readonly #sessions = new Map<string, Promise<HostSession>>()
  readonly #open = new Set<Host>()
  readonly #noted = new Set<string>()
  readonly #calls = new CallsThatChanged()
  readonly #options: PoolOptions
  readonly #signsOfLife: NodeJS.Timeout | undefined
  #abandoned: Promise<void> | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    if (options.lockHolder) this.#signsOfLife = setInterval(() => this.#showLife(), SIGN_OF_LIFE_MS).unref()
  }

  /** Reports what connections wait for, such as a touch of a security key: from now on, and at once for hosts whose turn has not come. */
  reportWaits(): void {
    for (const [host, { waits }] of this.#options.opening)
      waits.listen((message) => this.#options.emit({ type: 'waiting', host, message, at: Date.now() }))
  }

  /** Throws a RolecallError when the host cannot be reached; a second call throws the same error at once. */
  session(wanted: InventoryHost): Promise<HostSession> {
    const known = this.#sessions.get(wanted.name)
    if (known) return known
    const session = this.#connect(wanted)
    this.#sessions.set(wanted.name, session)
    return session
  }

  /** The hosts that were connected. */
  async connected(): Promise<readonly HostSession[]> {
    const sessions = await Promise.allSettled(this.#sessions.values())
    return sessions.flatMap((session) => (session.status === 'fulfilled' ? [session.value] : []))
  }

  roundTrips(name: string): number {
    return [...this.#open].find((host) => host.name === name)?.roundTrips ?? 0
  }

  /** Ends what runs on every host now, once for the whole run. A host that does not answer in time is given up. */
  abandon(): Promise<void> {
    this.#abandoned ??= this.#abandonAll()
    return this.#abandoned
  }

  async #abandonAll(): Promise<void> {
    await Promise.allSettled(
      [...this.#open].map(async (host) => {
        const late = setTimeout(() => host.close(), ABANDON_MS)
        await host.abandon().then(
          () => clearTimeout(late),
          () => host.close(),
        )
      }),
    )
  }

  close(): void {
    clearInterval(this.#signsOfLife)
    for (const host of this.#open) host.close()
    closeAll(this.#options.opening)
  }

  async #connect(wanted: InventoryHost): Promise<HostSession> {
    const { name } = wanted
    const { emit, signal } = this.#options
    emit({ type: 'connecting', host: name, at: Date.now() })
    try {
      const host = await this.#openAndLock(wanted)
      this.#reportNotes(host)
      emit({ type: 'connected', host: name, os: host.facts.os.name, at: Date.now() })
      return this.#sessionOf(host, wanted)
    } catch (error) {
      const problem = asProblem(error, name)
      if (problem.code !== 'cancelled' && !signal.aborted)
        emit({ type: 'unreachable', host: name, problem, at: Date.now() })
      throw new RolecallError(problem)
    }
  }

  async #openAndLock(wanted: InventoryHost): Promise<Host> {
    const { name } = wanted
    const { signal, acceptNewHostKeys } = this.#options
    const wait = this.#waitFor(name)
    const early = this.#options.opening.get(name)
    if (early?.failure !== undefined) wait.say(`${reasonOf(asProblem(early.failure, name))}: trying again`)
    const opening = early?.failure === undefined ? early : undefined
    const lockHolder = this.#lockHolderFor(wanted)
    const options = {
      acceptNewHostKeys,
      signal,
      onWaiting: wait.say,
      ...(lockHolder === undefined ? {} : { lockHolder }),
      ...(opening === undefined ? {} : { opening: opening.connection }),
    }
    const host = await connectWithRetry(wanted, options, wait)
    this.#open.add(host)
    if (lockHolder) await acquireHostLock(host, lockHolder, this.#options.wait, wait)
    return host
  }

  #sessionOf(host: Host, wanted: InventoryHost): HostSession {
    const session = {
      host,
      prediction: new Prediction(),
      earlier: new EarlierChanges(this.#calls),
      inTurn: oneAfterAnother(),
      started: new StartedResources(),
    }
    if (!CAN_RECONNECT.includes(wanted.connection.kind)) return session
    return { ...session, reconnect: (how) => this.#reconnect(host, wanted, how) }
  }

  async #reconnect(host: Host, wanted: InventoryHost, how: Reconnect): Promise<void> {
    const wait = this.#waitFor(wanted.name)
    await reconnectHost(host, wanted, how, { ...wait, acceptNewHostKeys: this.#options.acceptNewHostKeys })
    const lockHolder = this.#lockHolderFor(wanted)
    if (lockHolder === undefined) return
    await host.lockAgain(lockHolder)
    await acquireHostLock(host, lockHolder, this.#options.wait, wait)
  }

  /** This machine may be used for many hosts of many projects at once, so no run locks it. */
  #lockHolderFor({ connection }: InventoryHost): LockHolder | undefined {
    return connection.kind === 'local' ? undefined : this.#options.lockHolder
  }

  #waitFor(host: string): Wait {
    const { emit, signal } = this.#options
    return { signal, say: (message) => emit({ type: 'waiting', host, message, at: Date.now() }) }
  }

  /** A problem of many hosts is reported once. */
  #reportNotes({ name, connection }: Host): void {
    for (const message of connection.notes ?? []) {
      if (this.#noted.has(message)) continue
      this.#noted.add(message)
      this.#options.emit({ type: 'note', host: name, message, at: Date.now() })
    }
  }

  /** A host that is working shows this by its output. */
  #showLife(): void {
    for (const host of this.#open) if (host.lock?.type === 'held') host.showLife().catch(() => undefined)
  }
}

function oneAfterAnother(): HostSession['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

function asProblem(error: unknown, host: string): Problem {
  const [problem] = error instanceof RolecallError ? error.problems : []
  return problem ?? { code: 'connect', host, message: error instanceof Error ? error.message : String(error) }
}
