import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Problem } from '../../lib/errors.ts'
import type { RunEvent } from '../../lib/events.ts'

const command = join(resolve(import.meta.dirname, '../..'), 'bin/rolecall.js')

/** A run that does not end by then hangs, however much else the machine has to do. */
const LONGEST_MS = 45 * 60_000

export interface Ended {
  /** Undefined when it was killed. */
  readonly code: number | undefined
  readonly events: readonly RunEvent[]
  readonly problems: readonly Problem[]
  readonly err: string
}

/** The real command, at work. */
export interface Controller {
  readonly kill: () => void
  readonly ended: Promise<Ended>
}

/** Starts `rolecall ARGS --json` in a project and tells each event as it is printed. */
export function controller(
  project: string,
  args: readonly string[],
  tell: (event: RunEvent) => void = () => undefined,
): Controller {
  const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' }
  const child = spawn(process.execPath, [command, ...args, '--json'], { cwd: project, env, stdio: 'pipe' })
  const kill = () => void child.kill('SIGKILL')
  const late = setTimeout(kill, LONGEST_MS)
  const events: RunEvent[] = []
  let err = ''
  child.stdin.end()
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = eventOf(line)
    if (event === undefined) return
    events.push(event)
    tell(event)
  })
  const ended = new Promise<Ended>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => {
      clearTimeout(late)
      const problems = events.flatMap((event) => (event.type === 'problem' ? [event.problem] : []))
      done({ code: code ?? undefined, events, problems, err })
    })
  })
  return { kill, ended }
}

/** Whoever is killed may have printed half a line. */
function eventOf(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent
  } catch {
    return undefined
  }
}

/** What has changed, as `host resource`. */
export function changedBy({ events }: Ended): string[] {
  return events.flatMap((event) =>
    event.type === 'resource' && event.status !== 'ok' ? [`${event.host} ${event.resource} ${event.status}`] : [],
  )
}

/** What a run complained about, for a person. */
export function complaintsOf({ problems, err }: Ended): string {
  const told = problems.map(({ host, resource, message, output }) =>
    [host, resource, message, output?.split('\n').slice(-3).join(' / ')].filter(Boolean).join(': '),
  )
  return [...told, err.trim()].filter(Boolean).join('; ')
}
