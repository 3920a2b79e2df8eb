import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { Refusal } from '../errors.ts'
import { beginningOf } from '../sh/frame.ts'
import type { Channel, Connection } from '../transport/transport.ts'
import { asRead, login, type Become } from './login.ts'
import { cancelled, closed, late } from './shell-problems.ts'

/** Seconds until the shell must be there, unless the connection says otherwise. */
const PATIENCE_SECONDS = 30

export interface Request {
  readonly script: string
  /** Runs before it in the shell that stays, and prints nothing: what must outlive the request, such as an open file. */
  readonly own?: string
  readonly stdin?: Uint8Array
  /** Housekeeping: it does not count as a round trip of the work. */
  readonly isUncounted?: boolean
  readonly onStdout?: (bytes: Uint8Array) => void
  readonly onStderr?: (bytes: Uint8Array) => void
}

interface Pending {
  readonly request: Request
  readonly resolve: (code: number) => void
  readonly reject: (error: unknown) => void
  code?: number
  ended: { stdout: boolean; stderr: boolean }
  /** Its status is that of the shell. */
  readonly endsShell?: boolean
}

/** One shell on one host, kept for the whole run. Requests wait for one another. */
export class Shell {
  readonly #channel: Channel
  readonly #connection: Connection
  readonly #host: string
  readonly #become: Become | undefined
  readonly #mark: string
  #pending: Pending | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #pid: string | undefined
  /** What was said before the shell was there. */
  #early = ''
  #earlyOut = ''
  #gone: Refusal | undefined
  #abandoned = false
  /** For a profile that asks. Travels in front of the first request, in the same packet. */
  #first = ''
  #roundTrips = 0

  private constructor(
    channel: Channel,
    connection: Connection,
    host: string,
    become: Become | undefined,
    mark: string,
  ) {
    this.#channel = channel
    this.#connection = connection
    this.#host = host
    this.#become = become
    this.#mark = mark
    channel.stdin.on('error', () => undefined)
  }

  /**
   * Starts the shell, through sudo when `become` says so. Throws a Refusal: `become` when sudo does not let us, `connect` when it does
   * not come to that. Without a password that is known with the first request only, which then throws it.
   */
  static async open(connection: Connection, host: string, become?: Become): Promise<Shell> {
    const mark = `-${randomBytes(9).toString('hex')}`
    const { command, first, prompt } = login(mark, become)
    const channel = await connection.open(command)
    const shell = new Shell(channel, connection, host, become, mark)
    shell.#first = first
    await shell.#listen(prompt)
    return shell
  }

  get roundTrips(): number {
    return this.#roundTrips
  }

  /** Runs one script and gives its exit status. Throws a Refusal (`lost`) when the answer never comes. */
  run(request: Request): Promise<number> {
    const turn = this.#tail.then(() => this.#send(request))
    this.#tail = turn.catch(() => undefined)
    return turn
  }

  /** Runs one script that reads what is written to `stdin` as it comes. The shell ends with it. */
  stream(request: Omit<Request, 'stdin' | 'own'>): { readonly stdin: Writable; readonly done: Promise<number> } {
    const script = asRead(request.script)
    const done = new Promise<number>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone)
      this.#pending = { request, resolve, reject, ended: { stdout: false, stderr: false }, endsShell: true }
      this.#channel.stdin.write(Buffer.concat([this.#takeFirst(), Buffer.from(`io ${script.length} 0\n`), script]))
    })
    return { stdin: this.#channel.stdin, done }
  }

  /** Takes no more requests. Gives the process whose tree has to be ended, when something runs. */
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
    if (this.#abandoned) throw new Refusal(cancelled(this.#host))
    if (request.isUncounted !== true) this.#roundTrips += 1
    return new Promise((resolve, reject) => {
      this.#pending = { request, resolve, reject, ended: { stdout: false, stderr: false } }
      const script = asRead(request.script)
      const stdin = request.stdin ?? new Uint8Array()
      const own = request.own === undefined ? [] : [asRead(request.own)]
      const before = own.flatMap((text) => [Buffer.from(`own ${text.length} 0\n`), text])
      // Exactly one write where it is small: one packet.
      this.#channel.stdin.write(
        Buffer.concat([this.#takeFirst(), ...before, Buffer.from(`rc ${script.length} ${stdin.length}\n`), script]),
      )
      if (stdin.length > 0) this.#channel.stdin.write(stdin)
    })
  }

  #takeFirst(): Buffer {
    const first = this.#first
    this.#first = ''
    return Buffer.from(first)
  }

  async #listen(prompt: string): Promise<void> {
    const password = this.#become?.password
    const seconds = this.#connection.patience ?? PATIENCE_SECONDS
    const timer = setTimeout(() => this.#onLate(seconds), seconds * 1000).unref()
    this.#channel.once('close', (code, signal) => {
      clearTimeout(timer)
      this.#onClose(code, signal)
    })
    if (password !== undefined) this.#channel.stdin.write(this.#takeFirst())
    await new Promise<void>((resolve, reject) => {
      let asked = false
      this.#onEarlyEnd = reject
      this.#read('stdout', (text) => {
        const ready = new RegExp(`${this.#mark} ready (\\d+)\n`).exec(text)
        this.#earlyOut = text
        if (!ready) return false
        this.#pid = ready[1]
        clearTimeout(timer)
        resolve()
        return true
      })
      this.#read('stderr', (text) => {
        this.#early = text
        if (this.#pid !== undefined) return true
        if (password === undefined || !text.includes(prompt)) return false
        if (asked) {
          this.#early = 'the password was refused'
          this.#channel.stdin.end()
          return true
        }
        asked = true
        this.#channel.stdin.write(`${password.reveal()}\n`)
        this.#early = ''
        return 'forget'
      })
      // Without a password nothing has to be waited for: the first request may travel right behind.
      if (password === undefined) resolve()
    })
  }

  #onEarlyEnd: (error: unknown) => void = () => undefined

  /** Hands each stream first to `opening`, then to the request at hand, and finds the mark wherever the chunks are cut. */
  #read(stream: 'stdout' | 'stderr', opening: (text: string) => boolean | 'forget'): void {
    let opened = false
    let early = ''
    let rest: Buffer = Buffer.alloc(0)
    const end = Buffer.from(`${this.#mark} end `)
    // What could have been the beginning of the mark was none.
    this.#channel[stream].once('end', () => this.#give(stream, opened ? rest : Buffer.alloc(0)))
    this.#channel[stream].on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      if (!opened) {
        early += chunk.toString('latin1')
        const verdict = opening(early)
        if (verdict === 'forget') {
          early = ''
          rest = Buffer.alloc(0)
        }
        if (verdict === true) opened = true
        if (!opened && stream === 'stdout') return
        if (stream === 'stdout') rest = rest.subarray(rest.indexOf(10, rest.indexOf(`${this.#mark} ready `)) + 1)
      }
      const at = rest.indexOf(end)
      if (at < 0) {
        // What cannot be the mark goes on at once: that a step has begun is told while it runs, also of one that prints nothing.
        const safe = rest.length - beginningOf(end, rest)
        if (safe > 0 && this.#pending) {
          this.#give(stream, rest.subarray(0, safe))
          rest = rest.subarray(safe)
        }
        return
      }
      const newline = rest.indexOf(10, at + end.length)
      if (newline < 0) return
      this.#give(stream, rest.subarray(0, at))
      const code = Number(rest.toString('latin1', at + end.length, newline))
      rest = rest.subarray(newline + 1)
      this.#onEnd(stream, code)
    })
  }

  #give(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const request = this.#pending?.request
    if (stream === 'stdout') request?.onStdout?.(bytes)
    else request?.onStderr?.(bytes)
  }

  #onEnd(stream: 'stdout' | 'stderr', code: number): void {
    const pending = this.#pending
    if (!pending) return
    pending.ended[stream] = true
    if (!pending.ended.stdout || !pending.ended.stderr) return
    this.#pending = undefined
    pending.resolve(code)
  }

  /** Neither the shell nor an end: somebody waits on the way, and nobody will answer. */
  #onLate(seconds: number): void {
    this.#gone = new Refusal(late(this.#host, this.#become, seconds, [this.#earlyOut, this.#early]))
    this.#channel.stdin.end()
    this.#pending?.reject(this.#gone)
    this.#onEarlyEnd(this.#gone)
  }

  #onClose(code: number | null, signal: string | null): void {
    const status = signal === null ? `status ${code ?? 'unknown'}` : `signal ${signal}`
    const refused = this.#pid === undefined ? this.#become : undefined
    this.#gone ??= new Refusal(this.#connection.lost ?? closed(this.#host, refused, status, this.#early.trim()))
    if (this.#pending?.endsShell === true && code !== null) this.#pending.resolve(code)
    else this.#pending?.reject(this.#gone)
    this.#onEarlyEnd(this.#gone)
  }
}
