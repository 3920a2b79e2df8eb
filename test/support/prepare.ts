import { inspect } from 'node:util'

/** A suite of uvu, as far as it is prepared. */
interface Prepared {
  readonly before: (work: () => Promise<void> | void) => void
}

/**
 * Does something before the tests of a suite. When it fails, the error is printed, and the process ends with 1: uvu itself drops the error of a `before`
 * hook, runs no test, and ends with 0.
 */
export function prepare(suite: Prepared, work: () => Promise<void> | void): void {
  suite.before(async () => {
    try {
      await work()
    } catch (error) {
      process.stderr.write(`What comes before the tests failed: ${inspect(error)}\n`)
      process.exit(1)
    }
  })
}
