import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { Refusal, type Problem } from '../errors.ts'
import { beginningOf } from '../sh/frame.ts'
import { quote } from '../sh/quote.ts'
import type { Channel, Connection } from '../transport/transport.ts'

export interface Become {
  readonly user: string
  readonly password?: { reveal(): string }
}

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

/** What is longer than this is read by `dd`. */
const SHORT = 2500

/**
 * The shell that stays: reads `rc SCRIPT_BYTES STDIN_BYTES`, then so many bytes of each, runs the script in a subshell and says `MARK end STATUS`
 * on both streams. `own BYTES 0` is run in the shell itself and is not answered; `io BYTES 0` reads what comes
 * after it until that ends, and the shell ends with it. One such exchange takes 0.4 ms where a new channel for each command takes 5.
 *
 * It is one line without single quotes, `!` or backslashes, because the login shell that gets it as one quoted word may be csh or fish.
 * `read` takes single bytes from a pipe, and `dd iflag=fullblock` exactly what it is told, in GNU and in busybox: nobody reads ahead into the next request.
 * A script of up to SHORT bytes is read by lines: that takes 0.2 us a byte, and a `dd` in a subshell 1.2 ms.
 */
const loop = (mark: string) =>
  [
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL PATH; unset ENV CDPATH; umask 022; cd /;',
    'take() { if [ "$1" -ge 65536 ]; then dd bs=65536 count=$(($1/65536)) iflag=fullblock 2>/dev/null; fi; if [ $(($1%65536)) -gt 0 ]; then dd bs=$(($1%65536)) count=1 iflag=fullblock 2>/dev/null; fi; };',
    'nl=$(echo; echo .); nl=${nl%.};',
    // A connection that is lost inside a script leaves its beginning, which may say something quite different from the whole.
    `get() { if [ "$1" -le ${SHORT} ]; then s=; while [ \${#s} -lt "$1" ]; do IFS= read -r l || exit; s=$s$l$nl; done;`,
    'else s=$(take "$1"; echo .); [ ${#s} -gt "$1" ] || exit; s=${s%.}; fi; };',
    `echo; echo ${mark} ready $$;`,
    'while read -r w n p; do if [ "$w" = rc ]; then get "$n";',
    // Descriptor 9 may hold the lock of the host: nothing that is started here may keep it.
    'if [ "$p" = 0 ]; then (eval "$s") </dev/null 9>&-; r=$?;',
    'else take "$p" | { (eval "$s"); r=$?; cat >/dev/null; exit $r; } 9>&-; r=$?; fi;',
    `echo ${mark} end $r; echo ${mark} end $r >&2;`,
    'elif [ "$w" = own ]; then get "$n"; { eval "$s"; } </dev/null >/dev/null 2>&1;',
    'elif [ "$w" = io ]; then get "$n"; (eval "$s"); exit $?; fi; done',
  ].join(' ')

/**
 * A login shell's profile that asks reads these instead of the first request; to the shell that stays they are empty lines. A sudo
 * that wants a password would take one for it, so it gets none.
 */
const EMPTY_ANSWERS = '\n'.repeat(8)

/** A script as the shell reads it: whole lines. A NUL byte cannot stand in one, and `read` of some shells takes bytes above 127 amiss. */
function asRead(script: string): Buffer {
  const isPlain = /^[\x01-\x7f]*$/.test(script)
  const bytes = Buffer.from(script.endsWith('\n') ? script : `${script}\n`)
  if (isPlain || bytes.length > SHORT) return bytes
  return Buffer.concat([bytes, Buffer.alloc(SHORT + 1 - bytes.length, '\n')])
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
  #early = ''
  #gone: Refusal | undefined
  #abandoned = false
  #hasAsked = false
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

  /** Starts the shell, through sudo when `become` says so. Throws a Refusal (`become`) when sudo does not let us. */
  static async open(connection: Connection, host: string, become?: Become): Promise<Shell> {
    const mark = `-${randomBytes(9).toString('hex')}`
    const inner = `/bin/sh -c ${quote(loop(mark))}`
    const prompt = `${mark} password`
    const sudo =
      become && `sudo -H ${become.password ? `-S -p '${prompt}'` : '-n'} -u ${quote(become.user)} -- ${inner}`
    const channel = await connection.open(sudo ?? inner)
    const shell = new Shell(channel, connection, host, become, mark)
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
      this.#channel.stdin.write(Buffer.concat([this.#emptyAnswers(), Buffer.from(`io ${script.length} 0\n`), script]))
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
    if (this.#abandoned) throw new Refusal(this.#cancelled())
    if (request.isUncounted !== true) this.#roundTrips += 1
    return new Promise((resolve, reject) => {
      this.#pending = { request, resolve, reject, ended: { stdout: false, stderr: false } }
      const script = asRead(request.script)
      const stdin = request.stdin ?? new Uint8Array()
      const own = request.own === undefined ? [] : [asRead(request.own)]
      const before = own.flatMap((text) => [Buffer.from(`own ${text.length} 0\n`), text])
      // Exactly one write where it is small: one packet.
      this.#channel.stdin.write(
        Buffer.concat([this.#emptyAnswers(), ...before, Buffer.from(`rc ${script.length} ${stdin.length}\n`), script]),
      )
      if (stdin.length > 0) this.#channel.stdin.write(stdin)
    })
  }

  /** Travels in front of the first request, in the same packet. */
  #emptyAnswers(): Buffer {
    const isFirst = !this.#hasAsked
    this.#hasAsked = true
    return Buffer.from(isFirst && this.#become?.password === undefined ? EMPTY_ANSWERS : '')
  }

  async #listen(prompt: string): Promise<void> {
    const password = this.#become?.password
    this.#channel.once('close', (code, signal) => this.#onClose(code, signal))
    await new Promise<void>((resolve, reject) => {
      let asked = false
      this.#onEarlyEnd = reject
      this.#read('stdout', (text) => {
        const ready = new RegExp(`${this.#mark} ready (\\d+)\n`).exec(text)
        if (!ready) return false
        this.#pid = ready[1]
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

  #onClose(code: number | null, signal: string | null): void {
    this.#gone = new Refusal(this.#closeProblem(code, signal))
    if (this.#pending?.endsShell === true && code !== null) this.#pending.resolve(code)
    else this.#pending?.reject(this.#gone)
    this.#onEarlyEnd(this.#gone)
  }

  #cancelled(): Problem {
    const hint = 'run the same command again: what is done will not be done twice'
    return { code: 'cancelled', host: this.#host, message: 'the run was ended before this began', hint }
  }

  #closeProblem(code: number | null, signal: string | null): Problem {
    if (this.#connection.lost) return this.#connection.lost
    const said = this.#early.trim()
    const ended = signal === null ? `status ${code ?? 'unknown'}` : `signal ${signal}`
    if (this.#pid === undefined && this.#become) {
      return {
        code: 'become',
        host: this.#host,
        message: `sudo does not let us become ${this.#become.user}`,
        expected: this.#become.password ? 'the password to be accepted' : 'sudo without a password (sudo -n)',
        got: said === '' ? ended : said,
        hint: /tty/.test(said)
          ? 'sudo wants a terminal (requiretty), and a run has none: put `Defaults:USER !requiretty` into sudoers for its user'
          : 'allow it in sudoers (NOPASSWD), set ansible_become_password, or ansible_become: false where the user is root already',
      }
    }
    return {
      code: 'lost',
      host: this.#host,
      message: `the shell on the host ended (${ended})`,
      ...(said === '' ? {} : { got: said }),
      hint: 'run the same command again: what is done will not be done twice',
    }
  }
}

/** Ends processes and all they started, the youngest last, so that nobody is left to start more. Source: proc(5), /proc/pid/task/tid/children. */
export function killTrees(pids: readonly string[]): string {
  return `tree() { echo "$1"; for t in /proc/"$1"/task/*/children; do for c in $(cat "$t" 2>/dev/null); do tree "$c"; done; done; }; all=$(for p in ${pids.map(quote).join(' ')}; do tree "$p"; done); kill -TERM $all 2>/dev/null; sleep 0.2; kill -KILL $all 2>/dev/null; true`
}
