import { EventEmitter } from 'node:events'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Client, ClientChannel, ConnectConfig } from 'ssh2'
import { RolecallError, type Problem } from '../../errors.ts'
import { libraryAlgorithms } from './algorithms.ts'
import { learnAnnouncedKeys } from './announced-keys.ts'
import { authentication, type Authentication } from './authentication.ts'
import { checkKey, readKnownHosts, rememberKey } from './host-keys.ts'
import type { Identities } from './identities.ts'
import type { KnownHosts } from '../known-hosts.ts'
import { loadLibrary } from './library.ts'
import { byHand, keyNameOf, placeOf, type SshTarget } from './target.ts'
import type { Channel, Connection } from '../transport.ts'

/** The stream to a host, and the last error output of its proxy command or jump host. */
export interface Way {
  readonly sock: Duplex
  readonly said: () => string
}

/** Host and library have no common algorithm, or only the program can use the remaining keys. */
interface NotByLibrary {
  readonly reason: string
  readonly problem: Problem
}

/** A connection that can open streams to further hosts. */
export interface HopConnection extends Connection {
  /** Opens a stream from this host to an address. */
  forward(address: string, port: number): Promise<Duplex>
}

/**
 * Opens a connection through ssh2. Returns a reason to try the program `ssh` instead, where there is one.
 *
 * Throws a RolecallError whose problem is `connect` (nobody answers), `host-key` (unknown, changed or revoked) or `auth`.
 *
 * @param lead opens the stream to the host, once keys and settings are ready
 */
export async function connectByLibrary(
  target: SshTarget,
  identities: Identities,
  lead: () => Promise<Way>,
): Promise<HopConnection | NotByLibrary> {
  const known = await readKnownHosts(target)
  const { host: lookedUp, port: lookedUpPort } = keyNameOf(target)
  const algorithms = libraryAlgorithms(target.settings.algorithms, known.types(lookedUp, lookedUpPort))
  if (algorithms === undefined)
    return { reason: 'its algorithms are chosen by ssh', problem: connectProblem(target, 'no algorithm is left') }
  const auth = await authentication(target, identities)
  const { Client } = await loadLibrary()
  const client = new Client()
  if (target.signal?.aborted === true) throw new RolecallError(connectProblem(target, 'the run was ended'))
  const way = await lead()
  const hostKey = new HostKey(target, known)
  client.on('hostkeys', (keys) => hostKey.learn(keys.map((key) => key.getPublicSSH())))
  const onAbort = () => way.sock.destroy(new Error('the run was ended'))
  target.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    target.signal?.throwIfAborted()
    await ready(client, {
      ...loginSettings(target),
      sock: way.sock,
      authHandler: auth.next,
      algorithms,
      hostVerifier: (key: Buffer) => hostKey.check(key),
    })
  } catch (error) {
    client.destroy()
    way.sock.destroy()
    return loginFailure(target, error, { hostKey, auth, said: way.said })
  } finally {
    target.signal?.removeEventListener('abort', onAbort)
  }
  const connection = new LibraryConnection(client, target)
  const notKept = await hostKey.remember()
  if (notKept === undefined) return connection
  connection.close()
  throw new RolecallError(notKept)
}

/** What the configuration says of the login itself. */
function loginSettings({ settings, connectTimeout, keepaliveInterval }: SshTarget): ConnectConfig {
  return {
    host: settings.hostName,
    port: settings.port,
    username: settings.user,
    readyTimeout: connectTimeout * 1000,
    keepaliveInterval: (settings.keepaliveSeconds ?? keepaliveInterval) * 1000,
    keepaliveCountMax: settings.keepaliveCount,
    ...(settings.forwardAgent && settings.agent !== undefined ? { agent: settings.agent, agentForward: true } : {}),
  }
}

/** The key that the host presents: checked during the login, and remembered after it if it is new. */
class HostKey {
  readonly #target: SshTarget
  readonly #known: KnownHosts
  #presented: { readonly key: Buffer; readonly isNew: boolean } | undefined
  #problem: Problem | undefined

  constructor(target: SshTarget, known: KnownHosts) {
    this.#target = target
    this.#known = known
  }

  /** Why the key is refused. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  get wasPresented(): boolean {
    return this.#presented !== undefined
  }

  check(key: Buffer): boolean {
    const { problem, isNew } = checkKey(this.#known, this.#target, key)
    this.#problem = problem
    this.#presented = { key, isNew }
    return problem === undefined
  }

  /** Learns the further keys of a host whose key was known before. */
  learn(proven: readonly Buffer[]): void {
    if (this.#presented?.isNew === false) learnAnnouncedKeys(this.#target, this.#known, this.#presented.key, proven)
  }

  /** Writes a new key down. Returns the problem if that fails. */
  async remember(): Promise<Problem | undefined> {
    return this.#presented?.isNew === true ? await rememberKey(this.#target, this.#presented.key) : undefined
  }
}

/** What an attempt to log in has left. */
interface LoginAttempt {
  readonly hostKey: HostKey
  readonly auth: Authentication
  readonly said: () => string
}

/** Returns why the program `ssh` should try it, and throws the problem of a host that it would not reach either. */
function loginFailure(target: SshTarget, error: unknown, { hostKey, auth, said }: LoginAttempt): NotByLibrary {
  if (hostKey.problem !== undefined) throw new RolecallError(hostKey.problem)
  const got = error instanceof Error ? error.message : String(error)
  if (/Handshake failed: no matching|Unsupported algorithm/i.test(got))
    return { reason: 'ssh knows algorithms that the host wants', problem: connectProblem(target, got) }
  const isAuth = /authentication methods failed|Too many authentication failures/i.test(got)
  if (!isAuth && got === CLOSED && hostKey.wasPresented) throw new RolecallError(closedInLogin(target))
  if (!isAuth) throw new RolecallError(connectProblem(target, got, said()))
  const problem = auth.problem(got)
  const reason = auth.onlyProgram()
  if (reason === undefined) throw new RolecallError(problem)
  return { reason, problem }
}

const CLOSED = 'closed at once'

function ready(client: Client, config: ConnectConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    // An agent that fails with one key may sign with the next. The listener stays, because an unhandled `error` would end the process.
    client.on('error', (error: Error & { readonly level?: string }) => {
      if (error.level !== 'agent') reject(error)
    })
    client.once('ready', resolve)
    client.once('close', () => reject(new Error(CLOSED)))
    client.connect(config)
  })
}

/** The problem when nobody answers, or something other than sshd. */
export function connectProblem(target: SshTarget, got: string, said = ''): Problem {
  return {
    code: 'connect',
    host: target.host,
    message: `cannot connect to ${placeOf(target)}${wayOf(target)}`,
    expected: `sshd answers within ${target.connectTimeout} s`,
    got,
    ...(said === '' ? {} : { output: said }),
    hint: `see whether the host is up and ansible_host and ansible_port are right: ${byHand(target)}`,
  }
}

/** The problem when sshd has shown its key and then closes the connection before authentication ends. */
function closedInLogin(target: SshTarget): Problem {
  return {
    code: 'connect',
    host: target.host,
    message: `sshd at ${placeOf(target)} closes the connection during the login of ${target.settings.user}`,
    got: CLOSED,
    hint: `the account may have expired (chage -l ${target.settings.user}), or sshd is being restarted: see what it says (journalctl -u ssh), and by hand: ${byHand(target)}`,
  }
}

function wayOf({ settings }: SshTarget): string {
  if (settings.proxyJump.length > 0) return ` through ${settings.proxyJump.join(', ')}`
  return settings.proxyCommand === undefined ? '' : ' through its ProxyCommand'
}

/** How much longer than connecting the start of a command may take: profiles and sudo may query directory and name servers. */
export const TO_BEGIN = 3

class LibraryConnection implements HopConnection {
  lost: Problem | undefined
  readonly patience: number
  readonly #client: Client
  readonly #target: SshTarget
  #closed = false
  /** Sessions that were requested but are not open yet. */
  readonly #waiting = new Set<(problem: Problem) => void>()

  constructor(client: Client, target: SshTarget) {
    this.#client = client
    this.#target = target
    this.patience = TO_BEGIN * target.connectTimeout
    client.on('error', (error) => this.#onLost(error.message))
    client.on('close', () => this.#onLost('the connection was closed by the other side'))
  }

  async open(command: string): Promise<Channel> {
    const env = this.#target.settings.environment
    const channel = await this.#ask<ClientChannel>('sshd opened no session', (done) =>
      this.#client.exec(command, Object.keys(env).length === 0 ? {} : { env: { ...env } }, done),
    )
    return new LibraryChannel(channel)
  }

  forward(address: string, port: number): Promise<Duplex> {
    return this.#ask<Duplex>('it forwards nothing', (done) =>
      this.#client.forwardOut('127.0.0.1', 65_535, address, port, done),
    )
  }

  async #ask<T>(refused: string, ask: (done: (error: Error | undefined, channel: T) => void) => unknown): Promise<T> {
    if (this.lost) throw new RolecallError(this.lost)
    let timer: NodeJS.Timeout | undefined
    let giveUp: ((problem: Problem) => void) | undefined
    return new Promise<T>((resolve, reject) => {
      giveUp = (problem) => reject(new RolecallError(problem))
      this.#waiting.add(giveUp)
      timer = setTimeout(() => giveUp?.(noSession(this.#target, this.patience)), this.patience * 1000)
      ask((error, opened) => {
        if (error) reject(new RolecallError(this.lost ?? lostProblem(this.#target, `${refused}: ${error.message}`)))
        else resolve(opened)
      })
    }).finally(() => {
      clearTimeout(timer)
      if (giveUp) this.#waiting.delete(giveUp)
    })
  }

  close(): void {
    this.#giveUp()
    this.#client.end()
    // A dead peer never answers the disconnect. Without this, the process would wait for the keepalive to time out.
    setTimeout(() => this.#client.destroy(), 500).unref()
  }

  cut(): void {
    this.#giveUp()
    this.#client.destroy()
  }

  #giveUp(): void {
    this.#closed = true
    for (const giveUp of this.#waiting) giveUp(lostProblem(this.#target, 'it was closed from this side'))
  }

  #onLost(why: string): void {
    if (this.#closed || this.lost) return
    this.lost = lostProblem(this.#target, why)
    for (const giveUp of this.#waiting) giveUp(this.lost)
    this.#client.destroy()
  }
}

/** The problem of a host that stopped answering after authentication. */
function noSession(target: SshTarget, patience: number): Problem {
  return {
    code: 'connect',
    host: target.host,
    message: `sshd at ${placeOf(target)} opened no session within ${patience} s`,
    expected: 'a session after authentication',
    hint: `see what its sshd says (journalctl -u ssh), and by hand: ${byHand(target)} true`,
  }
}

/** The problem of a connection that was lost. */
export function lostProblem(target: SshTarget, why: string): Problem {
  return {
    code: 'lost',
    host: target.host,
    message: `lost the connection to ${placeOf(target)}: ${why}`,
    hint: `see whether ${target.host} is up and what its sshd says (journalctl -u ssh), then run the same command again: finished work is not repeated`,
  }
}

class LibraryChannel extends EventEmitter implements Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable

  constructor(channel: ClientChannel) {
    super()
    this.stdin = channel
    this.stdout = channel
    this.stderr = channel.stderr
    channel.on('error', () => undefined)
    channel.once('exit', (code?: number | null, signal?: string) => this.emit('exit', code ?? null, signal ?? null))
    channel.once('close', (code?: number | null, signal?: string) => {
      const tell = () => this.emit('close', code ?? null, signal ?? null)
      // ssh2 emits `close` as soon as stdout has ended, when the end of stderr may not have arrived.
      if (this.stderr.readableEnded || this.stderr.destroyed) tell()
      else this.stderr.once('end', tell)
    })
  }
}
