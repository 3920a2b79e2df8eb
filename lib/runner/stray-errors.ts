import { processState } from '../process-state.ts'
import { runningRole } from '../resources/kit/role-watch.ts'
import { errorMessage } from '../text/error-message.ts'
import { stackOf } from '../thrown.ts'

const state = processState(() => ({ watchers: 0 }), unwatch)

/**
 * Passes errors that a role throws where nothing waits for them, in a promise or a timer, to the role's unit. Without this, Node would end the process and
 * with it the work on every other host. Errors from other code end the process as usual. Returns a function that stops watching.
 */
export function watchStrayErrors(): () => void {
  const now = state()
  if (now.watchers++ === 0) {
    process.on('unhandledRejection', passRejection)
    process.on('uncaughtException', passException)
  }
  return () => {
    if (--now.watchers === 0) unwatch()
  }
}

function unwatch(): void {
  process.off('unhandledRejection', passRejection)
  process.off('uncaughtException', passException)
}

function passRejection(error: unknown): void {
  const unit = runningRole()
  if (unit !== undefined) unit.rejected(error)
  else if (process.listenerCount('unhandledRejection') === 1) throw error
}

function passException(error: unknown): void {
  const unit = runningRole()
  if (unit !== undefined) unit.rejected(error)
  // With a listener, Node does not end the process by itself.
  else if (process.listenerCount('uncaughtException') === 1) {
    process.stderr.write(`${stackOf(error) || errorMessage(error)}\n`)
    process.exit(1)
  }
}

/** Whether an uncaught error goes to the unit of a role that is still running. */
export function isHandledByRole(): boolean {
  return state().watchers > 0 && runningRole() !== undefined
}
