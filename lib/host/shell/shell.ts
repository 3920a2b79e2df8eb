import { lengthOf } from '../../sh/input.ts'
import { sendInputs } from './send-input.ts'
import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { RolecallError } from '../../errors.ts'
import { AnswerStream } from './answer-stream.ts'
import { PendingAnswer } from './pending-answer.ts'
import type { Request } from './request.ts'
import { ShellStart, type Start } from './shell-start.ts'
import type { Channel, Connection } from '../../transport/transport.ts'
import { asRead, givesEnvironmentAway, login, type Become } from './login.ts'
import { amiss, cancelled, closed, lastWords, late, silent } from './shell-problems.ts'

/** Seconds until the shell must be ready, unless the connection sets another limit. */
export const PATIENCE_SECONDS = 30
const STREAMS = ['stdout', 'stderr'] as const
type Stream = (typeof STREAMS)[number]

/** The command that runs in the shell itself before a request; empty if there is none. */
function ownMessage(texts: readonly string[]): readonly Buffer[] {
  if (texts.length === 0) return []
  const text = asRead(texts.join('\n'))
  return [Buffer.from(`own - ${text.length} 0\n`), text]
}

/** A random word that nobody else can guess. */
function newWord(): string {
  return `-${randomBytes(9).toString('hex')}`
}

/** sshd has names for only some signals (RFC 4254, 6.10), and none for the one that ends a shell whose files exceed `ulimit -f`. */
function signalWords(signal: string): string {
  return signal.endsWith('@openssh.com') ? 'a signal that sshd has no name for: see `ulimit -a`' : `signal ${signal}`
}

/** One shell on one host, kept for the whole run. Requests run one after the other. */
export class Shell {
  readonly #channel: Channel
  readonly #connection: Connection
  readonly #host: string
  readonly #become: Become | undefined
  readonly #start: ShellStart
  #pending: PendingAnswer | undefined
  #tail: Promise<unknown> = Promise.resolve()
  readonly #answers: Readonly<Record<Stream, AnswerStream>>
  #gone: RolecallError | undefined
  #abandoned = false
  /** Empty lines for a login profile that asks a question. They are sent before the first request, in the same packet. */
  #first = ''
  #roundTrips = 0
  /** The definitions of functions that the shell already has. */
  readonly #functions = new Set<string>()

  private constructor(channel: Channel, connection: Connection, host: string, start: Start) {
    this.#channel = channel
    this.#connection = connection
    this.#host = host
    this.#become = start.become
    const answersOn = (stream: Stream) =>
      new AnswerStream({
        data: (bytes) => this.#pending?.add(stream, bytes),
        end: (status) => this.#onEnd(stream, status),
      })
    this.#answers = { stdout: answersOn('stdout'), stderr: answersOn('stderr') }
    this.#start = new ShellStart(channel, this.#answers, start)
    channel.stdin.on('error', () => undefined)
  }

  /**
   * Starts the shell, through sudo if `become` says so. Throws a RolecallError: `become` if sudo refuses, `connect` if the login never reaches sudo.
   * A missing password becomes known only with the first request, which then throws.
   */
  static async open(connection: Connection, host: string, become?: Become): Promise<Shell> {
    const word = newWord()
    const { command, first, prompts } = login(word, become)
    const channel = await connection.open(command, givesEnvironmentAway(become))
    const shell = new Shell(channel, connection, host, { word, become, prompts })
    shell.#first = first
    await shell.#listen()
    return shell
  }

  get roundTrips(): number {
    return this.#roundTrips
  }

  /** Runs one script and returns its exit status. Throws a RolecallError (`lost`) when the answer never arrives. */
  run(request: Request): Promise<number> {
    const turn = this.#tail.then(() => this.#send(request))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Runs one script that reads `stdin` as it is written. The shell ends with it. */
  stream(request: Omit<Request, 'stdin' | 'own' | 'functions'>): {
    readonly stdin: Writable
    readonly done: Promise<number>
  } {
    const script = asRead(request.script)
    const done = new Promise<number>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone)
      this.#await(request, resolve, reject, true)
      this.#channel.stdin.write(Buffer.concat([this.#takeFirst(), Buffer.from(`io - ${script.length} 0\n`), script]))
    })
    return { stdin: this.#channel.stdin, done }
  }

  /** Accepts no more requests. Returns the process whose tree must be ended if a request is running. */
  abandon(): string | undefined {
    if (this.#gone) return undefined
    this.#abandoned = true
    return this.#pending === undefined ? undefined : this.#start.pid
  }

  close(): void {
    this.#channel.stdin.end()
  }

  #send(request: Request): Promise<number> {
    if (this.#gone) throw this.#gone
    if (this.#abandoned) throw new RolecallError(cancelled(this.#host))
    if (request.isUncounted !== true) this.#roundTrips += 1
    return new Promise((resolve, reject) => {
      const boundary = this.#await(request, resolve, reject)
      const script = asRead(request.script)
      const { stdin = [] } = request
      const inputs = stdin instanceof Uint8Array ? [stdin] : stdin
      const own = [...this.#newFunctions(request), ...(request.own === undefined ? [] : [request.own])]
      // Exactly one write if the request is small, so that it is one packet.
      this.#channel.stdin.write(
        Buffer.concat([
          this.#takeFirst(),
          ...ownMessage(own),
          Buffer.from(`rc ${boundary} ${script.length} ${lengthOf(inputs)}\n`),
          script,
        ]),
      )
      void sendInputs(this.#channel.stdin, inputs).catch((error: unknown) => {
        this.#fail(error instanceof RolecallError ? error : new RolecallError(cancelled(this.#host)))
      })
    })
  }

  /** The functions of a request that the shell does not have yet. */
  #newFunctions({ functions = [] }: Request): readonly string[] {
    const added = functions.filter((text) => !this.#functions.has(text))
    for (const text of added) this.#functions.add(text)
    return added
  }

  /** Starts to expect the answer to this request. Returns the boundary that ends the answer. */
  #await(
    request: Request,
    resolve: (code: number) => void,
    reject: (error: unknown) => void,
    endsShell = false,
  ): string {
    const onLate = (seconds: number) => this.#fail(new RolecallError(silent(this.#host, seconds)))
    this.#pending = new PendingAnswer(this.#host, request, { resolve, reject, onLate }, endsShell)
    const boundary = newWord()
    for (const answers of Object.values(this.#answers)) answers.expect(boundary)
    return boundary
  }

  #takeFirst(): Buffer {
    const first = this.#first
    this.#first = ''
    return Buffer.from(first)
  }

  /** Reads the host's output, and waits until the first request may be sent. */
  async #listen(): Promise<void> {
    const seconds = this.#connection.patience ?? PATIENCE_SECONDS
    this.#channel.once('close', (code, signal) => this.#onClose(code, signal))
    for (const stream of STREAMS) {
      this.#channel[stream].once('end', () => this.#answers[stream].close())
      this.#channel[stream].on('data', (chunk: Buffer) => this.#take(stream, chunk))
    }
    if (this.#become?.password !== undefined) this.#channel.stdin.write(this.#takeFirst())
    await this.#start.wait(seconds, () => this.#onLate(seconds))
  }

  #take(stream: Stream, chunk: Buffer): void {
    if (this.#gone) return
    try {
      this.#start.push(stream, chunk)
    } catch (error) {
      this.#fail(error)
    }
  }

  #onEnd(stream: Stream, status: number): void {
    if (this.#pending?.endStream(stream) === true) this.#takePending()?.resolve(status)
  }

  #takePending(): PendingAnswer | undefined {
    const pending = this.#pending
    this.#pending = undefined
    return pending
  }

  /** The host broke the protocol: further output is ignored, and the connection is closed. */
  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#gone ??= error instanceof RolecallError ? error : new RolecallError(amiss(this.#host, message))
    this.#connection.cut()
    this.#endPending(this.#gone)
  }

  /** No answer will arrive any more. */
  #endPending(error: unknown): void {
    this.#takePending()?.reject(error)
    this.#start.end(error)
  }

  /** The shell did not start and the connection did not end: a profile or sudo waits for input that will never arrive. */
  #onLate(seconds: number): void {
    const said = STREAMS.map((stream) => this.#start.printedOn(stream))
    this.#fail(new RolecallError(late(this.#host, this.#become, seconds, said)))
  }

  #onClose(code: number | null, signal: string | null): void {
    const status = signal === null ? `status ${code ?? 'unknown'}` : signalWords(signal)
    const { pid, isReached, refusal } = this.#start
    const isThere = pid !== undefined
    // A shell that refuses logins, such as nologin, says so on its standard output.
    const said =
      refusal ?? (this.#start.printedOn('stderr').trim() || (isThere ? '' : lastWords(this.#start.printedOn('stdout'))))
    const notBegun = isReached ? undefined : this.#connection.notBegun?.(status, said)
    const ended = { isReached, isThere, become: this.#become, status, said }
    this.#gone ??= new RolecallError(this.#connection.lost ?? notBegun ?? closed(this.#host, ended))
    if (this.#pending?.endsShell === true && code !== null) this.#takePending()?.resolve(code)
    this.#endPending(this.#gone)
  }
}
