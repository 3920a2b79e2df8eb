import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const command = resolve(import.meta.dirname, '../../bin/rolecall.js')
const tmux = (...args: readonly string[]) =>
  spawnSync('tmux', ['-L', `rolecall-${process.pid}`, ...args], { encoding: 'utf8' })

/** Whether a real terminal can be had. */
export const hasTerminal = tmux('-V').status === 0
process.on('exit', () => tmux('kill-server'))

/** A real terminal with a shell's words run in it. */
export interface Terminal {
  /** What stands on the screen as soon as it has these words, line by line. */
  screen(words: RegExp): Promise<string[]>
  /** The same with what has scrolled away above. What the terminal broke, because it was too long, is one line. */
  all(words: RegExp): Promise<string[]>
  /** Keys as a person presses them: `C-c`, `C-d`, `Enter`, or letters. */
  press(...keys: readonly string[]): void
  close(): void
}

export interface TerminalOptions {
  readonly columns?: number
  readonly rows?: number
  readonly cwd: string
  /** Words of a shell: `NAME=value` before the command. */
  readonly env?: string
  /** Words of the shell before all others. */
  readonly shell?: string
  /** What is typed as soon as the command has ended or was stopped; its exit code is the one that is shown. */
  readonly after?: string
}

let sessions = 0

/** Opens a terminal and types `rolecall ARGS`; behind the command stands its exit code, as `exit 0.`. */
export function openTerminal(
  args: string,
  { columns = 80, rows = 24, cwd, env = '', shell = '', after }: TerminalOptions,
): Terminal {
  const name = `s${++sessions}`
  // A server without a session ends, and takes no new one meanwhile: one session stays.
  if (sessions === 1) tmux('new-session', '-s', 'stays', '-d', 'exec sleep 86400')
  // A shell is there before and after, as it is for a person, and no Ctrl-C ends it, whichever shell this user has; the terminal stays for what is to be seen.
  const words = `env -u CI LC_ALL=C.UTF-8 ${env} ${process.execPath} ${command} ${args}`
  const run = `trap : INT; ${shell} ${words};${after === undefined ? '' : ` ${after};`} echo "exit $?."; exec sleep 600`
  const size = ['-x', String(columns), '-y', String(rows)]
  const { status, stderr } = tmux('new-session', '-s', name, '-d', ...size, '-c', cwd, run)
  if (status !== 0) throw new Error(`tmux: ${stderr}`)
  tmux('set-option', '-t', name, 'history-limit', '20000')
  const shown = (...more: readonly string[]) => tmux('capture-pane', '-p', ...more, '-t', name).stdout
  const wait = async (words: RegExp, ...more: readonly string[]) => {
    for (let tries = 0; tries < 1800; tries++) {
      const text = shown(...more)
      if (words.test(text)) return text.split('\n').map((line) => line.trimEnd())
      await new Promise((done) => setTimeout(done, 50))
    }
    throw new Error(`the terminal never had ${words.source}:\n${shown('-S', '-')}`)
  }
  return {
    screen: (words) => wait(words),
    all: (words) => wait(words, '-J', '-S', '-'),
    press: (...keys) => void tmux('send-keys', '-t', name, ...keys),
    close: () => void tmux('kill-session', '-t', name),
  }
}
