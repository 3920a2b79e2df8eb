import type { Channel } from '../../transport/transport.ts'
import type { AnswerStream } from './answer-stream.ts'
import { reachedLine, type Become } from './login.ts'
import { LoginOutput } from './login-output.ts'

type Stream = 'stdout' | 'stderr'

/** Printed on standard error: that the login shell has run the command, or the end of an answer that arrived before the shell was known to be ready. */
const OWN_LINE = /-[0-9a-f]{18} (?:login|end \d+)\r?\n/g

/** The start of a shell. */
export interface Start {
  /** The word that the shell prints when it is ready. */
  readonly word: string
  readonly become?: Become | undefined
  /** The prompts of sudo or su for the password. */
  readonly prompts: readonly string[]
}

/** Handles the output until the shell is ready, and gives sudo the password that it asks for. */
export class ShellStart {
  readonly #channel: Channel
  readonly #answers: Readonly<Record<Stream, AnswerStream>>
  readonly #start: Start
  readonly #printed = { stdout: new LoginOutput(), stderr: new LoginOutput() }
  readonly #isOver = { stdout: false, stderr: false }
  #pid: string | undefined
  #isPasswordSent = false
  #isRefused = false
  #timer: NodeJS.Timeout | undefined
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  /** @param answers receive everything that the host prints once the shell is ready */
  constructor(channel: Channel, answers: Readonly<Record<Stream, AnswerStream>>, start: Start) {
    this.#channel = channel
    this.#answers = answers
    this.#start = start
  }

  /** Resolves when the first request may be sent: at once, or, with a password, when the shell is ready. */
  wait(seconds: number, onLate: () => void): Promise<void> {
    this.#timer = setTimeout(onLate, seconds * 1000).unref()
    return new Promise<void>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (this.#start.become?.password === undefined) resolve()
    })
  }

  /** The process of the shell; undefined until it is ready. */
  get pid(): string | undefined {
    return this.#pid
  }

  /** Whether the login shell ran the command that it was given. */
  get isReached(): boolean {
    return this.#pid !== undefined || this.#printed.stdout.text.includes(reachedLine(this.#start.word))
  }

  /** Why sudo stopped, in cases where it prints nothing about it. */
  get refusal(): string | undefined {
    return this.#isRefused ? 'the password was refused' : undefined
  }

  /** The output before the shell was ready, without our own lines. */
  printedOn(stream: Stream): string {
    const { text } = this.#printed[stream]
    return text.replaceAll(OWN_LINE, '')
  }

  /** The shell will not become ready: the connection has ended or failed. */
  end(error: unknown): void {
    clearTimeout(this.#timer)
    this.#reject(error)
  }

  /** Receives the host's output. Output of the login is kept here, the rest is passed on. */
  push(stream: Stream, chunk: Buffer): void {
    const answers = this.#answers[stream]
    if (this.#isOver[stream] && (stream === 'stdout' || this.#pid !== undefined)) return answers.push(chunk)
    const printed = this.#printed[stream]
    printed.add(chunk)
    const length = stream === 'stdout' ? this.#readReady(printed, chunk) : this.#readErrors(printed, chunk)
    if (length === undefined) return
    this.#isOver[stream] = true
    const rest = Buffer.from(printed.text.slice(length), 'latin1')
    if (rest.length > 0) answers.push(rest)
  }

  /** The number of bytes on stdout until the shell is ready; undefined while it is not. */
  #readReady(printed: LoginOutput, chunk: Buffer): number | undefined {
    const at = printed.find(`${this.#start.word} ready `, chunk)
    const [whole = '', pid] = /^\S+ ready (\d{1,10})\n/.exec(at < 0 ? '' : printed.text.slice(at)) ?? []
    if (pid === undefined) return undefined
    this.#pid = pid
    clearTimeout(this.#timer)
    this.#resolve()
    return at + whole.length
  }

  /** The number of bytes on stderr that belong to the login; undefined while more may come. */
  #readErrors(printed: LoginOutput, chunk: Buffer): number | undefined {
    const password = this.#start.become?.password
    // The first request may be answered on stderr before stdout has shown that the shell is ready.
    if (this.#pid !== undefined || password === undefined) return printed.text.length - chunk.length
    if (this.#start.prompts.every((prompt) => printed.find(prompt, chunk) < 0)) return undefined
    printed.forget()
    if (this.#isPasswordSent) {
      this.#isRefused = true
      this.#channel.stdin.end()
    } else this.#channel.stdin.write(`${password.reveal()}\n`)
    this.#isPasswordSent = true
    return undefined
  }
}
