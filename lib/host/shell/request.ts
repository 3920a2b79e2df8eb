import type { Input } from '../../sh/input.ts'

/** A script for a shell on a host. */
export interface Request {
  readonly script: string
  /**
   * Runs before the script in the shell that lives as long as the run, and prints nothing: for things that outlive the request, such as an open file.
   */
  readonly own?: string
  readonly stdin?: Uint8Array | readonly Input[]
  /** Housekeeping: does not count as a round trip. */
  readonly isUncounted?: boolean
  /** Seconds until the answer must be complete. A host that is late is not trusted any more. Default 3600. */
  readonly seconds?: number
  /** The limit in bytes of the answer, both streams together. Default 16 MiB. */
  readonly mostBytes?: number
  readonly onStdout?: (bytes: Uint8Array) => void
  readonly onStderr?: (bytes: Uint8Array) => void
}
