import { spawn, type ChildProcess } from 'node:child_process'
import { Host } from '../../lib/host/host.ts'
import type { Channel, Connection } from '../../lib/transport/transport.ts'

/** Commands in the namespaces of a process, as a connection sees them and past it. */
export class Entrance {
  readonly #command: (script: string) => readonly [file: string, args: readonly string[]]
  #channels: { readonly child: ChildProcess; readonly pid: number }[] = []

  constructor(command: (script: string) => readonly [file: string, args: readonly string[]]) {
    this.#command = command
  }

  async sh(script: string): Promise<{ readonly code: number; readonly out: string }> {
    const child = this.#start(script)
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stdin?.end()
    return new Promise((tell) => child.once('close', (code) => tell({ code: code ?? -1, out })))
  }

  connect(): Promise<Host> {
    const connection: Connection = {
      lost: undefined,
      open: (command) => {
        const child = this.#start(command)
        this.#channels.push({ child, pid: child.pid ?? 0 })
        child.stdin?.on('error', () => undefined)
        Object.defineProperty(child, 'pid', { value: undefined })
        return Promise.resolve(child as unknown as Channel)
      },
      close: () => this.hangUp(),
      cut: () => this.hangUp(),
    }
    return Host.over('trial', connection)
  }

  /** Closes what is open, as somebody does who is finished. */
  hangUp(): void {
    for (const { child } of this.#channels) child.stdin?.end()
    this.#channels = []
  }

  /** Closes what is open as a controller does that is killed. Gives the processes that were begun. */
  cut(): number[] {
    for (const { child } of this.#channels)
      for (const each of [child.stdin, child.stdout, child.stderr]) each?.destroy()
    const pids = this.#channels.map(({ pid }) => pid)
    this.#channels = []
    return pids
  }

  #start(script: string): ChildProcess {
    const env = { PATH: process.env['PATH'], HOME: '/root' }
    const [file, args] = this.#command(script)
    return spawn(file, args, { stdio: 'pipe', detached: true, env })
  }
}

/** Kills processes one by one, as often as the list still gives some. */
export function killAll(list: () => readonly number[]): void {
  for (let left = list(); left.length > 0; left = list())
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has just ended by itself.
      }
    }
}
