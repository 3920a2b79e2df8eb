import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

interface Job {
  readonly wants: 'all' | readonly string[]
  readonly run: () => Promise<void>
  readonly after?: Promise<unknown>
}

interface Lanes {
  readonly sharing: (lanes: number, jobs: readonly Job[]) => Promise<void>
  readonly inLanes: (lanes: number, jobs: readonly (() => Promise<void>)[]) => Promise<void>
}

const { inLanes, sharing } = (await import(resolve(import.meta.dirname, '../../scripts/lanes.js'))) as Lanes

/** Jobs that write down who was at work at the same time. */
function watched() {
  const busy = new Set<string>()
  const seen: string[] = []
  const job = (name: string, wants: Job['wants']): Job => ({
    wants,
    run: async () => {
      busy.add(name)
      seen.push([...busy].sort().join('+'))
      await sleep(20)
      busy.delete(name)
    },
  })
  return { job, seen }
}

test('jobs that want the same are never at work together, and others are', async () => {
  const { job, seen } = watched()
  await sharing(2, [job('a', ['one']), job('b', ['one', 'two']), job('c', ['three']), job('d', ['two'])])
  assert.equal(seen.length, 4)
  for (const together of seen) assert.not.ok(['a+b', 'b+d'].includes(together), together)
  assert.is(seen[1], 'a+c', 'what can begin does, also before what stands in front of it')
})

test('a job that needs all runs only beside jobs that need nothing', async () => {
  const { job, seen } = watched()
  await sharing(3, [job('all', 'all'), job('a', ['one']), job('free', []), job('all too', 'all')])
  assert.equal([seen.length, seen[1]], [4, 'all+free'])
  for (const together of seen)
    assert.not.ok(
      ['a+all', 'a+all too', 'all+all too'].some((each) => together.replace('+free', '') === each),
      together,
    )
})

test('a job that waits for something lets others begin, and begins as soon as it is there', async () => {
  const { job, seen } = watched()
  let make: () => void = () => undefined
  const after = new Promise<void>((made) => (make = made))
  const last = { ...job('b', []), run: () => job('b', []).run().then(make) }
  await sharing(2, [{ ...job('late', 'all'), after }, job('a', ['one']), last])
  assert.equal(seen, ['a', 'a+b', 'late'])
})

test('a waiting job runs as soon as its condition is true, even when nothing else is left', async () => {
  const { job, seen } = watched()
  await sharing(2, [{ ...job('late', []), after: sleep(30) }])
  assert.equal(seen, ['late'])
})

test('no more jobs run than there are lanes, and all of them end', async () => {
  let busy = 0
  let most = 0
  let done = 0
  await inLanes(
    2,
    Array.from({ length: 7 }, () => async () => {
      most = Math.max(most, ++busy)
      await sleep(5)
      busy--
      done++
    }),
  )
  assert.equal([most, done], [2, 7])
})

test.run()
