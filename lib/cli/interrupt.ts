import { EXIT } from './exit-codes.ts'

/**
 * A signal that Ctrl-C aborts, SIGTERM, or a terminal that is gone. What runs on hosts is then ended with its children, and the run tells what was
 * done. A second Ctrl-C does not wait for that: `sayLast` gets the last words.
 */
export function untilInterrupted(say: (line: string) => void, sayLast = say): AbortSignal {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) {
      sayLast('Quit at once. What was at work on hosts may run to its end there: rolecall runs shows what is left.')
      process.exit(EXIT.interrupted)
    }
    say('Stopping: what runs on hosts is being ended. Press Ctrl-C again to quit at once.')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // The kernel and the shell each say that a terminal is gone: a second time is no wish to quit at once.
  process.on('SIGHUP', () => controller.abort())
  return controller.signal
}
