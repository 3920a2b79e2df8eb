import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needRoom } from '../../lib/converge/context/fetch-file.ts'
import { exec, file, play, role } from '../../lib/index.ts'
import { runRoles } from '../support/run-role.ts'

const EVE = 64_711
const room = mkdtempSync(join(tmpdir(), 'fetch-'))
test.after(() => rmSync(room, { recursive: true }))
test.before.each(() => {
  rmSync(room, { recursive: true })
  mkdirSync(join(room, 'host'), { recursive: true })
})
const there = join(room, 'host/app.conf')
const here = join(room, 'kept/app.conf')

const fetching = (to: string, options?: { mode?: string; missing?: 'fail' | 'leave' }) =>
  role({
    name: 'keep',
    async apply({ fetchFile }) {
      await fetchFile(there, to, options)
    },
  })

test('a file comes from the host once, and again when it has changed; check says so and brings nothing', async () => {
  writeFileSync(there, 'one\n')
  const told = async (mode: 'check' | 'apply') => (await runRoles(mode, [fetching(here)])).told
  assert.equal(await told('check'), [`fetchFile:${there} changed`])
  assert.not.ok(existsSync(join(room, 'kept')))
  assert.equal(await told('apply'), [`fetchFile:${there} changed`])
  assert.equal([readFileSync(here, 'utf8'), statSync(here).mode & 0o777], ['one\n', 0o600])
  assert.equal(await told('apply'), [`fetchFile:${there} ok`])

  writeFileSync(there, 'two\n')
  assert.equal(await told('check'), [`fetchFile:${there} changed`])
  assert.equal(await told('apply'), [`fetchFile:${there} changed`])
  assert.is(readFileSync(here, 'utf8'), 'two\n')
  chmodSync(here, 0o644)
  assert.equal(await told('check'), [`fetchFile:${there} changed`], 'the mode is part of it')
  assert.equal(readdirSync(join(room, 'kept')), ['app.conf'], 'nothing is left beside it')
})

test('each host has its own place below a directory', async () => {
  writeFileSync(there, 'one\n')
  await runRoles('apply', [fetching(`${join(room, 'all')}/`)])
  assert.is(readFileSync(join(room, 'all/here', there), 'utf8'), 'one\n')
})

test('a large file is not kept in memory: every byte of it arrives', async () => {
  const large = Buffer.alloc(24 * 1024 * 1024 + 17, 'rolecall ')
  writeFileSync(there, large)
  const { told, problems } = await runRoles('apply', [fetching(here)])
  assert.equal([told, problems], [[`fetchFile:${there} changed`], []])
  assert.is(Buffer.compare(readFileSync(here), large), 0)
})

test('a missing file is refused, or left out if the options say so', async () => {
  const { problems, ok } = await runRoles('check', [fetching(here)])
  assert.not.ok(ok)
  assert.match(problems[0]?.message ?? '', /there is no .* to be fetched/)
  assert.match(problems[0]?.hint ?? '', /missing: 'leave'/)
  const left = await runRoles('apply', [fetching(here, { missing: 'leave' })])
  assert.equal([left.told, left.ok, existsSync(here)], [[`fetchFile:${there} ok`], true, false])
})

test('a directory, and a place that cannot be written, are refused with the reason', async () => {
  mkdirSync(there)
  assert.match((await runRoles('apply', [fetching(here)])).problems[0]?.message ?? '', /is not a file that can be read/)
  rmSync(there, { recursive: true })
  writeFileSync(there, 'one\n')
  writeFileSync(join(room, 'kept'), 'a file where a directory is to be')
  const { problems } = await runRoles('apply', [fetching(here)])
  assert.match(problems[0]?.message ?? '', /could not fetch .*: (ENOTDIR|EEXIST)/)
})

if (process.getuid?.() !== 0) process.stdout.write('skipped: links of another account need root to be made\n')
else
  test('links of other accounts are not followed, pipes are not waited for, and no more is read than the limit', async () => {
    const home = join(room, 'home')
    mkdirSync(home)
    chmodSync(room, 0o755)
    writeFileSync(join(room, 'shadow'), 'for root alone', { mode: 0o600 })
    symlinkSync('../shadow', join(home, 'link'))
    writeFileSync(join(home, 'plain'), 'hers')
    execFileSync('mkfifo', [join(home, 'pipe')])
    for (const path of [home, ...['link', 'plain', 'pipe'].map((name) => join(home, name))]) lchownSync(path, EVE, EVE)
    const fetched = async (mode: 'check' | 'apply', from: string) => {
      const to = join(room, 'kept', 'it')
      const keep = role({
        name: 'keep',
        async apply({ fetchFile }) {
          await fetchFile(from, to)
        },
      })
      const { problems, told } = await runRoles(mode, [keep])
      return problems[0]?.message ?? (mode === 'check' ? told.join() : readFileSync(to, 'utf8'))
    }
    for (const mode of ['check', 'apply'] as const) {
      assert.match(
        await fetched(mode, join(home, 'link')),
        /link is not read: another account can change its directory/,
      )
      assert.match(await fetched(mode, join(home, 'pipe')), /pipe is not read|not a file that can be read/)
    }
    assert.is(await fetched('apply', join(home, 'plain')), 'hers')
  })

test('a host’s claim about the length of a file is not trusted beyond the limit', () => {
  assert.throws(() => {
    needRoom(2 ** 50, room)
  }, /^there is room for \d+ bytes alone$/)
  needRoom(1, room)
})

test('in check mode a file that is pending, or may be, is unknown', async () => {
  const written = role({
    name: 'keep',
    async apply({ ensure, fetchFile }) {
      await ensure(file(there, { content: 'new\n' }))
      await fetchFile(there, here)
    },
  })
  assert.equal((await runRoles('check', [written])).told, [`file:${there} changed`, `fetchFile:${there} unknown`])
  assert.equal((await runRoles('apply', [written])).told, [`file:${there} changed`, `fetchFile:${there} changed`])
  const dumped = role({
    name: 'dump',
    async apply({ ensure, fetchFile }) {
      const dump = join(room, 'host/dump')
      await ensure(exec('dump', { run: `echo x >${dump}`, creates: dump }))
      await fetchFile(dump, join(room, 'kept/dump'))
    },
  })
  assert.equal((await runRoles('check', [dumped])).told, [
    'exec:dump changed',
    `fetchFile:${join(room, 'host/dump')} unknown`,
  ])
})

test('play lists what is fetched, and wrong options are refused with their place', async () => {
  const { fetched } = await play(fetching(`${room}/`), { host: { name: 'web-01' } })
  assert.equal(fetched, [{ path: there, to: join(room, 'web-01', there) }])
  const wrong = role({
    name: 'wrong',
    async apply({ fetchFile }) {
      await fetchFile('app.conf', here)
    },
  })
  const { problems } = await runRoles('check', [wrong])
  assert.match(problems[0]?.message ?? '', /fetchFile/)
  assert.match(problems[0]?.place?.file ?? '', /fetch-file\.test\.ts$/)
})

test.run()
