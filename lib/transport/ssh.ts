import { EventEmitter } from 'node:events'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { connect, Socket } from 'node:net'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { AnyAuthMethod, Client, ClientChannel, ServerHostKeyAlgorithm } from 'ssh2'
import { Refusal, type Problem } from '../errors.ts'
import { fingerprint, keyType, knownHosts, knownHostsLine, type KnownHosts } from './known-hosts.ts'
import type { Channel, Connection } from './transport.ts'

export interface SshOptions {
  /** The inventory's name of the host, for messages. */
  readonly host: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** Tried alone when given; otherwise the agent and the usual files of ~/.ssh are. */
  readonly privateKeyFile?: string
  readonly password?: { reveal(): string }
  /** The first is the one that new keys are added to. Default: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts. */
  readonly knownHostsFiles?: readonly string[]
  /** A host that no known_hosts file names: refused, or added to the first file. A changed key is always refused. */
  readonly unknownHostKeys: 'refuse' | 'accept-new'
  /** Seconds for connecting and authenticating together. */
  readonly connectTimeout: number
  /** Seconds between signs of life; after three without an answer the connection counts as lost. */
  readonly keepaliveInterval: number
  /** Ends connecting. A connection that stands is closed by whoever has it. */
  readonly signal?: AbortSignal
}

/**
 * Opens one SSH connection and keeps it.
 *
 * Throws a Refusal whose problem is `connect` (nobody answers), `host-key` (unknown, changed or revoked) or `auth`.
 */
export async function connectSsh(options: SshOptions): Promise<Connection> {
  const files = options.knownHostsFiles ?? [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts']
  const known = knownHosts(await readAll(files))
  const methods = await authMethods(options)
  // 40 ms of start-up that only those pay who connect.
  const { NodeSSH } = await import('node-ssh')
  const ssh = new NodeSSH()
  const sock = packetSocket(options.address, options.port)
  let keyProblem: Problem | undefined
  let newKey: Buffer | undefined
  const onAbort = () => sock.destroy(new Error('the run was ended'))
  options.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    options.signal?.throwIfAborted()
    await ssh.connect({
      sock,
      host: options.address,
      port: options.port,
      username: options.user,
      readyTimeout: options.connectTimeout * 1000,
      keepaliveInterval: options.keepaliveInterval * 1000,
      keepaliveCountMax: 3,
      authHandler: methods,
      algorithms: { serverHostKey: preferred(known.types(options.address, options.port)) },
      hostVerifier: (key: Buffer) => {
        keyProblem = judgeKey(known, options, key, files)
        if (keyProblem === undefined && known.judge(options.address, options.port, key).is === 'unknown') newKey = key
        return keyProblem === undefined
      },
    })
  } catch (error) {
    ssh.dispose()
    sock.destroy()
    throw new Refusal(keyProblem ?? connectProblem(options, methods, error))
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
  const client = ssh.connection
  if (client === null) throw new Refusal(connectProblem(options, methods, new Error('closed at once')))
  const connection = new SshConnection(client, options)
  try {
    if (newKey !== undefined) await remember(files[0], options, newKey)
    return connection
  } catch (error) {
    connection.close()
    throw new Refusal(notRemembered(options, files[0] ?? '', error))
  }
}

/**
 * Sends what is written in one turn of the event loop as one segment. ssh2 writes the length of a packet, what is in it and its tag one by one:
 * three system calls here, and sshd wakes up three times. With Nagle's algorithm, which would join them as well, a small command waits
 * for the other side's delayed acknowledgement: 48 ms against 4.6 ms.
 */
export function packetSocket(host: string, port: number): Socket {
  const socket = connect({ host, port, noDelay: true })
  const write = socket.write.bind(socket)
  // Not a subclass: `connect` puts the `write` of Socket itself over that of whatever inherits from it.
  socket.write = (chunk: Uint8Array | string, next?: BufferEncoding | Written, done?: Written) => {
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    return typeof next === 'function' ? write(chunk, undefined, next) : write(chunk, next, done)
  }
  return socket
}

type Written = (error?: Error | null) => void

/** How much longer than connecting a command may take to begin: profiles and sudo ask directories and name servers. */
const TO_BEGIN = 3

class SshConnection implements Connection {
  lost: Problem | undefined
  readonly patience: number
  readonly #client: Client
  readonly #options: SshOptions
  #closed = false
  /** Sessions that are asked for and not there yet. */
  readonly #waiting = new Set<(problem: Problem) => void>()

  constructor(client: Client, options: SshOptions) {
    this.#client = client
    this.#options = options
    this.patience = TO_BEGIN * options.connectTimeout
    // node-ssh takes its own listener away once connected, and an `error` that nobody hears ends the process.
    client.on('error', (error) => this.#onLost(error.message))
    client.on('close', () => this.#onLost('the connection was closed by the other side'))
  }

  async open(command: string): Promise<Channel> {
    if (this.lost) throw new Refusal(this.lost)
    let timer: NodeJS.Timeout | undefined
    let giveUp: ((problem: Problem) => void) | undefined
    const channel = await new Promise<ClientChannel>((resolve, reject) => {
      giveUp = (problem) => reject(new Refusal(problem))
      this.#waiting.add(giveUp)
      timer = setTimeout(() => giveUp?.(this.#noSession()), this.patience * 1000)
      this.#client.exec(command, (error, opened) => {
        if (error) reject(new Refusal(this.lost ?? this.#problem(`sshd opened no session: ${error.message}`)))
        else resolve(opened)
      })
    }).finally(() => {
      clearTimeout(timer)
      if (giveUp) this.#waiting.delete(giveUp)
    })
    return new SshChannel(channel)
  }

  /** The host authenticated us, and then nothing came. */
  #noSession(): Problem {
    const { host, address, port } = this.#options
    return {
      code: 'connect',
      host,
      message: `sshd at ${address}:${port} opened no session within ${this.patience} s`,
      expected: 'a session after authentication',
      hint: `see what its sshd says (journalctl -u ssh), and by hand: ssh -p ${port} ${address} true`,
    }
  }

  close(): void {
    this.#closed = true
    for (const giveUp of this.#waiting) giveUp(this.#problem('it was closed from this side'))
    this.#client.end()
    // A dead peer never answers the goodbye; without this the process would wait for the keepalive to give up.
    setTimeout(() => this.#client.destroy(), 500).unref()
  }

  cut(): void {
    this.#closed = true
    for (const giveUp of this.#waiting) giveUp(this.#problem('it was closed from this side'))
    this.#client.destroy()
  }

  #onLost(why: string): void {
    if (this.#closed || this.lost) return
    this.lost = this.#problem(why)
    for (const giveUp of this.#waiting) giveUp(this.lost)
    this.#client.destroy()
  }

  #problem(why: string): Problem {
    const { host, address, port } = this.#options
    return {
      code: 'lost',
      host,
      message: `lost the connection to ${address}:${port}: ${why}`,
      hint: `see whether ${host} is up and what its sshd says (journalctl -u ssh), then run the same command again: what is done will not be done twice`,
    }
  }
}

class SshChannel extends EventEmitter implements Channel {
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
      // ssh2 says `close` as soon as stdout has ended; the last words of stderr may still be on their way.
      if (this.stderr.readableEnded || this.stderr.destroyed) tell()
      else this.stderr.once('end', tell)
    })
  }
}

function judgeKey(known: KnownHosts, options: SshOptions, key: Buffer, files: readonly string[]): Problem | undefined {
  const { host, address, port } = options
  const verdict = known.judge(address, port, key)
  const got = `${keyType(key)} ${fingerprint(key)}`
  const name = port === 22 ? address : `[${address}]:${port}`
  switch (verdict.is) {
    case 'known':
      return undefined
    case 'unknown':
      if (options.unknownHostKeys === 'accept-new') return undefined
      return {
        code: 'host-key',
        host,
        message: `the host key of ${name} is not known`,
        expected: `a line for ${name} in ${files.join(' or ')}`,
        got,
        hint: `compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then run again with --accept-new-host-keys`,
      }
    case 'revoked':
      return {
        code: 'host-key',
        host,
        message: `the host key of ${name} is revoked`,
        expected: 'a key that is not marked @revoked',
        got,
        hint: `it is revoked at ${verdict.place}: do not connect before whoever revoked it says why`,
      }
    case 'changed':
      return {
        code: 'host-key',
        host,
        message: `the host key of ${name} has changed: either the host was set up anew, or somebody stands in between`,
        expected: verdict.known.map((entry) => `${entry.type} ${entry.fingerprint} (${entry.place})`).join(' or '),
        got,
        hint: `when you know that the host was set up anew: ssh-keygen -R '${name}' -f ${files[0] ?? ''}, then run again with --accept-new-host-keys`,
      }
  }
}

async function authMethods(options: SshOptions): Promise<AnyAuthMethod[]> {
  const { user: username, password, privateKeyFile } = options
  const methods: AnyAuthMethod[] = []
  const agent = process.env['SSH_AUTH_SOCK']
  const home = join(homedir(), '.ssh')
  const files =
    privateKeyFile === undefined
      ? ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, name))
      : [privateKeyFile]
  for (const file of files) {
    try {
      methods.push({ type: 'publickey', username, key: await readFile(file) })
    } catch (error) {
      if (privateKeyFile !== undefined) throw new Refusal(keyFileProblem(options.host, file, error))
    }
  }
  if (privateKeyFile === undefined && agent !== undefined) methods.unshift({ type: 'agent', username, agent })
  if (password) methods.push({ type: 'password', username, password: password.reveal() })
  return methods
}

function keyFileProblem(host: string, file: string, error: unknown): Problem {
  return {
    code: 'auth',
    host,
    message: `cannot read the private key ${file}`,
    got: error instanceof Error ? error.message : String(error),
    hint: 'correct ansible_ssh_private_key_file in the inventory; for the lab, `rolecall lab up` makes the key',
  }
}

function connectProblem(options: SshOptions, methods: readonly AnyAuthMethod[], error: unknown): Problem {
  const { host, address, port, user } = options
  const got = error instanceof Error ? error.message : String(error)
  if (/authentication methods failed|Encrypted.*passphrase|Cannot parse privateKey/i.test(got)) {
    const tried =
      methods.map((method) => method.type).join(', ') || 'nothing: there is no key, agent or password to try'
    return {
      code: 'auth',
      host,
      message: `${user}@${address} does not let us in`,
      got: `${got} (tried: ${tried})`,
      hint: `try it by hand: ssh -p ${port} ${user}@${address}; then set ansible_user or ansible_ssh_private_key_file, or add the key to ssh-agent`,
    }
  }
  return {
    code: 'connect',
    host,
    message: `cannot connect to ${address}:${port}`,
    expected: `sshd answers within ${options.connectTimeout} s`,
    got,
    hint: `see whether the host is up and ansible_host and ansible_port are right: ssh -p ${port} ${user}@${address}`,
  }
}

const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** Asks first for a key that we know: otherwise a host with several keys would look like one that has changed. */
function preferred(types: readonly string[]): ServerHostKeyAlgorithm[] {
  const known = (algorithm: string) => types.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...hostKeyAlgorithms].sort((a, b) => Number(known(b)) - Number(known(a)))
}

/** Without the key in a file the next run would believe another key just as readily. */
function notRemembered({ host }: SshOptions, file: string, error: unknown): Problem {
  return {
    code: 'host-key',
    host,
    message: `the new host key cannot be remembered, so the connection is not used`,
    expected: `${file} can be written`,
    got: error instanceof Error ? error.message : String(error),
    hint: `make ${file} and its directory writable for this user, or add the key by hand: ssh-keyscan ${host} >> known_hosts, after comparing its fingerprint`,
  }
}

async function readAll(files: readonly string[]): Promise<{ path: string; text: string }[]> {
  const texts = await Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')))
  return files.map((path, index) => ({ path, text: texts[index] ?? '' }))
}

async function remember(file: string | undefined, options: SshOptions, key: Buffer): Promise<void> {
  if (file === undefined) return
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await appendFile(file, knownHostsLine(options.address, options.port, key), { mode: 0o600 })
}
