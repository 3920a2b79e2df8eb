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
 * The same for jobs that want things for themselves: `all`, or some that are named. The first that can begin does; so one that wants all
 * stands first, or waits until no other is left.
 *
 * @param {number} lanes
 * @typedef {{ run: () => Promise<void>, wants: 'all' | readonly string[] }} Job
 * @param {readonly Job[]} jobs
 */
export async function sharing(lanes, jobs) {
  const waiting = [...jobs]
  /** @type {Map<Job, Promise<void>>} */
  const running = new Map()
  while (waiting.length > 0 || running.size > 0) {
    const taken = [...running.keys()]
    const at = running.size < lanes ? waiting.findIndex((job) => taken.every((other) => areApart(job, other))) : -1
    if (at < 0) {
      await Promise.race(running.values())
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
