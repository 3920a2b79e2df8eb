import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpuOfGroup, runGroup, type RunGroup } from './group.ts'
import { memoryOf } from './processes.ts'

/** A command line that is to be measured. */
export interface Command {
  readonly argv: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** What one run of a command cost. */
export interface Sample {
  readonly wallMs: number
  /** Of this machine's own processes: the command and all that it started. */
  readonly controllerMs: number
  /** Of everything that ran on the hosts meanwhile. */
  readonly targetMs: number
  /** The most memory that all its processes had together, in MiB (PSS: shared pages are divided among those who share them). */
  readonly memoryMiB: number
}

/** What one run of a command cost, and the end of what it printed. */
export interface Ran extends Sample {
  readonly said: string
}

/** How much CPU the hosts have used since they were started, in milliseconds. */
export type TargetClock = () => number

/** How often memory is looked at. Looking costs about 5 ms of CPU, so while time is measured it is done rarely. */
export const WATCH_MS = { timed: 500, memory: 25 } as const

/** Runs a command once, and waits for it. Throws with its last words when it fails. */
export async function sample(command: Command, target: TargetClock, watchMs: number = WATCH_MS.timed): Promise<Ran> {
  const group = await runGroup()
  try {
    let memoryMiB = 0
    const timer = setInterval(() => (memoryMiB = Math.max(memoryMiB, memoryOf(group.processes()))), watchMs)
    const before = target()
    const begin = performance.now()
    const run = start(command, group)
    // Not its `close`: what it leaves running may keep its pipes open.
    const code = await run.ended.finally(() => clearInterval(timer))
    const wallMs = performance.now() - begin
    const cost = { wallMs, controllerMs: group.cpuMs(), targetMs: target() - before, memoryMiB }
    await group.remove()
    await run.closed
    if (code === 0) return { ...cost, said: run.said() }
    const words = command.argv.join(' ').slice(0, 300)
    throw new Error(`${words}\nends with ${code ?? 'a signal'}:\n${run.said()}`)
  } catch (error) {
    await group.remove().catch(() => undefined)
    throw error
  }
}

/** The most memory that the command and all that it starts have together, in MiB. */
export async function memory(command: Command): Promise<number> {
  return (await sample(command, () => 0, WATCH_MS.memory)).memoryMiB
}

function start({ argv, cwd, env, input }: Command, group: RunGroup) {
  const child: ChildProcess = spawn('/bin/sh', group.entering(argv), {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout?.on('data', (text: Buffer) => (said.out = (said.out + text.toString()).slice(-8000)))
  child.stderr?.on('data', (text: Buffer) => (said.err = (said.err + text.toString()).slice(-4000)))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  const closed = once(child, 'close')
  closed.catch(() => undefined)
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return { ended, closed, said: () => `${said.out}${said.err}` }
}

/** A clock made of control groups: what all processes in them have used. */
export function controlGroups(paths: readonly string[]): TargetClock {
  return () => paths.reduce((sum, path) => sum + cpuOfGroup(path), 0)
}
