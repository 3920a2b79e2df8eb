// Runs jobs in parallel: a limited number at once, and never two that need the same resource.

/**
 * Runs jobs in this many lanes, each one after the other.
 *
 * @param {number} lanes
 * @param {readonly (() => Promise<void>)[]} jobs
 */
export async function inLanes(lanes, jobs) {
  await sharing(
    lanes,
    jobs.map((run) => ({ run, wants: [] })),
  )
}

/**
 * A job may need resources for itself: `all`, or named ones. It may also wait for something that is still being made.
 *
 * @typedef {{ run: () => Promise<void>, wants: 'all' | readonly string[], after?: Promise<unknown> | undefined }} Job
 */

/**
 * The same for such jobs. The first job that can begin does. So a job that needs all resources must come first, or wait until no other is left.
 *
 * @param {number} lanes
 * @param {readonly Job[]} jobs
 */
export async function sharing(lanes, jobs) {
  const waiting = [...jobs]
  /** @type {Set<Promise<unknown>>} things that are not made yet */
  const missing = new Set(jobs.flatMap(({ after }) => (after === undefined ? [] : [after])))
  const coming = new Map([...missing].map((after) => [after, after.then(() => missing.delete(after))]))
  /** @type {Map<Job, Promise<void>>} */
  const running = new Map()
  while (waiting.length > 0 || running.size > 0) {
    const taken = [...running.keys()]
    /** @param {Job} job */
    const mayBegin = (job) =>
      (job.after === undefined || !missing.has(job.after)) && taken.every((other) => areApart(job, other))
    const at = running.size < lanes ? waiting.findIndex(mayBegin) : -1
    if (at < 0) {
      await Promise.race([...running.values(), ...[...missing].map((after) => coming.get(after))])
      continue
    }
    const [job] = waiting.splice(at, 1)
    if (job === undefined) return
    running.set(
      job,
      job.run().finally(() => running.delete(job)),
    )
  }
}

/**
 * @param {Job} one
 * @param {Job} other
 */
function areApart({ wants: a }, { wants: b }) {
  if (a === 'all') return b !== 'all' && b.length === 0
  if (b === 'all') return a.length === 0
  return !a.some((each) => b.includes(each))
}
