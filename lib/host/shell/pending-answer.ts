import { RolecallError } from '../../errors.ts'
import { PIECE_COST } from './login-output.ts'
import type { Request } from './request.ts'
import { tooMuch } from './shell-problems.ts'

/** Seconds that an answer may take unless the request sets a limit: a role's commands have no deadline of their own. */
const LONGEST_SECONDS = 3600
/** The limit in bytes of an answer, both streams together, unless the request sets one. */
const MOST_BYTES = 16 * 1024 * 1024

/** Settles an answer. */
interface Outcome {
  readonly resolve: (status: number) => void
  readonly reject: (error: unknown) => void
  readonly onLate: (seconds: number) => void
}

/** The answer to a request that has not arrived completely. */
export class PendingAnswer {
  readonly #host: string
  readonly #request: Request
  readonly #outcome: Outcome
  readonly #timer: NodeJS.Timeout
  readonly #ended = { stdout: false, stderr: false }
  #bytes = 0
  /** The shell ends with the request, and the shell's exit status is the answer's. */
  readonly endsShell: boolean

  constructor(host: string, request: Request, outcome: Outcome, endsShell: boolean) {
    this.#host = host
    this.#request = request
    this.#outcome = outcome
    this.endsShell = endsShell
    const seconds = request.seconds ?? LONGEST_SECONDS
    this.#timer = setTimeout(() => outcome.onLate(seconds), seconds * 1000).unref()
  }

  /** Receives a part of the answer. Throws a RolecallError if the answer is too long. */
  add(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const { mostBytes = MOST_BYTES, onStdout, onStderr } = this.#request
    this.#bytes += bytes.length + PIECE_COST
    if (this.#bytes > mostBytes) throw new RolecallError(tooMuch(this.#host, mostBytes))
    if (stream === 'stdout') onStdout?.(bytes)
    else onStderr?.(bytes)
  }

  /** One stream has ended. Returns whether the answer is complete. */
  endStream(stream: 'stdout' | 'stderr'): boolean {
    this.#ended[stream] = true
    return this.#ended.stdout && this.#ended.stderr
  }

  resolve(status: number): void {
    clearTimeout(this.#timer)
    this.#outcome.resolve(status)
  }

  reject(error: unknown): void {
    clearTimeout(this.#timer)
    this.#outcome.reject(error)
  }
}
