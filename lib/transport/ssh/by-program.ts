import { EventEmitter } from 'node:events'
import type { Duplex, Readable, Writable } from 'node:stream'
import { join } from 'node:path'
import { RolecallError, type Problem } from '../../errors.ts'
import { readCommandLine } from '../../ssh-config/command-line.ts'
import { answerQuestions, privateDirectory, type Answers, type PrivateDirectory } from './askpass.ts'
import { findIdentities } from './identities.ts'
import { ended, endProgram, lastWords, startProgram, type Child } from '../child.ts'
import { packetStream } from '../packets.ts'
import { isListening } from './listening.ts'
import { programProblem, untouchedProblem } from './program-problems.ts'
import { answersOf, type Touch } from './questions.ts'
import { lostProblem, TO_BEGIN, type HopConnection } from './by-library.ts'
import type { SshTarget } from './target.ts'
import type { Channel } from '../transport.ts'

/**
 * Runs ssh, and ends it with this process: its input pipe closes when this process is gone, however that happens. Otherwise an ssh that
 * shares its connection would keep running, and its directory would stay.
 */
const GUARDED = `d=$1; shift; exec 3<&0; "$@" </dev/null 3<&- & p=$!; { cat <&3; kill $p; rm -rf "$d"; } >/dev/null 2>&1 & exec 3<&-; wait $p`

/** The output of ssh after a successful login. */
const READY = 'rolecall-ready'

/**
 * Opens a connection by the program ssh(1): one ssh connects and shares its connection, and each command is a further
 * ssh over that connection.
 *
 * Throws the same RolecallErrors as the connection through ssh2.
 *
 * @param existing the socket of an existing connection, which is used but not closed
 */
export async function connectByProgram(target: SshTarget, program: string, existing?: string): Promise<HopConnection> {
  if (existing !== undefined) return new ProgramConnection({ target, program, socket: existing })
  const directory = await privateDirectory()
  let answers: Answers | undefined
  try {
    const touch = await touchOf(target)
    answers = await answerQuestions(directory.path, answersOf(target, touch))
    const socket = join(directory.path, 'c')
    const words = [
      ...firstWords(target),
      '-o',
      'PermitLocalCommand=yes',
      '-o',
      `LocalCommand=echo ${READY}`,
      '-M',
      '-N',
      '-S',
      socket,
    ]
    const all = [program, ...words, ...target.words, '--', target.address]
    const env = { ...process.env, LC_ALL: 'C', ...answers.environment }
    const master = startProgram('/bin/sh', ['-c', GUARDED, 'sh', directory.path, ...all], env)
    await letIn(target, master, touch)
    return new ProgramConnection({ target, program, socket, master, directory })
  } catch (error) {
    await directory.remove()
    throw error
  } finally {
    answers?.close()
  }
}

/** Options that override the configuration, since ssh takes the first of two. */
function firstWords({ settings, connectTimeout, keepaliveInterval }: SshTarget): readonly string[] {
  const options = {
    StrictHostKeyChecking: settings.unknownHostKeys === 'accept-new' ? 'accept-new' : 'yes',
    ConnectTimeout: connectTimeout,
    ServerAliveInterval: settings.keepaliveSeconds ?? keepaliveInterval,
    ServerAliveCountMax: settings.keepaliveCount,
    NumberOfPasswordPrompts: 1,
    // This process answers, not a user.
    BatchMode: 'no',
    ClearAllForwardings: 'yes',
    ControlPersist: 'no',
    EscapeChar: 'none',
    LogLevel: 'ERROR',
    RemoteCommand: 'none',
    RequestTTY: 'no',
  }
  return Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`])
}

/** Over a shared connection no jump host is needed, and ssh refuses -J together with a ProxyCommand. */
function withoutJump(words: readonly string[]): readonly string[] {
  const options = readCommandLine(words)
  return options === undefined
    ? words
    : options.flatMap(({ letter, value }) =>
        letter === 'J' ? [] : [`-${letter}`, ...(value === undefined ? [] : [value])],
      )
}

/** Seconds that the user has to touch a security key. */
const TOUCH_SECONDS = 60
/** Seconds of silence after which a touch is taken to be needed, if the agent has such a key. */
const TOUCH_LIKELY_SECONDS = 3

async function touchOf(target: SshTarget): Promise<Touch> {
  const { onlyProgram } = await findIdentities(target)
  return { isPossible: onlyProgram.length > 0, asked: () => undefined }
}

/** Waits for the login. */
function letIn(target: SshTarget, master: Child, touch: Touch): Promise<void> {
  const said = lastWords(master)
  const { signal, connectTimeout, say } = target
  return new Promise<void>((resolve, reject) => {
    const fail = (problem: Problem) => {
      endProgram(master, 'SIGKILL')
      reject(new RolecallError(problem))
    }
    const onAbort = () => fail(programProblem(target, 'the run was ended'))
    const onLate = () => fail(programProblem(target, said() === '' ? 'Connection timed out' : said()))
    let timer = setTimeout(onLate, (connectTimeout + (touch.isPossible ? TOUCH_SECONDS : 0)) * 1000)
    const onSilence = () => say?.('a security key may wait for a touch')
    const silence = touch.isPossible ? setTimeout(onSilence, TOUCH_LIKELY_SECONDS * 1000) : undefined
    touch.asked = (key) => {
      say?.(`touch the security key (${key})`)
      clearTimeout(timer)
      clearTimeout(silence)
      timer = setTimeout(() => fail(untouchedProblem(target, key, TOUCH_SECONDS)), TOUCH_SECONDS * 1000)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = (how: () => void) => {
      clearTimeout(timer)
      clearTimeout(silence)
      touch.asked = () => undefined
      signal?.removeEventListener('abort', onAbort)
      how()
    }
    let parseOutput = ''
    master.stdout.on('data', (chunk: Buffer) => {
      parseOutput = (parseOutput + chunk.toString('latin1')).slice(-1000)
      if (parseOutput.includes(READY)) settle(resolve)
    })
    master.once('error', (error) => settle(() => fail(programProblem(target, error.message))))
    master.once('close', () => settle(() => fail(programProblem(target, said()))))
    if (signal?.aborted === true) onAbort()
  })
}

interface Opened {
  readonly target: SshTarget
  readonly program: string
  readonly socket: string
  /** Absent for a connection of another process. */
  readonly master?: Child
  readonly directory?: PrivateDirectory
}

class ProgramConnection implements HopConnection {
  lost: Problem | undefined
  readonly patience: number
  readonly #opened: Opened
  readonly #running = new Set<Child>()
  #closed = false
  #hasEnded = false

  constructor(opened: Opened) {
    this.#opened = opened
    this.patience = TO_BEGIN * opened.target.connectTimeout
    const { master, directory, target } = opened
    if (master === undefined) return
    const said = lastWords(master)
    master.once('close', () => {
      this.#hasEnded = true
      void directory?.remove()
      if (!this.#closed) this.lost = lostProblem(target, said() === '' ? 'ssh ended' : said())
      master.stdin.destroy()
    })
    master.stdout.resume()
    // Only running commands keep this process alive, not the idle connection.
    master.unref()
  }

  open(command: string): Promise<Channel> {
    const channel = this.#start([], [command])
    return Promise.resolve(new ProgramChannel(channel, () => this.#endOf(channel)))
  }

  forward(address: string, port: number): Promise<Duplex> {
    const name = address.includes(':') ? `[${address}]` : address
    const channel = this.#start(['-W', `${name}:${port}`], [])
    return Promise.resolve(packetStream(channel.stdout, channel.stdin, () => endProgram(channel)))
  }

  #start(options: readonly string[], command: readonly string[]): Child {
    if (this.lost) throw new RolecallError(this.lost)
    const { target, program, socket } = this.#opened
    // Without the shared connection, it must not open a new one.
    const through = ['-o', 'ControlMaster=no', '-S', socket, '-o', 'ProxyCommand=false', '-T']
    const words = [...firstWords(target), ...through, ...options, ...withoutJump(target.words)]
    words.push('--', target.address, ...command)
    const child = startProgram(program, words, { ...process.env, LC_ALL: 'C' })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  /** Whether the connection was lost, asked after a command ended. Status 255 may be the command's own. */
  async #endOf(child: Child): Promise<boolean> {
    const { master, target, socket } = this.#opened
    if (child.exitCode !== SSH_FAILED) return child.exitCode === null
    // When the shared connection is lost, its ssh and its socket are gone before the commands over it end.
    if (await isListening(socket)) return false
    if (master !== undefined && !this.#hasEnded) await ended(master, LONGEST_END)
    if (!this.#closed) this.lost ??= lostProblem(target, 'the shared connection does not go on')
    return true
  }

  close(): void {
    this.#closed = true
    for (const child of this.#running) child.stdin.end()
    const { master } = this.#opened
    if (master === undefined) return
    // The last bytes of output and the ends of streams may not have arrived yet.
    void Promise.all([...this.#running].map((child) => ended(child, 500))).then(() => endProgram(master))
  }

  cut(): void {
    this.#closed = true
    for (const child of this.#running) endProgram(child, 'SIGKILL')
    const { master, directory } = this.#opened
    if (master !== undefined) endProgram(master, 'SIGKILL')
    void directory?.remove()
  }
}

/** Source: ssh(1), EXIT STATUS. */
const SSH_FAILED = 255

/** Milliseconds to wait for the last output of an ssh that has ended. */
const LONGEST_END = 5000

class ProgramChannel extends EventEmitter implements Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable

  constructor(child: Child, isLost: () => Promise<boolean>) {
    super()
    this.stdin = child.stdin
    this.stdout = child.stdout
    this.stderr = child.stderr
    child.once('error', () => undefined)
    child.once('close', (code: number | null) => {
      const tell = (lost: boolean) => {
        const status = lost ? null : code
        this.emit('exit', status, null)
        this.emit('close', status, null)
      }
      isLost().then(tell, () => tell(true))
    })
  }
}
