import type { Status } from '../events.ts'
import type { Commands } from '../host/commands.ts'
import type { Secret } from '../secret.ts'
import type { Sh } from '../sh/quote.ts'

export interface Outcome {
  readonly resource: string
  readonly status: Status
}

/** When a command that changes something has to run. `creates` or `unless` is required, because one of them makes the command idempotent. */
export type Needed = { readonly name?: string; readonly deadline?: number; readonly user?: string } & (
  | { readonly creates: string; readonly unless?: string | Sh }
  | { readonly creates?: string; readonly unless: string | Sh }
)

/**
 * zx's `$` in two halves: `$.read` only reads, and runs in check mode too. `$({ creates })` changes something, runs only when necessary, and is
 * reported like a resource.
 *
 * @example
 * const kernel = (await $.read`uname -r`).stdout.trim()
 * await $({ creates: '/opt/app/bin/app' })`tar xf ${archive} -C /opt/app`
 */
export interface RoleCommands {
  (needed: Needed): (pieces: TemplateStringsArray, ...args: readonly CommandArgument[]) => Promise<Outcome>
  readonly read: Commands
  /**
   * Both halves as another user of the host: `$.as('postgres').read`psql -c ...``. Needs root.
   *
   * @example
   * const version = await $.as('postgres').read`psql -tAc ${'show server_version'}`
   */
  as(user: string): RoleCommands
}

/** `$` of `verify`: as in `apply`, without the half that changes something. */
export interface ReadCommands {
  /** zx on the host, for commands that only read. */
  readonly read: Commands
  /** The same as another user of the host: `$.as('postgres').read`psql -c ...``. Needs root. */
  as(user: string): ReadCommands
}

/** One argument of a command, quoted as one word, or a list of them. A `Secret` is shown as `***`. */
export type CommandArgument = string | number | Secret | readonly (string | number | Secret)[]
