import type { Readable } from 'node:stream'
import { RolecallError, type Problem } from '../errors.ts'
import type { Facts } from '../facts.ts'
import type { Connection as Target } from '../inventory/connections/connection.ts'
import type { Answer, Bundle, Section } from '../sh/frame.ts'
import { quote } from '../sh/quote.ts'
import type { Connection } from '../transport/transport.ts'
import { ask, type AskOptions } from './shell/ask.ts'
import { openConnection, type OpenOptions } from './connect.ts'
import { factsProbe, readFacts } from './facts.ts'
import { lockHolderScript, lockReport, readLock, signOfLife, type LockHolder, type LockState } from './lock.ts'
import { endTrees } from './shell/end-trees.sh.ts'
import type { Become } from './shell/login.ts'
import type { Request } from './shell/request.ts'
import { cancelled } from './shell/shell-problems.ts'
import { PATIENCE_SECONDS, Shell } from './shell/shell.ts'

export type { AskOptions } from './shell/ask.ts'

export interface ConnectOptions extends OpenOptions {
  /** Requests the host's lock. The result is in `lock`. */
  readonly lockHolder?: LockHolder
  /** A connection to the host that is already being opened. */
  readonly opening?: Promise<Connection>
}

/** What a host over an existing connection may have besides. */
interface HostOptions {
  readonly become?: Become | undefined
  /** Requests the host's lock. */
  readonly lockHolder?: LockHolder | undefined
  /** Opens a second connection, for a server that allows one session per connection. */
  readonly connectAgain?: () => Promise<Connection>
}

/** The largest answer with facts: a host with a thousand addresses needs 80 KiB. */
const MOST_FACTS_BYTES = 256 * 1024
const MOST_LOCK_BYTES = 16 * 1024
const lockQuestion = { name: 'lock', sh: lockReport, question: 'sequential', mostBytes: MOST_LOCK_BYTES } as const

/** How many seconds longer than the start of the shell the first answer may take. */
const FACTS_PATIENCE = 2

/** One connected machine. */
export class Host {
  readonly name: string
  readonly become: Become | undefined
  #facts: Facts
  #connection: Connection
  #shell: Shell
  /** Exchanges over earlier connections. */
  #earlierTrips = 0
  #isAbandoned = false
  #lock: LockState | undefined
  /** Shells of commands in a pipe. */
  readonly #streaming = new Set<Shell>()
  /** The same host as other users. */
  readonly #asUsers = new Map<string, Promise<Host>>()
  readonly #users = new Set<Host>()
  readonly #connectAgain: (() => Promise<Connection>) | undefined

  private constructor(
    { name, facts, connection, become, lock }: Pick<Host, 'name' | 'facts' | 'connection' | 'become' | 'lock'>,
    shell: Shell,
    connectAgain?: () => Promise<Connection>,
  ) {
    this.name = name
    this.#facts = facts
    this.#connection = connection
    this.become = become
    this.#lock = lock
    this.#shell = shell
    this.#connectAgain = connectAgain
  }

  get facts(): Facts {
    return this.#facts
  }

  get connection(): Connection {
    return this.#connection
  }

  /** Whether everything on the host was ended by `abandon`. */
  get isAbandoned(): boolean {
    return this.#isAbandoned
  }

  /** Continues on the connection of `other`, a new connection to the same machine. The old connection is closed, and its lock is released. */
  takeOver(other: Host): void {
    this.#earlierTrips = this.roundTrips
    this.close()
    this.#asUsers.clear()
    this.#users.clear()
    this.#facts = other.#facts
    this.#connection = other.#connection
    this.#shell = other.#shell
    this.#lock = other.#lock
  }

  /** Connects, opens the shell, and learns the facts in the same exchange. Throws a RolecallError. */
  static async connect(name: string, target: Target, options: ConnectOptions = {}): Promise<Host> {
    const { acceptNewHostKeys = false } = options
    // Without the signal, because an interrupted run connects once more to end its processes on the host.
    const connectAgain = () => openConnection(name, target, { acceptNewHostKeys })
    const connection = await (options.opening ?? openConnection(name, target, options))
    // Before the shell has answered, none of our processes runs on the host, so there is none to end.
    const onAbort = () => connection.close()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    if (options.signal?.aborted === true) onAbort()
    try {
      return await Host.over(name, connection, {
        become: target.become,
        lockHolder: options.lockHolder,
        connectAgain,
      })
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Connects and logs in, and runs nothing: for `ConnectOptions.opening`. */
  static open(name: string, target: Target, options: ConnectOptions = {}): Promise<Connection> {
    return openConnection(name, target, options)
  }

  /** A host over an existing connection: what `connect` does after connecting. */
  static async over(name: string, connection: Connection, options: HostOptions = {}): Promise<Host> {
    try {
      return await Host.#openShell(name, connection, options)
    } catch (error) {
      connection.close()
      throw error
    }
  }

  /** Opens the shell, and learns the facts in the first exchange. */
  static async #openShell(
    name: string,
    connection: Connection,
    { become, lockHolder, connectAgain }: HostOptions,
  ): Promise<Host> {
    const shell = await Shell.open(connection, name, become)
    const questions = [
      { name: 'facts', sh: factsProbe, question: 'sequential', mostBytes: MOST_FACTS_BYTES },
      ...(lockHolder === undefined ? [] : [lockQuestion]),
    ] as const
    const seconds = FACTS_PATIENCE * (connection.patience ?? PATIENCE_SECONDS)
    const options = { seconds, ...(lockHolder === undefined ? {} : { own: lockHolderScript(lockHolder).text }) }
    const [facts = '', lock] = (await ask(shell, name, questions, options)).map(textOf)
    const lockState = lock === undefined ? undefined : readLock(lock)
    return new Host({ name, connection, become, facts: readFacts(facts), lock: lockState }, shell, connectAgain)
  }

  /** The same host as another user, over the same connection. Throws a RolecallError if that is not possible. */
  as(user: string): Promise<Host> {
    const before = this.#asUsers.get(user)
    if (before !== undefined) return before
    const other = this.#openAs(user)
    this.#asUsers.set(user, other)
    return other
  }

  async #openAs(user: string): Promise<Host> {
    const { become, facts, connection, name } = this
    if (facts.uid !== 0 && become === undefined) throw new RolecallError(notRoot(name, user))
    // root becomes another user without a password; other users use the inventory's method.
    const rooted: Become = become === undefined ? { user, method: 'root' } : { ...become, then: user }
    const host = await Host.#openShell(name, connection, { become: facts.uid === 0 ? rooted : { ...become, user } })
    this.#refuseOpened(host.#shell)
    this.#users.add(host)
    return host
  }

  /** The number of exchanges since the connection opened, including the one for the facts. */
  get roundTrips(): number {
    return [...this.#users].reduce((sum, host) => sum + host.roundTrips, this.#earlierTrips + this.#shell.roundTrips)
  }

  /** Runs sections as one script in one round trip. Returns answers of those that ran; sections of `then` always run. */
  ask(sections: readonly (Section | Bundle)[], options: AskOptions = {}): Promise<Answer[]> {
    return ask(this.#shell, this.name, sections, options)
  }

  /** The result of acquiring the host's lock; undefined when no lock was requested. */
  get lock(): LockState | undefined {
    return this.#lock
  }

  /** Requests the lock again. */
  async lockAgain(lockHolder: LockHolder): Promise<LockState> {
    const own = lockHolderScript(lockHolder).text
    const [answer] = await ask(this.#shell, this.name, [lockQuestion], { own })
    this.#lock = readLock(answer === undefined ? '' : textOf(answer))
    return this.#lock
  }

  /** Shows runs that wait for this host that its holder is still alive. */
  async showLife(): Promise<void> {
    await this.#shell.run({ script: signOfLife.text, isUncounted: true })
  }

  /** Runs one script unchanged, in one round trip. Returns its exit status. */
  run(request: Request): Promise<number> {
    return this.#shell.run(request)
  }

  /** Runs a script in parallel with the shell, as the same user, that reads `input` as it arrives. */
  async stream(request: Omit<Request, 'stdin' | 'own' | 'functions'>, input: Readable): Promise<number> {
    const shell = await Shell.open(this.connection, this.name, this.become)
    this.#refuseOpened(shell)
    this.#streaming.add(shell)
    try {
      const { stdin, done } = shell.stream(request)
      input.pipe(stdin)
      return await done
    } finally {
      this.#streaming.delete(shell)
    }
  }

  /** Ends everything that runs on the host now, with all children. The shell ends too. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true
    await Promise.all([...this.#users].map((host) => host.abandon()))
    const pids = [this.#shell, ...this.#streaming].flatMap((shell) => shell.abandon() ?? [])
    if (pids.length === 0 || this.connection.lost) return
    try {
      await end(pids, this.connection, this.name, this.become)
    } catch {
      // For a host that allows one session per connection (MaxSessions 1).
      const other = await this.#connectAgain?.()
      if (other) await end(pids, other, this.name, this.become).finally(() => other.close())
    }
  }

  /** Throws if the host was abandoned while this shell was being opened: `abandon` did not see the shell, so nothing may run in it. */
  #refuseOpened(shell: Shell): void {
    if (!this.#isAbandoned) return
    shell.close()
    throw new RolecallError(cancelled(this.name))
  }

  /** Closes the connection and all shells: the host is no longer needed. */
  close(): void {
    for (const host of this.#users) host.#shell.close()
    this.#shell.close()
    this.connection.close()
  }
}

function notRoot(host: string, user: string): Problem {
  return {
    code: 'become',
    host,
    message: `only root can become ${user} here`,
    expected: 'a login as root, or ansible_become: true',
    hint: 'set ansible_become: true for this host',
  }
}

/** Ends process trees through a second shell: the first one is busy and reads nothing. */
async function end(pids: readonly string[], connection: Connection, name: string, become: Become | undefined) {
  const shell = await Shell.open(connection, name, become)
  await shell.run({ script: `${endTrees}\nrolecall_end_trees ${pids.map(quote).join(' ')}` })
  shell.close()
}

function textOf({ stdout }: Answer): string {
  return Buffer.from(stdout).toString('utf8')
}
