import { spawn } from 'node:child_process'
import { once } from '../../once.ts'

/** The output and exit code of the command, as in a pipe. */
export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface AskOptions {
  readonly signal: AbortSignal
  /** Receives each line of standard output at once. */
  readonly onLine?: (line: string) => void
}

/** Longer output is not useful: the command is ended. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * Runs this program with arguments, as a person would: output for an agent passes the same gate, and errors have the same words. The child has its own session,
 * so it cannot ask for a password. An agent that cancels a call ends the child as Ctrl-C does.
 * The channel is never written to: it tells the child when this process is gone, also when it was killed.
 */
export function askProgram(args: readonly string[], { signal, onLine }: AskOptions): Promise<Said> {
  return new Promise((done, fail) => {
    const [node, program = ''] = [process.execPath, process.argv[1]]
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
    const child = spawn(node, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true, env })
    // A second one would end it at once, in the middle of what it ends on hosts.
    const stop = once(() => child.kill('SIGINT'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    children.add(stop)
    const said = { out: '', err: '' }
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.out += text
      if (said.out.length > MOST_BYTES) stop()
      if (onLine === undefined) return
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.err = `${said.err}${text}`.slice(-MOST_ERRORS)
    })
    child.on('error', fail)
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop)
      children.delete(stop)
      done({ code: code ?? INTERRUPTED, ...said })
    })
  })
}

const MOST_ERRORS = 64 * 1024
const INTERRUPTED = 130

/** Ends all running commands when the agent is gone. */
export function stopAll(): void {
  for (const stop of children) stop()
}

const children = new Set<() => void>()
