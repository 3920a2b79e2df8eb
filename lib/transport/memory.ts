import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { Connection } from './transport.ts'

/** The answer to a command. Default: no output, status 0. */
export interface MemoryAnswer {
  readonly stdout?: string
  readonly stderr?: string
  readonly code?: number
}

/** Answers in place of a machine: receives a script and its standard input, and returns output and exit status. */
type MemoryHost = (script: string, stdin: Uint8Array) => MemoryAnswer

/**
 * A connection to no machine, for tests. It understands the one shell that is kept for a run (`rc BOUNDARY SCRIPT_BYTES STDIN_BYTES`)
 * and those of commands in a pipe (`io - SCRIPT_BYTES 0`). `answer` answers both; no script is run.
 */
export function connectMemory(answer: MemoryHost): Connection {
  const open = new Set<MemoryChannel>()
  return {
    lost: undefined,
    open(command) {
      const channel = new MemoryChannel(command, answer)
      open.add(channel)
      channel.once('close', () => open.delete(channel))
      return Promise.resolve(channel)
    },
    close() {
      for (const channel of open) channel.stdin.end()
    },
    cut() {
      for (const channel of open) channel.stdin.end()
    },
  }
}

/** The random word with which the shell of a run reports that it is ready. */
const WORD = /echo (-[0-9a-f]+) ready /

class MemoryChannel extends EventEmitter {
  readonly stdin = new PassThrough()
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly #answer: MemoryHost
  readonly #word: string | undefined
  #rest: Buffer = Buffer.alloc(0)
  /** The script of an `io` request, which reads all following input. */
  #reader: string | undefined

  constructor(command: string, answer: MemoryHost) {
    super()
    this.#answer = answer
    this.#word = WORD.exec(command)?.[1]
    if (this.#word !== undefined) this.stdout.write(`\n${this.#word} ready 1\n`)
    this.stdin.on('data', (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      if (this.#word !== undefined && this.#reader === undefined) this.#exchange()
    })
    this.stdin.once('end', () => this.#end(this.#reader === undefined ? 0 : this.#say(this.#reader, this.#rest)))
  }

  /** Answers every request that has arrived completely. */
  #exchange(): void {
    for (;;) {
      // Empty lines are meant for a login profile that asks something.
      while (this.#rest[0] === 10) this.#rest = this.#rest.subarray(1)
      const newline = this.#rest.indexOf(10)
      const header = /^(rc|own|io) (\S+) (\d+) (\d+)$/.exec(this.#rest.toString('latin1', 0, Math.max(0, newline)))
      if (header === null) return
      const script = newline + 1 + Number(header[3])
      const whole = script + Number(header[4])
      if (this.#rest.length < whole) return
      // The real shell reads lines, and the script's own line break is not part of the request.
      const text = this.#rest.toString('utf8', newline + 1, script).replace(/\n+$/, '')
      if (header[1] !== 'rc') {
        this.#rest = this.#rest.subarray(whole)
        if (header[1] === 'own') continue
        this.#reader = text
        return
      }
      const stdin = this.#rest.subarray(script, whole)
      const code = this.#say(text, stdin)
      this.#rest = this.#rest.subarray(whole)
      for (const stream of [this.stdout, this.stderr]) stream.write(`${header[2] ?? ''} end ${code}\n`)
    }
  }

  #say(script: string, stdin: Uint8Array): number {
    const { stdout = '', stderr = '', code = 0 } = this.#answer(script, stdin)
    this.stdout.write(stdout)
    this.stderr.write(stderr)
    return code
  }

  #end(code: number): void {
    this.stdout.end()
    this.stderr.end()
    setImmediate(() => {
      this.emit('exit', code, null)
      this.emit('close', code, null)
    })
  }
}
