import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
  /** Of this machine's own processes: the command and all its children. */
  readonly controllerMs: number
  /** Of everything that ran on the hosts meanwhile. */
  readonly targetMs: number
}

/** How much CPU the hosts have used since they were started, in milliseconds. */
export type TargetClock = () => number

/** dash's and bash's `times` give 10 ms or better. The shell's own share is not counted: it only waits. */
const TIMED = '"$@"; code=$?; times >&3; exit $code'

/** Runs a command once and waits for it. Throws with its last words when it fails. */
export async function sample(command: Command, target: TargetClock): Promise<Sample> {
  const before = target()
  const begin = performance.now()
  const times = await finish(['/bin/sh', '-c', TIMED, 'sh', ...command.argv], command)
  const wallMs = performance.now() - begin
  return { wallMs, controllerMs: childrenOf(times), targetMs: target() - before }
}

/** The most memory that the command and its children have together, in MiB (PSS: shared pages are divided among those who share them). */
export async function memory(command: Command): Promise<number> {
  let most = 0
  await finish([...command.argv], command, (pid) => {
    const timer = setInterval(() => (most = Math.max(most, memoryOf(pid))), 50)
    return () => clearInterval(timer)
  })
  return most
}

/** Starts a command and waits for it; gives what it wrote to its descriptor 3. */
function finish(
  argv: readonly string[],
  { cwd, env, input }: Command,
  watch: (pid: number) => () => void = () => () => undefined,
): Promise<string> {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '', times: '' }
  child.stdout?.on('data', (text: Buffer) => (said.out = (said.out + text.toString()).slice(-4000)))
  child.stderr?.on('data', (text: Buffer) => (said.err = (said.err + text.toString()).slice(-4000)))
  child.stdio[3]?.on('data', (text: Buffer) => (said.times += text.toString()))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  const stop = watch(child.pid ?? 0)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      stop()
      if (code === 0) resolve(said.times)
      else
        reject(new Error(`${argv.join(' ').slice(0, 300)}\nends with ${code ?? 'a signal'}:\n${said.out}${said.err}`))
    })
  })
}

/** The second line of `times`: user and system time of the children, such as `0m0.340000s 0m0.040000s`. */
function childrenOf(times: string): number {
  const [, children = ''] = times.trim().split('\n')
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  )
}

/** A clock made of control groups: what all processes in them have used. */
export function controlGroups(paths: readonly string[]): TargetClock {
  return () =>
    paths.reduce((sum, path) => {
      const [, micros = '0'] = /^usage_usec (\d+)$/m.exec(readFileSync(`${path}/cpu.stat`, 'utf8')) ?? []
      return sum + Number(micros) / 1000
    }, 0)
}
