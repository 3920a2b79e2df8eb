import { stripVTControlCharacters } from 'node:util'
import type { Writable } from 'node:stream'
import type { Problem } from '../../errors.ts'
import type { RunEvent } from '../../events.ts'
import { hostsText } from '../fold.ts'
import { problemsText } from '../problem.ts'
import type { RunView } from '../report.ts'
import { paintFor } from '../text/paint.ts'
import { counted, duration, listed } from '../text/words.ts'

interface HandViewOptions {
  /** Show each line at once with the name of its host, instead of joining equal outputs. */
  readonly stream: boolean
  /** Show only failures and the last line. */
  readonly quiet: boolean
}

type Status = 'at work' | 'ok' | 'failed' | 'stopped'

interface HostOutput {
  readonly name: string
  text: string
  /** The unfinished line of each stream. */
  readonly rest: { stdout: string; stderr: string }
  status: Status
  reason?: string
}

/** The silence after which a sign of life is shown. */
const SILENCE_MS = 10_000

/**
 * Shows the output of a command on hosts. Output of a single host is passed on at once. For several hosts, equal outputs are shown once, when all hosts have
 * ended; with `stream`, each line is shown at once.
 */
export function handView(
  { stream, quiet }: HandViewOptions,
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable } = process,
): RunView {
  const hosts = new Map<string, HostOutput>()
  const problems: Problem[] = []
  const paint = paintFor('stdout')
  const errorPaint = paintFor('stderr')
  let isAlone = false
  let widest = 0
  let startedAt = Date.now()
  let spokeAt = Date.now()
  const line = (text: string, to = stdout) => {
    spokeAt = Date.now()
    to.write(`${text}\n`)
  }
  const timer = setInterval(() => {
    const busy = [...hosts.values()].filter(({ status }) => status === 'at work')
    if (Date.now() - spokeAt < SILENCE_MS || busy.length === 0) return
    const [first] = busy
    const said = first?.text.trimEnd().split('\n').at(-1) ?? ''
    const last = said === '' ? '' : `; ${first?.name ?? ''}: ${said.slice(0, 120)}`
    const names = hostsText(busy.map(({ name }) => name))
    line(errorPaint.dim(`... at work on ${names}, for ${duration(Date.now() - startedAt)}${last}`), stderr)
  }, SILENCE_MS / 10)
  timer.unref()
  const prefixed = (host: HostOutput, text: string) => line(`${paint.strong(host.name.padEnd(widest))}  ${text}`)
  const take = (host: HostOutput, event: Extract<RunEvent, { type: 'output' }>) => {
    host.text += event.text
    if (quiet) return
    if (isAlone) {
      spokeAt = Date.now()
      return void (event.stream === 'stdout' ? stdout : stderr).write(event.text)
    }
    if (!stream) return
    const lines = (host.rest[event.stream] + event.text).split('\n')
    host.rest[event.stream] = lines.pop() ?? ''
    for (const each of lines) prefixed(host, each)
  }
  const endOfHost = (host: HostOutput, status: Status, reason?: string) => {
    host.status = status
    if (reason !== undefined) host.reason = reason
    for (const name of ['stdout', 'stderr'] as const) {
      if (stream && host.rest[name] !== '') prefixed(host, host.rest[name])
      host.rest[name] = ''
    }
  }
  return {
    tell(event) {
      switch (event.type) {
        case 'run':
          isAlone = event.hosts.length === 1
          startedAt = event.at
          widest = Math.max(0, ...event.hosts.map((name) => name.length))
          for (const name of event.hosts)
            hosts.set(name, { name, text: '', rest: { stdout: '', stderr: '' }, status: 'at work' })
          return
        case 'output': {
          const host = hosts.get(event.host)
          return host && take(host, event)
        }
        case 'resource': {
          const host = hosts.get(event.host)
          const failure = event.interrupted === true ? 'stopped' : 'failed'
          return host && endOfHost(host, event.status === 'failed' ? failure : 'ok', event.reason)
        }
        case 'note':
        case 'waiting':
          return line(errorPaint.dim(`${event.host}  ${event.message}`), stderr)
        case 'problem':
          // The output of a failed command is shown.
          if (event.problem.resource === undefined) problems.push(event.problem)
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
    },
    say: (lines) => void stderr.write(lines.map((each) => `${each}\n`).join('')),
    end() {
      clearInterval(timer)
      const all = [...hosts.values()].filter(({ status }) => status !== 'at work')
      if (isAlone) {
        const [host] = all
        if (host !== undefined && host.text !== '' && !quiet && !host.text.endsWith('\n')) stdout.write('\n')
        if (host !== undefined && host.status !== 'ok')
          line(errorPaint.failed(`${host.name}  ${host.reason ?? 'it failed'}`), stderr)
      } else if (!stream)
        for (const text of groupLines(quiet ? all.filter((each) => each.status !== 'ok') : all)) line(text)
      else
        for (const { name, reason } of all.filter(({ status }) => status !== 'ok'))
          line(`${name.padEnd(widest)}  ${reason ?? 'it failed'}`)
      if (problems.length > 0) stderr.write(`${problemsText(problems, errorPaint)}\n`)
      if (isAlone || hosts.size === 0) return
      const named = (wanted: readonly Status[]) =>
        [...hosts.values()].filter(({ status }) => wanted.includes(status)).map(({ name }) => name)
      const [failed, stopped] = [named(['at work', 'failed']), named(['stopped'])]
      const done = `${named(['ok']).length} of ${counted(hosts.size, 'host')} ended with 0 in ${duration(Date.now() - startedAt)}`
      const others = [
        ...(failed.length === 0 ? [] : [`not ${listed(failed)}`]),
        ...(stopped.length === 0 ? [] : [`stopped on ${listed(stopped)}`]),
      ]
      line(others.length === 0 ? errorPaint.ok(done) : errorPaint.failed([done, ...others].join('; ')), stderr)
    },
  }

  /** Joins equal outputs, the most frequent first. */
  function groupLines(all: readonly HostOutput[]): string[] {
    const groups = new Map<string, HostOutput[]>()
    for (const host of all) {
      const key = `${host.reason ?? ''}\0${stripVTControlCharacters(host.text)}`
      groups.set(key, [...(groups.get(key) ?? []), host])
    }
    return [...groups.values()]
      .sort((a, b) => b.length - a.length)
      .flatMap((group) => {
        const [first] = group
        if (first === undefined) return []
        const names = paint.strong(hostsText(group.map(({ name }) => name)))
        const end = first.reason === undefined ? '' : `  ${paint.failed(first.reason)}`
        const text = first.text.trimEnd()
        return [
          `${names}${end}`,
          ...(text === '' ? [paint.dim('  (no output)')] : text.split('\n').map((each) => `  ${each}`)),
        ]
      })
  }
}
