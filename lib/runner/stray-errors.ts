import { runningRole } from '../resources/kit/role-watch.ts'

let watchers = 0

/**
 * What a role's code throws where nobody waits for it, in a promise or in a timer, is told to its unit. Without this Node would end the process, and with
 * it the work on every other host. Gives what ends the watching. What anybody else throws ends the process as it would otherwise.
 */
export function watchStrayErrors(): () => void {
  if (watchers++ === 0) {
    process.on('unhandledRejection', tellRejection)
    process.on('uncaughtException', tellException)
  }
  return () => {
    if (--watchers > 0) return
    process.off('unhandledRejection', tellRejection)
    process.off('uncaughtException', tellException)
  }
}

function tellRejection(error: unknown): void {
  const unit = runningRole()
  if (unit !== undefined) unit.rejected(error)
  else if (process.listenerCount('unhandledRejection') === 1) throw error
}

function tellException(error: unknown): void {
  const unit = runningRole()
  if (unit !== undefined) unit.rejected(error)
  // Node ends no process that listens.
  else if (process.listenerCount('uncaughtException') === 1) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  }
}

/** Whether an error that nobody caught is told to the unit of a role, which is still at work. */
export function isToldToRole(): boolean {
  return watchers > 0 && runningRole() !== undefined
}
