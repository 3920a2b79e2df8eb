import type { Writable } from 'node:stream'
import type { Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { hostsText } from '../fold.ts'
import { handProblemsText } from '../problem.ts'
import type { RunView } from '../report.ts'
import { paintFor } from '../text/paint.ts'
import { counted, duration, listed } from '../text/words.ts'
import { groupedLines, type HandStatus, type HostOutput } from './host-outputs.ts'

interface HandViewOptions {
  /** Show each line at once with the name of its host, instead of joining equal outputs. */
  readonly stream: boolean
  /** Show only failures and the last line. */
  readonly quiet: boolean
}

/** The silence after which a sign of life is shown. */
const SILENCE_MS = 10_000

/**
 * Shows the output of a command on hosts. Output of a single host is passed on at once. For several hosts, equal outputs are shown once, when all hosts have
 * ended; with `stream`, each line is shown at once.
 */
export function handView(
  options: HandViewOptions,
  streams: { readonly stdout: Writable; readonly stderr: Writable } = process,
): RunView {
  return new HandView(options, streams)
}

class HandView implements RunView {
  readonly #options: HandViewOptions
  readonly #stdout: Writable
  readonly #stderr: Writable
  readonly #hosts = new Map<string, HostOutput>()
  readonly #problems: Problem[] = []
  readonly #paint = paintFor('stdout')
  readonly #errorPaint = paintFor('stderr')
  readonly #timer: NodeJS.Timeout
  #isAlone = false
  #widest = 0
  #startedAt = Date.now()
  #spokeAt = Date.now()

  constructor(options: HandViewOptions, { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable }) {
    this.#options = options
    this.#stdout = stdout
    this.#stderr = stderr
    this.#timer = setInterval(() => this.#showLife(), SILENCE_MS / 10)
    this.#timer.unref()
  }

  tell(event: RunEvent): void {
    switch (event.type) {
      case 'run':
        return this.#begin(event)
      case 'output': {
        const host = this.#hosts.get(event.host)
        return host && this.#take(host, event)
      }
      case 'resource': {
        const host = this.#hosts.get(event.host)
        const failure = event.interrupted === true ? 'stopped' : 'failed'
        return host && this.#endOfHost(host, event.status === 'failed' ? failure : 'ok', event.reason)
      }
      case 'note':
      case 'waiting':
        return this.#line(this.#errorPaint.dim(`${event.host}  ${event.message}`), this.#stderr)
      case 'problem':
        // The output of a failed command is shown.
        if (event.problem.resource === undefined) this.#problems.push(event.problem)
        return
      case 'resumed':
      case 'connecting':
      case 'connected':
      case 'unreachable':
      case 'unit':
      case 'unit-end':
      case 'step':
      case 'summary':
        return
    }
  }

  say(lines: readonly string[]): void {
    this.#stderr.write(lines.map((each) => `${each}\n`).join(''))
  }

  end(): void {
    clearInterval(this.#timer)
    const ended = [...this.#hosts.values()].filter(({ status }) => status !== 'at work')
    const failed = ended.filter(({ status }) => status !== 'ok')
    if (this.#isAlone) this.#endAlone(ended[0])
    else if (this.#options.stream)
      for (const { name, reason } of failed) this.#line(`${name.padEnd(this.#widest)}  ${reason ?? 'it failed'}`)
    else for (const text of groupedLines(this.#options.quiet ? failed : ended, this.#paint)) this.#line(text)
    if (this.#problems.length > 0) this.#stderr.write(`${handProblemsText(this.#problems, this.#errorPaint)}\n`)
    if (!this.#isAlone && this.#hosts.size > 0) this.#line(this.#totals(), this.#stderr)
  }

  #begin({ hosts, at }: Extract<RunEvent, { type: 'run' }>): void {
    this.#isAlone = hosts.length === 1
    this.#startedAt = at
    this.#widest = Math.max(0, ...hosts.map((name) => name.length))
    for (const name of hosts)
      this.#hosts.set(name, { name, text: '', rest: { stdout: '', stderr: '' }, status: 'at work' })
  }

  #take(host: HostOutput, { stream, text }: Extract<RunEvent, { type: 'output' }>): void {
    host.text += text
    if (this.#options.quiet) return
    if (this.#isAlone) {
      this.#spokeAt = Date.now()
      const to = stream === 'stdout' ? this.#stdout : this.#stderr
      to.write(text)
    } else if (this.#options.stream) {
      const lines = (host.rest[stream] + text).split('\n')
      host.rest[stream] = lines.pop() ?? ''
      for (const each of lines) this.#prefixed(host, each)
    }
  }

  #endOfHost(host: HostOutput, status: HandStatus, reason?: string): void {
    host.status = status
    if (reason !== undefined) host.reason = reason
    for (const name of ['stdout', 'stderr'] as const) {
      if (this.#options.stream && host.rest[name] !== '') this.#prefixed(host, host.rest[name])
      host.rest[name] = ''
    }
  }

  #endAlone(host: HostOutput | undefined): void {
    if (host === undefined) return
    if (host.text !== '' && !this.#options.quiet && !host.text.endsWith('\n')) this.#stdout.write('\n')
    if (host.status !== 'ok')
      this.#line(this.#errorPaint.failed(`${host.name}  ${host.reason ?? 'it failed'}`), this.#stderr)
  }

  #totals(): string {
    const named = (wanted: readonly HandStatus[]) =>
      [...this.#hosts.values()].filter(({ status }) => wanted.includes(status)).map(({ name }) => name)
    const [failed, stopped] = [named(['at work', 'failed']), named(['stopped'])]
    const took = duration(Date.now() - this.#startedAt)
    const done = `${named(['ok']).length} of ${counted(this.#hosts.size, 'host')} ended with 0 in ${took}`
    const others = [
      ...(failed.length === 0 ? [] : [`not ${listed(failed)}`]),
      ...(stopped.length === 0 ? [] : [`stopped on ${listed(stopped)}`]),
    ]
    return others.length === 0 ? this.#errorPaint.ok(done) : this.#errorPaint.failed([done, ...others].join('; '))
  }

  #showLife(): void {
    const busy = [...this.#hosts.values()].filter(({ status }) => status === 'at work')
    const [first] = busy
    if (first === undefined || Date.now() - this.#spokeAt < SILENCE_MS) return
    const said = first.text.trimEnd().split('\n').at(-1) ?? ''
    const last = said === '' ? '' : `; ${first.name}: ${said.slice(0, 120)}`
    const names = hostsText(busy.map(({ name }) => name))
    const life = `... at work on ${names}, for ${duration(Date.now() - this.#startedAt)}${last}`
    this.#line(this.#errorPaint.dim(life), this.#stderr)
  }

  #prefixed({ name }: HostOutput, text: string): void {
    this.#line(`${this.#paint.strong(name.padEnd(this.#widest))}  ${text}`)
  }

  #line(text: string, to = this.#stdout): void {
    this.#spokeAt = Date.now()
    to.write(`${text}\n`)
  }
}
