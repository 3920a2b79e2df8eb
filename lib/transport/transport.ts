import type { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Problem } from '../errors.ts'

/** A command that runs on the other side. It has the shape of node's ChildProcess, so zx can take it for one. */
export interface Channel extends EventEmitter {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Emitted once, when both streams have ended. A `code` and a `signal` that are both null mean: the connection was lost. */
  on(event: 'close' | 'exit', listener: (code: number | null, signal: string | null) => void): this
  once(event: 'close' | 'exit', listener: (code: number | null, signal: string | null) => void): this
}

/** One open way to one machine. */
export interface Connection {
  /** Starts `command` by the login shell of the other side, which gets it as one string. */
  open(command: string): Promise<Channel>
  /** Why the connection ended by itself; undefined while it is up or after `close`. */
  readonly lost: Problem | undefined
  /** What a person should know of how the host was reached. */
  notes?: readonly string[]
  /** Seconds that a command may take to begin, through a login shell's profile and sudo. Default 30. */
  readonly patience?: number
  /** What it means that a command ended before it had begun; absent: what any end means. */
  readonly notBegun?: (status: string, said: string) => Problem
  /** Says goodbye and ends it. */
  close(): void
  /** Ends it at once, without a word to the other side: for one that floods or lies. */
  cut(): void
}
