import { RolecallError } from '../../errors.ts'
import { redact } from '../../gate/redact.ts'
import { errorMessage } from '../../text/error-message.ts'
import type { Prediction } from '../../resources/prediction/prediction.ts'
import type { CommandWatch } from '../../host/commands.ts'

/** Thrown into a role in check mode when its next decision depends on a pending change. Not a failure. */
export class UnpredictableError extends Error {
  override readonly name = 'UnpredictableError'
}

interface LimitState {
  reason: string | undefined
  looked: boolean
}

/** The shell found no such command (POSIX.1-2017, 2.8.2). */
const NOT_FOUND = 127

/**
 * How far check mode can predict one unit. A role decides by what it reads from its host. Once it would read a state that is only pending, everything
 * that follows in the role is unknown.
 */
export class PredictionLimit {
  readonly #prediction: Prediction
  readonly #state: LimitState

  constructor(prediction: Prediction, state: LimitState = { reason: undefined, looked: false }) {
    this.#prediction = prediction
    this.#state = state
  }

  /** The limit of the same unit on another host, with the prediction for that host. */
  on(prediction: Prediction): PredictionLimit {
    return new PredictionLimit(prediction, this.#state)
  }

  /** Ends the prediction here. Throws, and lets `hold` throw from now on in case the role catches the error. */
  end(reason: string): never {
    const first = (this.#state.reason ??= reason)
    throw new UnpredictableError(first)
  }

  hold(): void {
    if (this.#state.reason !== undefined) throw new UnpredictableError(this.#state.reason)
  }

  /** Whether the role was stopped. */
  readonly isOver = (): boolean => this.#state.reason !== undefined

  /** Records that the role read the current state of the host while a change was pending. */
  looked(): void {
    this.#state.looked ||= !this.#prediction.empty
  }

  /**
   * Runs a role as far as it can be predicted. Returns the reason why the rest is unknown, or undefined if the role ran to its end. An error that a
   * role throws after it read a host with pending changes may be caused by them, so it is not a failure.
   */
  async runUntilLimit(role: () => Promise<void>, signal: AbortSignal): Promise<string | undefined> {
    try {
      await role()
      return this.#state.reason
    } catch (error) {
      signal.throwIfAborted()
      if (this.#state.reason !== undefined) return this.#state.reason
      if (error instanceof RolecallError || !this.#state.looked) throw error
      const said = errorMessage(error)
      return `the role ends with an error before the earlier changes are made: ${said.split('\n')[0] ?? ''}`
    }
  }

  /** Watches `$.read`, which sees the host as it is now. */
  readonly watch: CommandWatch = {
    before: (command) => {
      const named = this.#prediction.paths.namedIn(command)
      if (named) this.end(`$.read looks at ${named.path}, which ${named.from} changes first`)
      this.looked()
    },
    after: (command, code) => {
      const bringer = code === NOT_FOUND ? this.#prediction.bringer() : undefined
      if (bringer) this.end(`$.read finds no command, and ${bringer.from} may bring it: ${brief(command)}`)
    },
  }
}

function brief(command: string): string {
  const [first = ''] = redact(command).trim().split('\n')
  return first.length > 60 ? `${first.slice(0, 59)}…` : first
}
