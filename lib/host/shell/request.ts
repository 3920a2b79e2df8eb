import type { Input } from '../../sh/input.ts'
import type { Sh } from '../../sh/quote.ts'

/** A script for a shell on a host. See `requestOf`. */
export interface Request {
  readonly script: string
  /** Definitions of functions that the script calls. Those that the shell already has are not sent again. */
  readonly functions?: readonly string[]
  /**
   * Runs before the script in the shell that lives as long as the run, and prints nothing: for state that outlives the request, such as an open file.
   */
  readonly own?: string
  readonly stdin?: Uint8Array | readonly Input[]
  /** Housekeeping: does not count as a round trip. */
  readonly isUncounted?: boolean
  /** Seconds until the answer must be complete. A host that is late is no longer trusted. Default 3600. */
  readonly seconds?: number
  /** The limit in bytes of the answer, both streams together. Default 16 MiB. */
  readonly mostBytes?: number
  readonly onStdout?: (bytes: Uint8Array) => void
  readonly onStderr?: (bytes: Uint8Array) => void
}

/** A request for a script, with functions that the shell may already have. */
export function requestOf(sh: Sh): Pick<Request, 'script' | 'functions'> {
  return { script: sh.body, functions: sh.functions }
}
