import type { Options } from 'zx/core'
import type { Secret } from '../secret.ts'
import type { Shell as Zx } from 'zx/core'

/**
 * zx's `$`, bound to one host: `await $`dig ${name}`` runs there.
 *
 * A `Secret` may stand in a command, as one quoted word, and be its `input` or a value of its `env`.
 */
export type Commands = Zx &
  ((options: SecretOptions) => Commands) & {
    /** The same commands as another user of the host: `$.as('postgres')`. It takes root, or a `become` of that user's. */
    as(user: string): Commands
  }

/** Options of zx's `$` with secrets among them. */
export type SecretOptions = Omit<Partial<Options>, 'input' | 'env'> & {
  readonly input?: Options['input'] | Secret
  readonly env?: Readonly<Record<string, string | Secret | undefined>>
}
