import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { absent, type AbsentOptions } from '../../../lib/resources/files/absent.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { ask, converge, debian, reply, scratch, shells, words } from '../../support/converge-locally.ts'
import { pending } from '../../../lib/testing/converge.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: a mounted file system, because the tests do not run as root\n')

const isDir = 'have 0 41ed 9 0 0 root:root\n'
const table: readonly (readonly [says: string, want: AbsentOptions, have: string, then: readonly string[] | string])[] =
  [
    ['nothing there: nothing to do', {}, 'none 0 4 dir\n', []],
    ['no directory above either: nothing to do', {}, 'none 0 1 absent\n', []],
    ['a file: remove it', {}, 'have 0 81a4 9 0 0 root:root\n', ['remove the file /etc/app/old']],
    ['a link: remove it', {}, 'have 0 a1ff 9 0 0 root:root\n', ['remove the symbolic link /etc/app/old']],
    ['a pipe: remove it', {}, 'have 0 11a4 9 0 0 root:root\n', ['remove the device, socket or pipe /etc/app/old']],
    ['an empty directory: remove it', {}, isDir, ['remove the directory /etc/app/old']],
    [
      'a directory with something in it: refused',
      {},
      `${isDir}full\n`,
      'refused: /etc/app/old is a directory that is not empty',
    ],
    [
      'a directory with something in it, recursively: remove it all',
      { recursive: true },
      `${isDir}full\n`,
      ['remove the directory /etc/app/old with everything in it'],
    ],
    [
      'something mounted in it: refused',
      { recursive: true },
      `${isDir}full\nmounted /etc/app/old/data\n`,
      'refused: something is mounted at or below /etc/app/old',
    ],
    [
      'not allowed to look: refused',
      {},
      'none 0 4 denied\n',
      'refused: /etc/app/old cannot be looked at: permission denied',
    ],
    [
      'a candidate left behind: remove it',
      {},
      'none 1 4 dir\n',
      ['remove a candidate of /etc/app/old left by an interrupted run'],
    ],
  ]

test('what is mounted in it comes and goes before', () => {
  const told = (have: string, state: 'unmounted' | 'read-write', at: string, want: AbsentOptions = {}) => {
    const mounts = pending({ 'mount:x': [{ type: 'mount', path: at, state, holds: 'same' }] })
    return words(absent('/etc/app/old', want).evaluate(reply(have), debian, mounts))
  }
  const below = '/etc/app/old/data'
  const all = { recursive: true }
  const gone = ['remove the directory /etc/app/old with everything in it']
  assert.equal(told(`${isDir}full\nmounted ${below}\n`, 'unmounted', below, all), gone)
  assert.is(told(`${isDir}full\n`, 'read-write', below, all), 'refused: something is mounted at or below /etc/app/old')
  assert.is(
    told(`${isDir}mounted /etc/app/old\n`, 'unmounted', '/etc/app/old'),
    'unknown: whether /etc/app/old will be empty is known only after mount:x',
  )
  // What was in it was that of the mount: nobody knows yet what is below.
  const itself = `${isDir}full\nmounted /etc/app/old\n`
  assert.equal(told(itself, 'unmounted', '/etc/app/old', all), ['remove the directory /etc/app/old'])
})

for (const [says, want, have, then] of table) {
  test(says, () =>
    assert.equal(words(absent('/etc/app/old', want).evaluate(reply(have), debian, new Prediction())), then),
  )
}

function after(from: string, effect: Effect, options: AbsentOptions = {}, path = '/etc/app/old') {
  const prediction = new Prediction()
  prediction.record(from, [effect])
  return words(absent(path, options).evaluate(reply('none 0 4 dir\n'), debian, prediction))
}

test('A pending package may bring a path that is to be removed', () => {
  const pkg = { type: 'package', name: 'nginx', installed: true } as const
  assert.is(after('pkg:nginx', pkg), 'unknown: /etc/app/old may come with pkg:nginx')
  assert.equal(after('pkg:nginx', pkg, {}, '/srv/old'), [])
})

test('What an earlier resource will have made is removed again, if it may', () => {
  const path = '/etc/app/old'
  const from = 'other:/etc/app/old'
  assert.equal(after(from, { type: 'path', path, state: { type: 'file' } }), ['remove the file /etc/app/old'])
  assert.equal(after(from, { type: 'path', path, state: { type: 'absent' } }), [])
  const dir = { type: 'path', path, state: { type: 'dir' } } as const
  assert.is(after(from, dir), `unknown: whether ${path} will be empty is known only after ${from}`)
  assert.equal(after(from, dir, { recursive: true }), ['remove the directory /etc/app/old'])
})

test('Removing essential directories is refused before any host is touched', () => {
  for (const path of [
    '/',
    '/etc',
    '/etc/',
    '//usr',
    '/usr/lib',
    '/var/log',
    '/home',
    '/./boot',
    'old',
    '/srv/../etc',
  ]) {
    assert.throws(
      () => absent(path, { recursive: true }),
      (error: unknown) => error instanceof RolecallError,
      path,
    )
  }
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('files and links of any name are removed, and what a link led to stays', async () => {
    const dir = scratch()
    mkdirSync(join(dir, 'kept'))
    writeFileSync(join(dir, 'kept/file'), '')
    for (const name of ['plain', 'with space', `it's`, '-rf', 'two\nlines', 'a*', 'Zürich']) {
      writeFileSync(join(dir, name), '')
      const { did, again } = await converge(shell, absent(join(dir, name)))
      assert.equal([did.length, words(again), existsSync(join(dir, name))], [1, [], false], name)
    }
    symlinkSync('kept', join(dir, 'link'))
    const { did } = await converge(shell, absent(join(dir, 'link'), { recursive: true }))
    assert.equal(
      [did, readdirSync(dir), readdirSync(join(dir, 'kept'))],
      [[`remove the symbolic link ${dir}/link`], ['kept'], ['file']],
    )
  })

  it('an empty directory goes, a full one only recursively', async () => {
    const path = join(scratch(), 'dir')
    mkdirSync(path)
    assert.equal((await converge(shell, absent(path))).did, [`remove the directory ${path}`])
    for (const inside of ['file', '.hidden', '..odd', '-rf']) {
      mkdirSync(path)
      writeFileSync(join(path, inside), '')
      assert.is(words(await ask(shell, absent(path))), `refused: ${path} is a directory that is not empty`, inside)
      const { did, again } = await converge(shell, absent(path, { recursive: true }))
      assert.equal([did, words(again)], [[`remove the directory ${path} with everything in it`], []])
    }
    mkdirSync(path)
    symlinkSync('nowhere', join(path, 'dangling'))
    assert.is(words(await ask(shell, absent(path))), `refused: ${path} is a directory that is not empty`)
  })

  it('a directory in which something is mounted is not touched', async () => {
    if (!root) return
    const path = join(scratch(), 'with space')
    const inside = join(path, 'a\\b')
    mkdirSync(inside, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inside])
    try {
      writeFileSync(join(inside, 'precious'), '')
      const { evaluation } = await converge(shell, absent(path, { recursive: true }))
      assert.is(words(evaluation), `refused: something is mounted at or below ${path}`)
      assert.ok(existsSync(join(inside, 'precious')))
    } finally {
      execFileSync('umount', ['-l', inside])
    }
  })
}

test.run()
