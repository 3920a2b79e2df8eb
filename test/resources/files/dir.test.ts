import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../../lib/errors.ts'
import { dir, type DirOptions } from '../../../lib/resources/files/dir.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { ask, converge, debian, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: owners, because the tests do not run as root\n')

const table: readonly (readonly [says: string, want: DirOptions, have: string, then: readonly string[] | string])[] = [
  ['nothing there: make it', {}, 'none 0 4 dir\n', ['make directory /srv/app']],
  ['nothing above either: make it all', {}, 'none 0 1 absent\n', ['make directory /srv/app']],
  ['as wanted: nothing to do', {}, 'have 0 41ed 9 0 0 root:root\n', []],
  ['another mode: chmod', { mode: '0700' }, 'have 0 41ed 9 0 0 root:root\n', ['set mode 0700 of /srv/app (was 0755)']],
  [
    'many write to it, and no mode is said: refused',
    {},
    'have 0 43ff 9 0 0 root:root\n',
    'refused: /srv/app has the mode 1777, with the sticky bit: many write to it, and without a mode dir would set 0755',
  ],
  ['many write to it, as is said: nothing to do', { mode: '1777' }, 'have 0 43ff 9 0 0 root:root\n', []],
  [
    'many write to it, and another mode is said: chmod',
    { mode: '0755' },
    'have 0 43ff 9 0 0 root:root\n',
    ['set mode 0755 of /srv/app (was 1777)'],
  ],
  ['another owner: chown', { owner: 'app' }, 'have 0 41ed 9 0 0 root:root\n', ['set owner app of /srv/app (was root)']],
  ['a link to a directory as wanted: nothing to do', {}, 'have 0 a1ff 9 0 0 root:root\nto 41ed 9 0 0 root:root\n', []],
  [
    'a link to a directory with another mode: chmod',
    { mode: '0700' },
    'have 0 a1ff 9 0 0 root:root\nto 41ed 9 0 0 root:root\n',
    ['set mode 0700 of /srv/app (was 0755)'],
  ],
  [
    'a link to nothing: refused',
    {},
    'have 0 a1ff 9 0 0 root:root\n',
    'refused: /srv/app is a symbolic link to no directory, not a directory',
  ],
  ['a file in the way: refused', {}, 'have 0 81a4 9 0 0 root:root\n', 'refused: /srv/app is a file, not a directory'],
  ['a file above: refused', {}, 'none 0 4 blocked\n', 'refused: /srv/app cannot be made: /srv is not a directory'],
  [
    'nothing above, and it may not be made: refused',
    { parents: false },
    'none 0 1 absent\n',
    'refused: /srv/app cannot be made: there is no directory /srv',
  ],
]

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(dir('/srv/app', want).evaluate(reply(have), debian, new Prediction())), then))
}

test('What is made above a directory is known, by the rules of mkdir', () => {
  const cases: readonly (readonly [
    says: string,
    answer: string,
    before: readonly Effect[],
    parent: DirOptions,
    then: unknown,
  ])[] = [
    ['as wanted', 'none 0 1 absent\nabove 41ed root\n', [], {}, []],
    [
      'another mode',
      'none 0 1 absent\nabove 41ed root\n',
      [],
      { mode: '0700' },
      ['set mode 0700 of /srv/a (was 0755)'],
    ],
    ['below a set-group-ID directory', 'none 0 1 absent\nabove 45ed www\n', [], { mode: '2755', group: 'www' }, []],
    [
      'below a list of access',
      'none 0 1 absent\n',
      [],
      {},
      'unknown: what /srv/a will be is known only after dir:/srv/a/b/c',
    ],
    [
      'below one that is pending itself',
      'none 0 1 absent\nabove 41ed root\n',
      [{ type: 'path', path: '/srv/a', state: { type: 'dir', mode: '0711', owner: 'root', group: 'root' } }],
      { mode: '0711' },
      [],
    ],
  ]
  for (const [says, answer, before, parent, then] of cases) {
    const prediction = new Prediction()
    prediction.record('dir:earlier', before)
    const first = dir('/srv/a/b/c').evaluate(reply(answer), debian, prediction)
    prediction.record('dir:/srv/a/b/c', 'effects' in first ? first.effects : [])
    assert.equal(words(dir('/srv/a', parent).evaluate(reply(answer), debian, prediction)), then, says)
  }
})

function after(from: string, effect: Effect, path = '/etc/app', options: DirOptions = {}) {
  const prediction = new Prediction()
  prediction.record(from, [effect])
  return words(dir(path, options).evaluate(reply('none 0 4 dir\n'), debian, prediction))
}

test('A package that is still to come may bring a directory, but none on ground that is not its own', () => {
  const pkg = { type: 'package', name: 'docker.io', installed: true } as const
  assert.is(after('pkg:docker.io', pkg, '/etc/docker'), 'unknown: /etc/docker may come with pkg:docker.io')
  assert.equal(after('pkg:docker.io', pkg, '/data/docker'), ['make directory /data/docker'])
  assert.equal(after('pkg:docker.io', pkg, '/usr/local/etc'), ['make directory /usr/local/etc'])
})

test('A directory that will be made is as wanted, or its mode is set', () => {
  const made = { type: 'path', path: '/etc/app', state: { type: 'dir', mode: '0755' } } as const
  assert.equal(after('dir:/etc/app', made), [])
  assert.equal(after('dir:/etc/app', made, '/etc/app', { mode: '0700' }), ['set mode 0700 of /etc/app (was 0755)'])
  const implied = { type: 'path', path: '/etc/app/conf', state: { type: 'file' } } as const
  assert.is(
    after('file:/etc/app/conf', implied),
    'unknown: what /etc/app will be is known only after file:/etc/app/conf',
  )
})

test('A directory that is there stays as it is when something will stand below it', () => {
  const prediction = new Prediction()
  prediction.record('file:/etc/app/conf', [{ type: 'path', path: '/etc/app/conf', state: { type: 'file' } }])
  const there = reply('have 0 41ed 9 0 0 root:root\n')
  const evaluation = dir('/etc/app').evaluate(there, debian, prediction)
  assert.equal([words(evaluation), 'dependsOn' in evaluation && evaluation.dependsOn], [[], []])
})

test('A file that will stand there is refused, as it would be then', () => {
  const state = { type: 'file' } as const
  assert.is(
    after('file:/etc/app', { type: 'path', path: '/etc/app', state }),
    'refused: /etc/app is a file, not a directory',
  )
})

test('Invalid options are refused before any host is touched', () => {
  assert.throws(
    () => dir('relative'),
    (error: unknown) => error instanceof RolecallError,
  )
  assert.throws(
    () => dir('/srv', { mode: 'u+x' }),
    (error: unknown) => error instanceof RolecallError,
  )
})

for (const shell of shells()) {
  const it = (says: string, what: () => Promise<void>) => test(`${shell.name}: ${says}`, what)

  it('a directory is made with all that is above it, and is then as wanted', async () => {
    const top = scratch()
    for (const name of ['plain', 'a/b/c', `it's new\nhere`, '-p', 'Zürich']) {
      const { did, again } = await converge(shell, dir(join(top, name), { mode: '0750' }))
      assert.equal([did.length, words(again)], [1, []], name)
      assert.is(statSync(join(top, name)).mode & 0o7777, 0o750)
    }
    assert.is(statSync(join(top, 'a/b')).mode & 0o7777, 0o755)
  })

  it('a drift of mode and owner is set right', async () => {
    const path = join(scratch(), 'made')
    const want = dir(path, { mode: '1770', ...(root ? { owner: 'daemon', group: 'adm' } : {}) })
    await converge(shell, want)
    chmodSync(path, 0o2755)
    if (root) chownSync(path, 0, 0)
    const { again } = await converge(shell, want)
    assert.equal([words(again), statSync(path).mode & 0o7777], [[], 0o1770])
    if (root) assert.equal([statSync(path).uid, statSync(path).gid], [1, 4])
  })

  it('a set-group-ID bit above is not inherited against the wish', async () => {
    const top = scratch()
    chmodSync(top, 0o2755)
    const { again } = await converge(shell, dir(join(top, 'below')))
    assert.equal([words(again), statSync(join(top, 'below')).mode & 0o7777], [[], 0o755])
  })

  it('a link to a directory counts as that directory', async () => {
    const top = scratch()
    mkdirSync(join(top, 'real'), 0o700)
    symlinkSync('real', join(top, 'link'))
    const { did, again } = await converge(shell, dir(join(top, 'link'), root ? { owner: 'daemon' } : {}))
    assert.equal([did.length, words(again)], [root ? 2 : 1, []])
    assert.ok(lstatSync(join(top, 'link')).isSymbolicLink())
    assert.is(statSync(join(top, 'real')).mode & 0o7777, 0o755)
  })

  it('a link to nothing, a file in the way and a file above are refused', async () => {
    const top = scratch()
    symlinkSync('nowhere', join(top, 'link'))
    writeFileSync(join(top, 'file'), '')
    const refused = async (path: string) => words((await converge(shell, dir(join(top, path)))).evaluation)
    assert.is(await refused('link'), `refused: ${top}/link is a symbolic link to no directory, not a directory`)
    assert.is(await refused('file'), `refused: ${top}/file is a file, not a directory`)
    assert.is(await refused('file/a/b'), `refused: ${top}/file/a/b cannot be made: ${top}/file is not a directory`)
  })

  it('a directory that something else has made by then is taken, and set right', async () => {
    const path = join(scratch(), 'made')
    const evaluation = await ask(shell, dir(path))
    mkdirSync(path, { mode: 0o700 })
    const [step] = stepsOf(evaluation)
    assert.ok(step)
    assert.is((await run(shell, step.sh)).code, 0)
    assert.is(statSync(path).mode & 0o7777, 0o755)
  })

  it('a run that ended before the mode was set is set right by the next', async () => {
    const path = join(scratch(), 'made')
    mkdirSync(path, { mode: 0o700 })
    assert.equal((await converge(shell, dir(path))).did, [`set mode 0755 of ${path} (was 0700)`])
  })
}

test.run()
