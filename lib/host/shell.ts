import { lengthOf, type Input } from '../sh/input.ts'
import { sendInputs } from './send-input.ts'
import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { RolecallError } from '../errors.ts'
import { AnswerStream } from './answer-stream.ts'
import { LoginOutput, PIECE_COST } from './login-output.ts'
import type { Channel, Connection } from '../transport/transport.ts'
import { asRead, login, type Become } from './login.ts'
import { amiss, cancelled, closed, lastWords, late, silent, tooMuch } from './shell-problems.ts'

/** Seconds until the shell must be there, unless the connection sets another limit. */
export const PATIENCE_SECONDS = 30
/** Seconds that an answer may take, unless the request sets a limit: commands of a role have no deadline of their own. */
const LONGEST_SECONDS = 3600
/** The limit in bytes of an answer, both streams together, unless the request sets one. */
const MOST_BYTES = 16 * 1024 * 1024

type Stream = 'stdout' | 'stderr'

export interface Request {
  readonly script: string
  /**
   * Runs before the script in the shell that lives as long as the run, and prints nothing: for things that outlive the request, such as an open file.
   */
  readonly own?: string
  readonly stdin?: Uint8Array | readonly Input[]
  /** Housekeeping: does not count as a round trip. */
  readonly isUncounted?: boolean
  /** Seconds until the answer must be complete. A host that is late is not trusted any more. Default 3600. */
  readonly seconds?: number
  /** The limit in bytes of the answer, both streams together. Default 16 MiB. */
  readonly mostBytes?: number
  readonly onStdout?: (bytes: Uint8Array) => void
  readonly onStderr?: (bytes: Uint8Array) => void
}

interface Pending {
  readonly request: Request
  readonly resolve: (code: number) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
  bytes: number
  ended: { stdout: boolean; stderr: boolean }
  /** The exit status is that of the shell. */
  readonly endsShell?: boolean
}

/** Nobody else can guess this. */
function newWord(): string {
  return `-${randomBytes(9).toString('hex')}`
}

/** One shell on one host, kept for the whole run. Requests run one after the other. */
export class Shell {
  readonly #channel: Channel
  readonly #connection: Connection
  readonly #host: string
  readonly #become: Become | undefined
  readonly #word: string
  #pending: Pending | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #pid: string | undefined
  readonly #answers: Readonly<Record<Stream, AnswerStream>>
  /** What was printed before the shell was there. */
  readonly #openings = { stdout: new LoginOutput(), stderr: new LoginOutput() }
  /** Why sudo stopped, where nothing on stderr says so. */
  #refusal: string | undefined
  #gone: RolecallError | undefined
  #abandoned = false
  /** Empty lines for a login profile that asks a question. They are sent before the first request, in the same packet. */
  #first = ''
  #roundTrips = 0

  private constructor(
    channel: Channel,
    connection: Connection,
    host: string,
    become: Become | undefined,
    word: string,
  ) {
    this.#channel = channel
    this.#connection = connection
    this.#host = host
    this.#become = become
    this.#word = word
    const answersOn = (stream: Stream) =>
      new AnswerStream({
        data: (bytes) => this.#give(stream, bytes),
        end: (status) => this.#onEnd(stream, status),
      })
    this.#answers = { stdout: answersOn('stdout'), stderr: answersOn('stderr') }
    channel.stdin.on('error', () => undefined)
  }

  /**
   * Starts the shell, through sudo where `become` says so. Throws a RolecallError: `become` when sudo refuses, `connect` when the login never reaches
   * sudo. A missing password becomes known only with the first request, which then throws.
   */
  static async open(connection: Connection, host: string, become?: Become): Promise<Shell> {
    const word = newWord()
    const { command, first, prompts } = login(word, become)
    const channel = await connection.open(command)
    const shell = new Shell(channel, connection, host, become, word)
    shell.#first = first
    await shell.#listen(prompts)
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
  stream(request: Omit<Request, 'stdin' | 'own'>): { readonly stdin: Writable; readonly done: Promise<number> } {
    const script = asRead(request.script)
    const done = new Promise<number>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone)
      this.#await(request, resolve, reject, true)
      this.#channel.stdin.write(Buffer.concat([this.#takeFirst(), Buffer.from(`io - ${script.length} 0\n`), script]))
    })
    return { stdin: this.#channel.stdin, done }
  }

  /** Accepts no more requests. Returns the process whose tree must be ended when a request is running. */
  abandon(): string | undefined {
    if (this.#gone) return undefined
    this.#abandoned = true
    return this.#pending === undefined ? undefined : this.#pid
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
      const own = request.own === undefined ? [] : [asRead(request.own)]
      const before = own.flatMap((text) => [Buffer.from(`own - ${text.length} 0\n`), text])
      // Exactly one write where the request is small: one packet.
      this.#channel.stdin.write(
        Buffer.concat([
          this.#takeFirst(),
          ...before,
          Buffer.from(`rc ${boundary} ${script.length} ${lengthOf(inputs)}\n`),
          script,
        ]),
      )
      void sendInputs(this.#channel.stdin, inputs).catch((error: unknown) => {
        this.#fail(error instanceof RolecallError ? error : new RolecallError(cancelled(this.#host)))
      })
    })
  }

  /** Expects the answer to this request from now on. Returns the boundary that ends the answer. */
  #await(
    request: Request,
    resolve: (code: number) => void,
    reject: (error: unknown) => void,
    endsShell = false,
  ): string {
    const seconds = request.seconds ?? LONGEST_SECONDS
    const timer = setTimeout(() => this.#fail(new RolecallError(silent(this.#host, seconds))), seconds * 1000).unref()
    this.#pending = { request, resolve, reject, timer, bytes: 0, ended: { stdout: false, stderr: false }, endsShell }
    const boundary = newWord()
    for (const answers of Object.values(this.#answers)) answers.expect(boundary)
    return boundary
  }

  #takeFirst(): Buffer {
    const first = this.#first
    this.#first = ''
    return Buffer.from(first)
  }

  async #listen(prompts: readonly string[]): Promise<void> {
    const password = this.#become?.password
    const seconds = this.#connection.patience ?? PATIENCE_SECONDS
    const timer = setTimeout(() => this.#onLate(seconds), seconds * 1000).unref()
    this.#channel.once('close', (code, signal) => {
      clearTimeout(timer)
      this.#onClose(code, signal)
    })
    if (password !== undefined) this.#channel.stdin.write(this.#takeFirst())
    await new Promise<void>((resolve, reject) => {
      this.#onEarlyEnd = reject
      let wasAsked = false
      this.#read('stdout', (opening, chunk) => {
        const at = opening.find(`${this.#word} ready `, chunk)
        const [whole = '', pid] = /^\S+ ready (\d{1,10})\n/.exec(at < 0 ? '' : opening.text.slice(at)) ?? []
        if (pid === undefined) return undefined
        this.#pid = pid
        clearTimeout(timer)
        resolve()
        return at + whole.length
      })
      this.#read('stderr', (opening, chunk) => {
        // The first request may be answered here before its stdout has shown that the shell is there.
        if (this.#pid !== undefined || password === undefined) return opening.text.length - chunk.length
        if (prompts.every((prompt) => opening.find(prompt, chunk) < 0)) return undefined
        opening.forget()
        if (wasAsked) {
          this.#refusal = 'the password was refused'
          this.#channel.stdin.end()
        } else this.#channel.stdin.write(`${password.reveal()}\n`)
        wasAsked = true
        return undefined
      })
      // Without a password there is nothing to wait for: the first request may follow at once.
      if (password === undefined) resolve()
    })
  }

  #onEarlyEnd: (error: unknown) => void = () => undefined

  /**
   * Passes each stream first to `open`, then to the current request.
   *
   * @param open the number of bytes before the shell was there; undefined: it is not there yet
   */
  #read(stream: Stream, open: (opening: LoginOutput, chunk: Buffer) => number | undefined): void {
    const answers = this.#answers[stream]
    const opening = this.#openings[stream]
    let isOpen = false
    const take = (chunk: Buffer) => {
      if (isOpen && (stream === 'stdout' || this.#pid !== undefined)) return answers.push(chunk)
      opening.add(chunk)
      const before = open(opening, chunk)
      if (before === undefined) return
      isOpen = true
      const rest = Buffer.from(opening.text.slice(before), 'latin1')
      if (rest.length > 0) answers.push(rest)
    }
    this.#channel[stream].once('end', () => answers.close())
    this.#channel[stream].on('data', (chunk: Buffer) => {
      if (this.#gone) return
      try {
        take(chunk)
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #give(stream: Stream, bytes: Uint8Array): void {
    const pending = this.#pending
    if (pending === undefined) return
    const { request } = pending
    pending.bytes += bytes.length + PIECE_COST
    const most = request.mostBytes ?? MOST_BYTES
    if (pending.bytes > most) throw new RolecallError(tooMuch(this.#host, most))
    if (stream === 'stdout') request.onStdout?.(bytes)
    else request.onStderr?.(bytes)
  }

  #onEnd(stream: Stream, code: number): void {
    const pending = this.#pending
    if (!pending) return
    pending.ended[stream] = true
    if (!pending.ended.stdout || !pending.ended.stderr) return
    this.#pending = undefined
    clearTimeout(pending.timer)
    pending.resolve(code)
  }

  /** The host broke the protocol: further output is ignored, and the connection is closed. */
  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#gone ??= error instanceof RolecallError ? error : new RolecallError(amiss(this.#host, message))
    this.#connection.cut()
    this.#settle(this.#gone)
  }

  /** No answer will arrive any more. */
  #settle(error: unknown): void {
    const pending = this.#pending
    this.#pending = undefined
    clearTimeout(pending?.timer)
    pending?.reject(error)
    this.#onEarlyEnd(error)
  }

  /** The shell did not start and the connection did not end: a profile or sudo waits for input that will never arrive. */
  #onLate(seconds: number): void {
    const said = [this.#openings.stdout.text, this.#openings.stderr.text]
    this.#fail(new RolecallError(late(this.#host, this.#become, seconds, said)))
  }

  #onClose(code: number | null, signal: string | null): void {
    const status = signal === null ? `status ${code ?? 'unknown'}` : `signal ${signal}`
    const refused = this.#pid === undefined ? this.#become : undefined
    const { stdout, stderr } = this.#openings
    // A shell that lets nobody in, as nologin, says so on its standard output.
    const said = this.#refusal ?? (stderr.text.trim() || (refused === undefined ? '' : lastWords(stdout.text)))
    const notBegun =
      this.#pid === undefined && refused === undefined ? this.#connection.notBegun?.(status, said) : undefined
    this.#gone ??= new RolecallError(this.#connection.lost ?? notBegun ?? closed(this.#host, refused, status, said))
    const pending = this.#pending
    if (pending?.endsShell === true && code !== null) {
      this.#pending = undefined
      clearTimeout(pending.timer)
      pending.resolve(code)
    }
    this.#settle(this.#gone)
  }
}
