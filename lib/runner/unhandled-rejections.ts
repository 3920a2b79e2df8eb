import { runningRole } from '../resources/kit/role-watch.ts'

let watchers = 0

/**
 * A promise of a role's code that was rejected, and that nobody waits for, is told to its unit; without this Node would end the process, and with
 * it the work on every other host. Gives what ends the watching. A rejection of anybody else ends the process as it would otherwise.
 */
export function watchUnhandledRejections(): () => void {
  if (watchers++ === 0) process.on('unhandledRejection', tell)
  return () => {
    if (--watchers === 0) process.off('unhandledRejection', tell)
  }
}

function tell(error: unknown): void {
  const unit = runningRole()
  if (unit !== undefined) unit.rejected(error)
  else if (process.listenerCount('unhandledRejection') === 1) throw error
}
