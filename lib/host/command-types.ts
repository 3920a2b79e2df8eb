import type { ProcessOutput, ProcessPromise } from 'zx/core'
import type { Secret } from '../secret.ts'
import type { Sh } from '../sh/quote.ts'

/**
 * zx's `$`, bound to one host: `await $.read`dig ${name}`` runs there, in `/bin/sh`.
 *
 * A command may contain a `Secret` as one quoted word, as its `input` or as a value of its `env`. `undefined`, `null`, an object or a function is
 * refused, because its text form would become a word of the command.
 *
 * The result is zx's own: `.text()`, `.lines()`, `.json()`, `.nothrow()`, `.pipe(...)`, `for await (const line of ...)`. `.timeout('5s')` ends the
 * command on the host. `.kill()`, `.abort()` and `.stdio()` are refused, because there is no process on this machine.
 */
export interface Commands {
  (pieces: TemplateStringsArray, ...args: readonly ReadArgument[]): ProcessPromise
  (options: SecretOptions): Commands
  /** The same commands as another user of the host: `$.as('postgres')`. Needs root, or a `become` to that user. */
  as(user: string): Commands
}

/** An argument of a command that only reads: one quoted word, or a list of them. The output of an earlier command is used as its text. */
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
 * Options of a command that only reads, given before its text: `$.read({ cwd: '/srv' })`ls``.
 *
 * - `input`: its standard input. Default: empty.
 * - `env`: variables of its environment, beside those that the host's shell has.
 * - `cwd`: the working directory. Default `/`.
 * - `nothrow`: an exit status other than 0 is a result, not an error. Default false.
 * - `deadline`: whole seconds after which the command is ended with its children, and fails. Default: none.
 */
export interface SecretOptions {
  readonly input?: string | Uint8Array | NodeJS.ReadableStream | ProcessOutput | ProcessPromise | Secret
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
  readonly cwd?: string
  readonly nothrow?: boolean
  readonly deadline?: number
}
