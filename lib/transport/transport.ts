import type { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Problem } from '../errors.ts'

/** A command that runs on the other side. It has the shape of Node's ChildProcess, so that zx accepts it as one. */
export interface Channel extends EventEmitter {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Emitted once, when both streams have ended. If `code` and `signal` are both null, the connection was lost. */
  on(event: 'close' | 'exit', listener: (code: number | null, signal: string | null) => void): this
  once(event: 'close' | 'exit', listener: (code: number | null, signal: string | null) => void): this
}

/** An open connection to a machine. */
export interface Connection {
  /** Starts `command`, a single string, in the login shell of the other side. `isForAnother`: an account that the environment is not meant for. */
  open(command: string, isForAnother?: boolean): Promise<Channel>
  /** Why the connection was lost; undefined while it is up and after `close`. */
  readonly lost: Problem | undefined
  /** Remarks for the user about how the host was reached. */
  notes?: readonly string[]
  /** Seconds for a command to start, including a login shell's profile and sudo. Default 30. */
  readonly patience?: number
  /** The problem of a command that ended before it had started. Default: the connection was lost. */
  readonly notBegun?: (status: string, said: string) => Problem
  /** Closes the connection properly. */
  close(): void
  /** Closes the connection at once, without the protocol's disconnect: for a host that sends too much or breaks the protocol. */
  cut(): void
}
