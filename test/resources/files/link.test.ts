import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { link } from '../../../lib/resources/files/link.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { converge, debian, reply, run, scratch, shells, start, stepsOf, words } from '../../support/converge-locally.ts'

const table: readonly (readonly [says: string, have: string, then: readonly string[] | string])[] = [
  ['nothing there: link it', 'none 0 4 dir\n', ['link /srv/app to app-2']],
  ['as wanted: nothing to do', 'have 0 a1ff 5 0 0 root:root\napp-2', []],
  ['another target: link it anew', 'have 0 a1ff 5 0 0 root:root\napp-1', ['link /srv/app to app-2 (was app-1)']],
  [
    'a target with a newline is another one',
    'have 0 a1ff 6 0 0 root:root\napp-2\n',
    ['link /srv/app to app-2 (was app-2\n)'],
  ],
  [
    'a target that reads like a word of the probe is another one',
    'have 0 a1ff 16 0 0 root:root\nknown user app 1',
    ['link /srv/app to app-2 (was known user app 1)'],
  ],
  [
    'a file in the way: replace it',
    'have 0 81a4 5 0 0 root:root\n',
    ['replace the file /srv/app with a symbolic link to app-2'],
  ],
  [
    'a candidate left behind: remove it',
    'have 1 a1ff 5 0 0 root:root\napp-2',
    ['remove a candidate of /srv/app left by an interrupted run'],
  ],
  ['a directory in the way: refused', 'have 0 41ed 5 0 0 root:root\n', 'refused: /srv/app is a directory, not a link'],
  [
    'a device in the way: refused',
    'have 0 61b0 5 0 0 root:root\n',
    'refused: /srv/app is a device, socket or pipe, not a link',
  ],
  ['no directory above: refused', 'none 0 1 absent\n', 'refused: /srv/app cannot be made: there is no directory /srv'],
]

for (const [says, have, then] of table) {
  test(says, () =>
    assert.equal(words(link('/srv/app', { to: 'app-2' }).evaluate(reply(have), debian, new Prediction())), then),
  )
}

test('A link that leads to itself or below itself is refused before any host is touched', () => {
  for (const to of ['/srv/app', 'app', './app/', '../srv/app', '/srv/app/current'])
    assert.throws(
      () => link('/srv/app', { to }),
      (error: unknown) => error instanceof RolecallError && error.message.includes('leads back to the link'),
    )
  for (const to of ['/srv/app-2', 'app2', '../app', 'x/app']) link('/srv/app', { to })
})

test('A link that will be made is as wanted, one to elsewhere is not', () => {
  const prediction = new Prediction()
  prediction.record('link:/srv/app', [{ type: 'path', path: '/srv/app', state: { type: 'link', target: 'app-2' } }])
  const evaluate = (to: string) => words(link('/srv/app', { to }).evaluate(reply('none 0 4 dir\n'), debian, prediction))
  assert.equal(evaluate('app-2'), [])
  assert.equal(evaluate('app-3'), ['link /srv/app to app-3 (was app-2)'])
})

test('Invalid options are refused before any host is touched', () => {
  assert.throws(
    () => link('srv', { to: 'x' }),
    (error: unknown) => error instanceof RolecallError,
  )
  assert.throws(
    () => link('/srv/app', { to: '' }),
    (error: unknown) => error instanceof RolecallError,
  )
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a link is made from nothing and then as wanted, whatever the names', async () => {
    const dir = scratch()
    const names = ['plain', 'with space', `it's`, '-rf', 'two\nlines', 'Zürich']
    for (const name of names) {
      const { did, again, failed } = await converge(shell, link(join(dir, name), { to: `../${name}` }))
      assert.equal([did.length, words(again), failed?.stderr], [1, [], undefined], name)
      assert.is(readlinkSync(join(dir, name)), `../${name}`)
    }
    const { again } = await converge(shell, link(join(dir, 'dash'), { to: '-n' }))
    assert.equal([words(again), readdirSync(dir).length], [[], names.length + 1])
  })

  it('a link to a directory, to a file and to nothing is led elsewhere, and what it led to stays', async () => {
    const dir = scratch()
    mkdirSync(join(dir, 'behind'))
    writeFileSync(join(dir, 'target'), 'precious')
    for (const target of ['behind', 'target', 'nowhere']) {
      const path = join(dir, `to-${target}`)
      symlinkSync(target, path)
      const { did, again } = await converge(shell, link(path, { to: 'new' }))
      assert.equal([did, words(again)], [[`link ${path} to new (was ${target})`], []])
    }
    assert.equal([readdirSync(join(dir, 'behind')), readFileSync(join(dir, 'target'), 'utf8')], [[], 'precious'])
    assert.is(readdirSync(dir).length, 5)
  })

  it('a file is replaced, a directory is not', async () => {
    const dir = scratch()
    writeFileSync(join(dir, 'file'), '')
    mkdirSync(join(dir, 'dir'))
    assert.is((await converge(shell, link(join(dir, 'file'), { to: 'x' }))).did.length, 1)
    assert.ok(lstatSync(join(dir, 'file')).isSymbolicLink())
    const { evaluation } = await converge(shell, link(join(dir, 'dir'), { to: 'x' }))
    assert.is(words(evaluation), `refused: ${dir}/dir is a directory, not a link`)
  })

  it('a directory that comes in between is left alone', async () => {
    const dir = scratch()
    const path = join(dir, 'made')
    const [step] = stepsOf((await converge(shell, link(path, { to: 'x' }))).evaluation)
    assert.ok(step)
    const other = join(dir, 'other')
    mkdirSync(other)
    const ran = await run(shell, raw(step.sh.text.replaceAll(path, other)))
    assert.match(ran.stderr, 'has become a directory')
    assert.equal([ran.code, readdirSync(other), readdirSync(dir).sort()], [1, [], ['made', 'other']])
  })

  it('SIGKILL before the rename leaves the old link, and the next run arrives', async () => {
    const dir = scratch()
    const path = join(dir, 'app')
    symlinkSync('old', path)
    const want = link(path, { to: 'new' })
    const [step] = stepsOf((await converge(shell, link(`${path}2`, { to: 'new' }))).evaluation)
    assert.ok(step)
    const halfWay = step.sh.text
      .replaceAll(`${path}2`, path)
      .replaceAll('.app2.', '.app.')
      .replace(/^if \[ -L/m, 'sleep 60\n$&')
    const child = start(shell, ['-c', halfWay])
    while (!readdirSync(dir).some((name) => name.startsWith('.app.rolecall.') && existsSync(join(dir, name)))) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const ended = new Promise((resolve) => child.on('close', resolve))
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await ended
    assert.is(readlinkSync(path), 'old')
    const { did, again } = await converge(shell, want)
    assert.equal([did.length, words(again), readdirSync(dir).sort()], [2, [], ['app', 'app2']])
  })
}

test.run()
