import type { ProcessOutput, ProcessPromise } from 'zx/core'
import type { Secret } from '../secret.ts'
import type { Sh } from '../sh/quote.ts'

/**
 * zx's `$`, bound to one host: `await $.read`dig ${name}`` runs there, in `/bin/sh`.
 *
 * A `Secret` may stand in a command, as one quoted word, and be its `input` or a value of its `env`. A value that is `undefined`, `null`, an object or a
 * function is refused, because its name would become a word of the command.
 *
 * What a command answers is zx's own: `.text()`, `.lines()`, `.json()`, `.nothrow()`, `.pipe(...)`, `for await (const line of ...)`. `.timeout('5s')`
 * ends it on the host. `.kill()`, `.abort()` and `.stdio()` are refused, because no process of this machine stands behind it.
 */
export interface Commands {
  (pieces: TemplateStringsArray, ...args: readonly ReadArgument[]): ProcessPromise
  (options: SecretOptions): Commands
  /** The same commands as another user of the host: `$.as('postgres')`. It takes root, or a `become` of that user's. */
  as(user: string): Commands
}

/** One quoted word of a command that only reads, or several. The output of an earlier command stands for its text. */
export type ReadArgument =
  | string
  | number
  | bigint
  | boolean
  | Secret
  | Sh
  | ProcessOutput
  | ProcessPromise
  | readonly (string | number | bigint | boolean | Secret | Sh | ProcessOutput | ProcessPromise)[]

/**
 * What a command that only reads can be given before its text: `$.read({ cwd: '/srv' })`ls``.
 *
 * - `input`: its standard input. Default: empty.
 * - `env`: variables of its environment, beside those that the host's shell has.
 * - `cwd`: the directory in which it runs. Default `/`.
 * - `nothrow`: a status other than 0 is an answer. Default false.
 * - `deadline`: whole seconds after which it is ended with its children, and fails. Default: none.
 */
export interface SecretOptions {
  readonly input?: string | Uint8Array | NodeJS.ReadableStream | ProcessOutput | ProcessPromise | Secret
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  readonly cwd?: string
  readonly nothrow?: boolean
  readonly deadline?: number
}
