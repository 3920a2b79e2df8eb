import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { labError } from '../model.ts'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Called with every line of stdout as it comes. */
  readonly onLine?: (line: string) => void
}

/** A user's PATH may lack the sbin directories (after `su` on Debian). Messages are parsed, so they must be in English. */
export const environment: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program and returns its stdout.
 *
 * @throws {RolecallError} when the program cannot be started or does not exit with 0. The last lines of its output are in `output`.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ended = await attempt(file, args, options)
  if (ended.code === 0) return ended.stdout
  throw labError(`\`${[file, ...args].join(' ')}\` failed`, {
    expected: 'exit code 0',
    got: ended.code === null ? 'killed by a signal' : `exit code ${ended.code}`,
    output: lastLines(ended.stderr.trim() === '' ? ended.stdout : ended.stderr),
  })
}

/** Whether the program, run quietly, exits with 0. */
export async function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return (await attempt(file, args, {})).code === 0
}

/** The last lines of a program's output, for messages. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

function attempt(file: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...environment, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    if (options.onLine) createInterface({ input: child.stdout }).on('line', options.onLine)
    child.once('error', (error) => reject(labError(`\`${file}\` cannot be started: ${error.message}`)))
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/**
 * Wraps a command so that all its processes and mounts end with this process, even on SIGKILL. The command gets pid and mount
 * namespaces of its own, whose first process dies with its parent.
 *
 * @example run(...contained('debootstrap', ['bookworm', target]))
 */
export function contained(file: string, args: readonly string[]): [string, string[]] {
  const box = ['--mount', '--propagation', 'slave', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL', '--']
  return ['setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', ...box, file, ...args]]
}
