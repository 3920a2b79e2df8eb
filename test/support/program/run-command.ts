import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { join, resolve } from 'node:path'

/** The program, as it is built. */
export const command = resolve(import.meta.dirname, '../../../bin/rolecall.js')

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Node warns of what is wrong with the program itself (a leak of listeners, an API on its way out, a flag of V8 that is gone): no user should read that. */
export function withoutWarning(said: Said): Said {
  const warning = /^(\(node:\d+\) |Error: unrecognized flag ).*$/m.exec(said.err)?.[0]
  if (warning !== undefined) throw new Error(`Node warned: ${warning}`)
  return said
}

/** How a command is run. */
export interface RunCommand {
  readonly cwd: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Runs the real command in a process of its own, as a person would in that directory. */
export function inOwnProcess({ cwd, args, env }: RunCommand): Promise<Said> {
  const ended = new Promise<Said>((done) => {
    execFile(process.execPath, [command, ...args], { cwd, env }, (error, out, err) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err })
    })
  })
  return ended.then(withoutWarning)
}

/** After so many commands a process is ended: what they left in its memory goes with it. */
const MOST_COMMANDS = 40

/** Processes that wait for a command. */
const idle: CommandProcess[] = []

interface CommandProcess {
  readonly child: ChildProcess
  commands: number
}

/**
 * Runs the built program in a process that has run other commands before (process.js). What the command does and says is the same, in a fraction of the
 * time. What is told apart by the process, such as signals, the standard input and V8's code, needs `inOwnProcess`.
 */
export function inSharedProcess({ cwd, args, env }: RunCommand): Promise<Said> {
  const taken = idle.pop() ?? begin()
  const { child } = taken
  const mark = `\n${randomUUID()} `
  hold(child, true)
  return new Promise((done) => {
    const [out, err] = [textUntil(child.stdout, mark), textUntil(child.stderr, mark)]
    // The command ended its process.
    const closed = (code: number | null) => done({ code: code ?? -1, out: out.text(), err: err.text() })
    child.once('close', closed)
    void Promise.all([out.ended, err.ended]).then(() => {
      child.off('close', closed)
      hold(child, false)
      if (++taken.commands < MOST_COMMANDS) idle.push(taken)
      else child.disconnect()
      const [text = '', code = ''] = out.text().split(mark)
      done({ code: Number(code), out: text, err: err.text().slice(0, -mark.length) })
    })
    child.send({ cwd, args, env, mark })
  })
}

function begin(): CommandProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process.js')], { stdio: [...PIPES, 'ipc'] })
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8')
  child.once('exit', () => {
    const at = idle.findIndex((one) => one.child === child)
    if (at >= 0) idle.splice(at, 1)
  })
  return { child, commands: 0 }
}

const PIPES = ['pipe', 'pipe', 'pipe'] as const

/** What a stream says up to a mark. */
function textUntil(stream: Readable | null, mark: string): { text(): string; readonly ended: Promise<void> } {
  let text = ''
  const ended = new Promise<void>((done) => {
    const read = (chunk: string) => {
      text += chunk
      if (!text.slice(-chunk.length - mark.length - MOST_DIGITS).includes(mark) || !/[\n ]$/.test(text)) return
      stream?.off('data', read)
      done()
    }
    stream?.on('data', read)
  })
  return { text: () => text, ended }
}

/** Of an exit code and the end of its line. */
const MOST_DIGITS = 4

/** A process that waits keeps the tests from ending no more than it would if it were not there. */
function hold(child: ChildProcess, isBusy: boolean): void {
  for (const each of [child, child.channel, child.stdin, child.stdout, child.stderr]) {
    const handle = each as { ref?(): void; unref?(): void } | null | undefined
    if (isBusy) handle?.ref?.()
    else handle?.unref?.()
  }
}
