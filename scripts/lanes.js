// How jobs share this machine: so many at once, and none beside one that wants the same.

/**
 * Does jobs one after the other in so many lanes.
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
 * A job may want things for itself: `all`, or some that are named. And it may have to wait for something that is being made.
 *
 * @typedef {{ run: () => Promise<void>, wants: 'all' | readonly string[], after?: Promise<unknown> | undefined }} Job
 */

/**
 * The same for such jobs. The first that can begin does; so one that wants all stands first, or waits until no other is left.
 *
 * @param {number} lanes
 * @param {readonly Job[]} jobs
 */
export async function sharing(lanes, jobs) {
  const waiting = [...jobs]
  /** @type {Set<Promise<unknown>>} what is not there yet */
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
