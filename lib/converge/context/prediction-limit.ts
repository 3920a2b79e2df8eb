import { RolecallError } from '../../errors.ts'
import { redact } from '../../gate/redact.ts'
import { errorMessage } from '../../text/error-message.ts'
import type { Prediction } from '../../resources/prediction/prediction.ts'
import type { CommandWatch } from '../../host/commands.ts'

/** Thrown into a role in check mode where its next decision rests on something that is only pending. Not a failure. */
export class UnpredictableError extends Error {
  override readonly name = 'UnpredictableError'
}

/** The shell found no such command (POSIX.1-2017, 2.8.2). */
const NOT_FOUND = 127

/**
 * How far check mode sees in one unit. A role decides by what it reads of its host; once that would be something which is only
 * pending, what the role does from there on is unknown.
 */
export class PredictionLimit {
  readonly #prediction: Prediction
  #reason: string | undefined
  #looked = false

  constructor(prediction: Prediction) {
    this.#prediction = prediction
  }

  /** Nothing more can be foreseen. Throws, and from now on so does `hold`, should the role catch it. */
  end(reason: string): never {
    this.#reason ??= reason
    throw new UnpredictableError(this.#reason)
  }

  hold(): void {
    if (this.#reason !== undefined) throw new UnpredictableError(this.#reason)
  }

  /** Whether the role was kept from going on. */
  readonly isOver = (): boolean => this.#reason !== undefined

  /** The role was told how the host is now, while something on it is still pending. */
  looked(): void {
    this.#looked ||= !this.#prediction.empty
  }

  /**
   * Lets a role go as far as can be seen. Gives the reason why its rest is unknown, and undefined when it came to its end.
   * An error that it throws after it looked at a host on which something is pending may be about just that.
   */
  async runUntilLimit(role: () => Promise<void>, signal: AbortSignal): Promise<string | undefined> {
    try {
      await role()
      return this.#reason
    } catch (error) {
      signal.throwIfAborted()
      if (this.#reason !== undefined) return this.#reason
      if (error instanceof RolecallError || !this.#looked) throw error
      const said = errorMessage(error)
      return `the role ends with an error before the earlier changes are made: ${said.split('\n')[0] ?? ''}`
    }
  }

  /** Looks on while `$.read` runs: it sees the host as it is now. */
  readonly watch: CommandWatch = {
    before: (command) => {
      const named = this.#prediction.namedIn(command)
      if (named) this.end(`$.read looks at ${named.path}, which ${named.from} changes first`)
      this.looked()
    },
    after: (command, code) => {
      const opaque = code === NOT_FOUND ? this.#prediction.opaque() : undefined
      if (opaque) this.end(`$.read finds no command, and ${opaque.from} may bring it: ${brief(command)}`)
    },
  }
}

function brief(command: string): string {
  const [first = ''] = redact(command).trim().split('\n')
  return first.length > 60 ? `${first.slice(0, 59)}…` : first
}
