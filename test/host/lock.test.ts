// Own process: it looks for processes that earlier tests may have left, too
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Host } from '../../lib/host/host.ts'
import { readLock, type LockHolder } from '../../lib/host/lock.ts'
import { quote } from '../../lib/sh/quote.ts'
import { connectLocal } from '../../lib/transport/local.ts'
import type { Connection } from '../../lib/transport/transport.ts'
import { shells } from '../support/converge-locally.ts'

const holder = (run: string): LockHolder => ({
  run,
  user: 'anna',
  machine: 'laptop',
  pid: 4711,
  since: 1_764_067_263_000,
})

/** The lock of this machine is everybody's: another checkout may try its own at the same time. So root's is a place of this test. */
const room = mkdtempSync(join(tmpdir(), 'rolecall-lock-'))
test.after(() => rmSync(room, { recursive: true }))
const isRoot = process.getuid?.() === 0
const inRoom = (command: string) =>
  isRoot
    ? `unshare --mount sh -c ${quote(`mkdir -p /run/rolecall && mount --bind ${room} /run/rolecall && ${command}`)}`
    : command
/** A user who has not logged in, as one that runs tests by `su` or in a container, has no runtime directory. */
const runtime = `/run/user/${process.getuid?.() ?? 0}`
const own = existsSync(runtime) ? join(runtime, 'rolecall') : join(process.env['HOME'] ?? '', '.rolecall')
const lockFile = join(isRoot ? room : own, 'lock')

const open = (run: string, shell = '/bin/sh') => {
  const here = connectLocal()
  const through: Connection = {
    lost: undefined,
    open: (command) => here.open(inRoom(command.replaceAll('/bin/sh', shell))),
    close: () => here.close(),
    cut: () => here.close(),
  }
  return Host.over('here', through, { lockHolder: holder(run) })
}
const hasFlock = existsSync('/usr/bin/flock') && process.platform === 'linux'
if (!hasFlock) process.stdout.write('skipped: this machine has no flock(1), so its locks cannot be tried\n')
const withLock = (says: string, work: () => Promise<void>) => (hasFlock ? test(says, work) : test.skip(says))

for (const { name, bin } of shells()) {
  withLock(
    `${name}: the second run learns who has the host and since when; when the first is gone it gets it`,
    async () => {
      const first = await open('one', bin)
      assert.equal(first.lock, { type: 'held' })
      assert.is(first.roundTrips, 1, 'the request for the lock travels with the facts')
      const second = await open('two', bin)
      assert.equal(second.lock, { type: 'busy', holder: holder('one'), orphan: false })
      assert.equal(await second.lockAgain(holder('two')), { type: 'busy', holder: holder('one'), orphan: false })
      first.close()
      let lock = await second.lockAgain(holder('two'))
      for (let tries = 0; lock.type === 'busy' && tries < 50; tries++) {
        await sleep(20)
        lock = await second.lockAgain(holder('two'))
      }
      assert.equal(lock, { type: 'held' })
      assert.equal(second.lock, { type: 'held' })
      second.close()
    },
  )
}

withLock('one run may have a machine under two names', async () => {
  const first = await open('three')
  const second = await open('three')
  assert.equal([first.lock?.type, second.lock?.type].sort(), ['held', 'shared'])
  first.close()
  second.close()
})

withLock('what a step leaves running does not keep the lock', async () => {
  const first = await open('four')
  await first.run({ script: 'sleep 7.25 >/dev/null 2>&1 &' })
  await first.run({ script: 'cat >/dev/null; sleep 7.25 >/dev/null 2>&1 &', stdin: Buffer.from('x') })
  first.close()
  let next = await open('five')
  for (let tries = 0; next.lock?.type === 'busy' && tries < 50; tries++) {
    next.close()
    await sleep(20)
    next = await open('five')
  }
  assert.equal(next.lock, { type: 'held' })
  next.close()
  execFileSync('pkill', ['-f', '^sleep 7[.]25'])
})

withLock(
  'a holder that is idle and has shown no sign of life for a minute is ended, one that does is not',
  async () => {
    const silent = await open('six')
    const asker = await open('seven')
    try {
      assert.is(asker.lock?.type, 'busy')
      execFileSync('touch', ['-d', '2 minutes ago', lockFile])
      await silent.showLife()
      assert.is((await asker.lockAgain(holder('seven'))).type, 'busy')
      assert.is(silent.roundTrips, 1, 'a sign of life is none of the work')
      execFileSync('touch', ['-d', '2 minutes ago', lockFile])
      await asker.lockAgain(holder('seven'))
      let lock = await asker.lockAgain(holder('seven'))
      for (let tries = 0; lock.type === 'busy' && tries < 50; tries++) {
        await sleep(20)
        lock = await asker.lockAgain(holder('seven'))
      }
      assert.equal(lock, { type: 'held' })
    } finally {
      // One that is left open keeps this process alive.
      silent.close()
      asker.close()
    }
  },
)

test('a lock that has no name yet is busy, and no answer is no lock', () => {
  assert.equal(readLock('lock=busy\nholder=\n'), { type: 'busy', holder: undefined, orphan: false })
  assert.equal(readLock(''), { type: 'none' })
})

test.run()
