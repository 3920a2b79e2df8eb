import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** What is kept of what a program says on standard error. */
const MOST_SAID = 4096

/** Starts a program in a group of its own: Ctrl-C on the terminal must reach the controller alone. */
export function startProgram(program: string, words: readonly string[], env?: NodeJS.ProcessEnv): Child {
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...(env === undefined ? {} : { env }),
  })
  // A program that ends before it has read its input is no failure of its own; its status says what happened.
  child.stdin.on('error', () => undefined)
  return child
}

/** Ends a program and what it has started. */
export function endProgram(child: Child, signal: NodeJS.Signals = 'SIGTERM'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has just ended.
  }
}

/** The last lines that a program has printed to standard error. */
export function lastWords(child: Child): () => string {
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-MOST_SAID)))
  return () => said.trim()
}

/** Waits until a program has ended and its outputs are closed, so long at most. */
export function ended(child: Child, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    child.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
