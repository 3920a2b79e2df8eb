import { spawn } from 'node:child_process'
import { filesInPath } from '../machine/files-in-path.ts'

export interface ProgramOptions {
  readonly input?: string | Buffer
  readonly seconds: number
  /** `inherit`: the program may ask the user at the terminal. Default: no input, and standard error is captured. */
  readonly terminal?: boolean
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
}

/** How a program of this machine ended. */
export type ProgramResult =
  | { readonly type: 'exited'; readonly code: number; readonly stdout: Buffer; readonly stderr: string }
  | { readonly type: 'failed'; readonly why: string; readonly stderr: string }

export const NOT_THERE = 'is not there'

/** The limit of output; a secret is shorter. */
const MOST_BYTES = 1_048_576
const MOST_STDERR = 16_384

/**
 * Runs a program of this machine without a shell, with a time limit. Its output is kept in memory only. Its child processes end
 * with it.
 */
export function runProgram(command: readonly [string, ...string[]], options: ProgramOptions): Promise<ProgramResult> {
  const { input, seconds, terminal = false, env = process.env, signal } = options
  const [name, ...words] = command
  return new Promise((resolve) => {
    const child = spawn(name, words, {
      env,
      detached: !terminal,
      stdio: [input === undefined && terminal ? 'inherit' : 'pipe', 'pipe', terminal ? 'inherit' : 'pipe'],
    })
    const kept: Buffer[] = []
    let size = 0
    let stderr = ''
    let ended: string | undefined
    const end = (why: string) => {
      ended ??= why
      try {
        if (child.pid !== undefined) process.kill(terminal ? child.pid : -child.pid, 'SIGKILL')
      } catch {
        // The process has already ended.
      }
    }
    const timer = setTimeout(() => end(`did not end within ${seconds} s`), seconds * 1000)
    const onAbort = () => end('was interrupted')
    const onExit = () => end('was interrupted')
    signal?.addEventListener('abort', onAbort, { once: true })
    process.once('exit', onExit)
    const done = (result: ProgramResult) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      process.off('exit', onExit)
      resolve(result)
    }
    child.stdout?.on('data', (bytes: Buffer) => {
      size += bytes.length
      if (size > MOST_BYTES) end(`printed more than ${MOST_BYTES / 1024 / 1024} MiB`)
      else kept.push(bytes)
    })
    child.stderr?.on('data', (bytes: Buffer) => (stderr = `${stderr}${bytes.toString()}`.slice(-MOST_STDERR)))
    // A program need not read its input.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    child.on('error', (error: NodeJS.ErrnoException) =>
      done({ type: 'failed', why: reasonOf(error, name, env), stderr }),
    )
    child.on('close', (code, killedBy) => {
      if (ended !== undefined) done({ type: 'failed', why: ended, stderr })
      else if (code === null) done({ type: 'failed', why: `was ended by ${killedBy ?? 'a signal'}`, stderr })
      else done({ type: 'exited', code, stdout: Buffer.concat(kept), stderr })
    })
  })
}

/** Why a program cannot be run, as the continuation of a sentence that begins with its name. */
export function reasonOf(
  { code, message }: NodeJS.ErrnoException,
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  // execvp(3) also reports EACCES when PATH has a directory that the user cannot read and no other directory has the program.
  const isNowhere = code === 'EACCES' && !name.includes('/') && filesInPath(name, env['PATH']).length === 0
  if (code === 'ENOENT' || isNowhere) return NOT_THERE
  if (code === 'ETIMEDOUT') return 'did not end in time'
  if (code === 'EACCES') return 'may not be run'
  if (code === 'ENOEXEC') return 'is not a program: a script needs a first line such as #!/bin/sh'
  return `cannot be run: ${message}`
}
