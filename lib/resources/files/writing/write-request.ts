import type { Way } from '../path/way.ts'
import type { Sh } from '../../../sh/quote.ts'

/**
 * A command that looks at a candidate before it goes live. A string is split at white space into words, `{}` stands for the
 * candidate's path, and no shell reads it. An `Sh` is shell text that finds the path in `$candidate`.
 *
 * @example
 * validate: 'named-checkzone host.com {}'
 * validate: sh`sshd -t -f "$candidate" && grep -q PermitRootLogin "$candidate"`
 */
export type Validator = string | Sh

export interface Write {
  readonly path: string
  /** The path without links on its way, where that is another one. */
  readonly place?: string | undefined
  readonly bytes: Uint8Array
  readonly mode: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly validate?: Validator | undefined
  readonly backup?: boolean | undefined
  /** The file is there, and stays what it is: it is written into. */
  readonly inPlace?: boolean | undefined
  /** Nothing has this name so far. */
  readonly fresh?: boolean | undefined
  /** What the candidate was derived from: what is not this any more is left alone. */
  readonly from?: Uint8Array | 'nothing' | undefined
  /** The content is in no script: it travels as input. */
  readonly secret?: boolean | undefined
  /** Another account can change its directory. */
  readonly way?: Way | undefined
}
