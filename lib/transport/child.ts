import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** How much of a program's standard error is kept. */
const MOST_SAID = 4096

/** Starts a program in a process group of its own, so that Ctrl-C on the terminal reaches only the controller. */
export function startProgram(program: string, words: readonly string[], env?: NodeJS.ProcessEnv): Child {
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(env === undefined ? {} : { env }),
  })
  // Ignored: a program may end before it has read its input. Its exit status tells the result.
  child.stdin.on('error', () => undefined)
  return child
}

/** Ends a program and its child processes. */
export function endProgram(child: Child, signal: NodeJS.Signals = 'SIGTERM'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The process has just ended.
  }
}

/** Collects the last lines of a program's standard error. */
export function lastWords(child: Child): () => string {
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-MOST_SAID)))
  return () => said.trim()
}

/** Waits until a program has ended and its outputs are closed, or until the time is up. */
export function ended(child: Child, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    child.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
