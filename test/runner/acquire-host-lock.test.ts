import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError, type Problem } from '../../lib/errors.ts'
import type { LockHolder, LockState } from '../../lib/host/lock.ts'
import { acquireHostLock } from '../../lib/runner/hosts/acquire-host-lock.ts'

const mine: LockHolder = { run: 'mine', user: 'anna', machine: 'laptop', pid: process.pid, since: 1_764_067_263_000 }
const theirs = (more: Partial<LockHolder> = {}): LockHolder => ({ ...mine, run: 'theirs', user: 'bert', ...more })
/** A process that was, and is no more. */
const gone = spawnSync('true').pid

const busy = (holder: LockHolder | undefined, orphan = false): LockState => ({ type: 'busy', holder, orphan })

/** What is said, and what is refused, when a host answers so, one question after the other. */
async function attempt(seconds: number, ...answers: readonly LockState[]) {
  const said: string[] = []
  let [lock, ...later] = answers
  const host = {
    name: 'node-01',
    lock,
    lockAgain: () => {
      ;[lock, ...later] = later
      return Promise.resolve(lock ?? { type: 'held' as const })
    },
  }
  let problem: Problem | undefined
  try {
    await acquireHostLock(host, mine, seconds, {
      say: (words) => said.push(words),
      signal: new AbortController().signal,
    })
  } catch (error) {
    if (!(error instanceof RolecallError)) throw error
    problem = error.problems[0]
  }
  return { said, problem }
}

test('a host that is free, or has no lock, is taken without a message', async () => {
  for (const is of ['held', 'shared', 'none'] as const)
    assert.equal(await attempt(0, { type: is }), { said: [], problem: undefined })
})

test('a run that is at work keeps others out: on this machine while its process lives, on another one in any case', async () => {
  for (const holder of [theirs(), theirs({ machine: 'desktop', pid: gone })]) {
    const { said, problem } = await attempt(0, busy(holder))
    assert.equal([said, problem?.code, problem?.host], [[], 'busy', 'node-01'])
    assert.match(problem?.got ?? '', `run theirs of bert on ${holder.machine} (process ${holder.pid}), since `)
    assert.match(problem?.hint ?? '', '--wait')
  }
})

test('a run of this machine whose process is gone is waited for without being asked, though the host has not noticed', async () => {
  const gives = busy(theirs({ pid: gone }))
  assert.equal(await attempt(0, gives), { said: [], problem: undefined }, 'its shell was just about to end')
  const { said, problem } = await attempt(0, gives, gives)
  assert.is(problem, undefined)
  assert.is(said.length, 1)
  assert.match(said[0] ?? '', /^the last command of run theirs .*, which is gone: waiting up to 120 s$/)
})

test('so is a run of any machine whose connection the host knows to be lost', async () => {
  const lost = busy(theirs({ machine: 'desktop' }), true)
  const { said, problem } = await attempt(0, lost, lost)
  assert.is(problem, undefined)
  assert.match(said[0] ?? '', /which is gone: waiting up to 120 s$/)
})

test('this run under another name of the same host does not count as another run', async () => {
  assert.equal(await attempt(0, busy(mine), { type: 'shared' }), { said: [], problem: undefined })
})

test('a run that has not written its name yet gets a moment, and changes are reported again', async () => {
  const { said, problem } = await attempt(3, busy(undefined), busy(theirs()), busy(theirs()))
  assert.is(problem, undefined)
  assert.equal(
    said.map((words) => words.replace(/ \(process.*, since .*:\d\d:/, ':')),
    ['run theirs of bert on laptop: waiting up to 3 s'],
  )
})

test.run()
