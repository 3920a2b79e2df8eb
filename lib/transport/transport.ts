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
  /** The problem to report when a command ended before it had begun. Default: that the connection was lost. */
  readonly notBegun?: (status: string, said: string) => Problem
  /** Says goodbye and ends it. */
  close(): void
  /** Closes the connection at once, without the protocol's goodbye: for a host that sends too much or breaks the protocol. */
  cut(): void
}
