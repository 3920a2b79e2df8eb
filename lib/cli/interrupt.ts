import { EXIT } from './exit-codes.ts'

/**
 * A signal that Ctrl-C (or SIGTERM) aborts. What runs on hosts is then ended with its children, and the run tells what was
 * done. A second Ctrl-C does not wait for that.
 */
export function untilInterrupted(say: (line: string) => void): AbortSignal {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    say('Stopping: what runs on hosts is being ended. Press Ctrl-C again to quit at once.')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller.signal
}
