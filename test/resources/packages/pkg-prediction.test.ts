import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { pkg } from '../../../lib/resources/packages/pkg.ts'
import { debian, reply, rocky, words } from '../../support/converge-locally.ts'
import { bind, fresh, policy, inst, after, coming, configured, nowhere, table, cached, bindRow } from './pkg-answers.ts'

test('A package that comes along with a pending one is as wanted', () => {
  assert.equal(words(after('bind9-libs', {}, nowhere, ['pkg:bind9', coming('bind9-libs')])), [])
})

const along = `${fresh}# simulation\n${['perl', 'liberror-perl', 'git'].map((name) => inst(name, '1')).join('')}`
const counts: readonly (readonly [string, string | string[], string, [string, Effect][], string])[] = [
  ['all of them', 'git', along, [], 'install git 1, and 2 more with it'],
  ['not those of a pending one', 'git', along, [['pkg:perl', coming('perl')]], 'install git 1, and 1 more with it'],
  [
    'none, where pending ones bring the rest',
    'git',
    along,
    [
      ['pkg:perl', coming('perl')],
      ['pkg:x', coming('liberror-perl')],
    ],
    'install git 1',
  ],
  [
    'a name that is pending itself is none',
    ['git', 'perl'],
    along,
    [['pkg:perl', coming('perl')]],
    'install git 1, and 1 more with it',
  ],
  [
    'one that comes, and goes again',
    'git',
    along,
    [
      ['pkg:perl', coming('perl')],
      ['pkg:y', coming('perl', false)],
    ],
    'install git 1, and 2 more with it',
  ],
  [
    'one that is there already, and comes in another version',
    'git',
    along,
    [['pkg:perl', { ...coming('perl'), kept: true }]],
    'install git 1, and 2 more with it',
  ],
]
for (const [says, names, have, pending, then] of counts) {
  test(`What comes along is counted as apply will count it: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(pkg(names).evaluate(reply(have), debian, prediction)), [then])
  })
}

test('What comes along with the first of three packages is counted by neither of the others', () => {
  const comes = (...names: string[]) =>
    `${fresh}# simulation\n${names.map((name) => `${inst(name, '1')}Conf ${name} (1 Debian:12/stable [amd64])\n`).join('')}`
  const prediction = new Prediction()
  const told = ['git', 'cvs', 'svn'].flatMap((name) => {
    const evaluation = pkg(name).evaluate(reply(comes('perl', 'libperl', name)), debian, prediction)
    if ('plan' in evaluation) prediction.record(`pkg:${name}`, evaluation.effects)
    return words(evaluation)
  })
  assert.equal(told, ['install git 1, and 2 more with it', 'install cvs 1', 'install svn 1'])
})

test('a pin that is to come may keep what would have to go: unknown', () => {
  const pin: Effect = { type: 'path', path: '/etc/apt/preferences.d/x.pref', state: { type: 'file' } }
  const prediction = new Prediction()
  prediction.record('file:x', [pin])
  const ask = (simulation: string, later = prediction) =>
    words(pkg('curl').evaluate(reply(`${fresh}# simulation\n${simulation}`), debian, later))
  const inst = 'Inst curl (7.88 Debian:12/stable [amd64])\n'
  assert.equal(ask(`${inst}Remv wget [1]\n`), 'unknown: file:x may keep packages from going that would have to go')
  assert.match(String(ask(inst)), /^install curl/)
  assert.not.match(String(ask(`${inst}Remv wget [1]\n`, new Prediction())), 'unknown')
})

test('what cannot be installed today, and a pin is to come: change where the pins leave it out, otherwise unknown', () => {
  const pin: Effect = { type: 'path', path: '/etc/apt/preferences.d/x.pref', state: { type: 'file' } }
  const prediction = new Prediction()
  prediction.record('file:x', [pin])
  const ask = (more: string, later = prediction) =>
    String(
      words(
        pkg('curl').evaluate(
          reply(`${fresh}# simulation\nE: generated breaks\n# offers\n${more}# near\n`),
          debian,
          later,
        ),
      ),
    )
  const offered = policy('curl', '7.88')
  assert.match(ask(offered), 'unknown: whether file:x lets curl be installed')
  assert.match(ask(offered, new Prediction()), 'refused: curl cannot be installed')
  assert.match(ask(''), 'refused: no package source of this host has curl')
  const source = new Prediction()
  const path = '/etc/apt/sources.list.d/x.sources'
  source.record('repository:x', [{ type: 'path', path, state: { type: 'file' } }])
  assert.match(ask(offered, source), 'unknown: whether repository:x lets curl be installed, which today it cannot be')
  assert.match(ask('', source), 'install curl')
})

test('What goes along is counted once, by the package that takes it first', () => {
  const have = `git|amd64|install ok installed|1\n${fresh}# simulation\nRemv git [1]\nRemv gitk [1]\nRemv git-gui [1]\n`
  const prediction = new Prediction()
  prediction.record('pkg:gitk', [coming('gitk', false)])
  assert.equal(words(pkg('git', { state: 'absent' }).evaluate(reply(have), debian, prediction)), [
    'remove git, and 1 more with it',
  ])
})

test('dnf: what comes along with a pending package is not counted again', () => {
  const have = cached + table('Installing:', bindRow, 'Installing dependencies:', ' libuv x86_64 1.42 baseos 1 k')
  const prediction = new Prediction()
  prediction.record('pkg:nodejs', [coming('libuv')])
  const told = words(pkg('bind').evaluate(reply(have), rocky, prediction))
  assert.match(String(told), /^install bind \S+$/)
})

test('A package that an unknown one may take away is unknown, until a later change decides', () => {
  const prediction = new Prediction()
  const have = reply(`git|amd64|install ok installed|1\n${fresh}# simulation\nRemv git [1]\n`)
  const ask = (later = prediction) => words(pkg('git', { state: 'absent' }).evaluate(have, debian, later))
  prediction.doubt('pkg:x', [coming('git', false), coming('x')])
  assert.is(ask(), 'unknown: what becomes of git is known only after pkg:x, which is unknown itself')
  prediction.record('pkg:git', [coming('git')])
  assert.equal(ask(), ['remove git'])
  assert.equal(ask(new Prediction()), ['remove git'])
})

test('A hold that an earlier one sets or takes away is as wanted by then', () => {
  const ask = (state: string, hold: boolean, held: boolean) => {
    const prediction = new Prediction()
    prediction.record('pkg:git #1', [{ type: 'package', name: 'git', installed: true, kept: true, held }])
    return words(
      pkg('git', { hold }).evaluate(reply(`git|amd64|${state} ok installed|1\n${fresh}`), debian, prediction),
    )
  }
  assert.equal(ask('install', true, true), [])
  assert.equal(ask('hold', false, false), [])
  assert.equal(ask('install', true, false), ['hold git'])
  const evaluation = pkg('git', { hold: true }).evaluate(
    reply(`git|amd64|install ok installed|1\n${fresh}`),
    debian,
    new Prediction(),
  )
  const [first] = 'plan' in evaluation ? evaluation.effects : []
  assert.is(first?.type === 'package' && first.held, true)
})

test('A package that a pending one removes is to be installed again', () => {
  assert.equal(words(after('bind9', {}, bind, ['pkg:x', coming('bind9', false)])), ['install bind9'])
})

test('Packages that are only to be configured are repaired together, by the first change that apt makes', () => {
  const unpacked = `bind9|amd64|install ok unpacked|1\n# interrupted\n${fresh}# simulation\n`
  const half = `bind9|amd64|install reinstreq half-installed|1\n${fresh}# simulation\n`
  assert.equal(words(after('bind9', {}, unpacked, ['pkg:curl', configured])), [])
  assert.is(words(after('bind9', {}, unpacked, ['pkg:curl', coming('curl')])).length, 2)
  assert.is(words(after('bind9', {}, half, ['pkg:curl', configured])).length, 2)
})

test('Where there are no lists, what is broken is mended before anything is installed: nobody could see it before', () => {
  const install = (lists: string) => {
    const evaluation = pkg('curl').evaluate(
      reply(`# lists ${lists}\n# provides\n# simulation\nE: Unable to locate package curl\n# offers\n# near\n`),
      debian,
      new Prediction(),
    )
    return 'plan' in evaluation ? (evaluation.plan.steps.at(-1)?.sh.text ?? '') : ''
  }
  assert.match(install('none'), /apt-get -q check >\/dev\/null 2>&1 \|\| apt-get .* --no-remove -f install/)
  assert.not.match(install('stale'), 'apt-get -q check')
})

test('Lists are fetched once: an earlier package that is to come does it', () => {
  const stale = `# lists stale\n# provides\n# simulation\n${inst('curl', '7.88')}`
  assert.equal(words(after('curl', {}, stale, ['pkg:bind9', coming('bind9')])), ['install curl 7.88'])
  assert.is(words(after('curl', {}, stale, ['pkg:bind9', coming('bind9', false)])).length, 2)
})

test('A source that is to come makes fresh lists old: what it has newer is installed, and not what the lists had', () => {
  const source: Effect = { type: 'path', path: '/etc/apt/sources.list.d/x.sources', state: { type: 'file' } }
  const offered = `${fresh}# simulation\n${inst('curl', '7.88')}`
  const fetch = 'fetch package lists (older than a day or than the sources, or fetched in part)'
  assert.equal(words(after('curl', {}, offered, ['file:x', source])), [fetch, 'install curl 7.88'])
  assert.equal(words(after('curl', {}, offered, ['file:x', { ...source, path: '/etc/motd' }])), ['install curl 7.88'])
  assert.equal(words(after('bind9', {}, bind, ['file:x', source])), [], 'what is there needs no lists')
  const prediction = new Prediction()
  prediction.record('file:x', [source])
  prediction.record('pkg:bind9', [coming('bind9')])
  const fetched = pkg('curl').evaluate(reply(offered), debian, prediction)
  assert.equal(words(fetched), ['install curl 7.88'], 'an earlier package has them fetched')
})

test('Which version comes with a pending package is unknown', () => {
  const evaluation = after('bind9', { version: '1' }, '', ['pkg:dns', coming('bind9')])
  assert.is(words(evaluation), 'unknown: which version of bind9 comes with pkg:dns')
})

test('A package that no source has is tried when a source is still to come, unknown when a command is, and refused otherwise', () => {
  const source: Effect = { type: 'path', path: '/etc/apt/sources.list.d/x.list', state: { type: 'file' } }
  assert.equal(words(after('foo', {}, nowhere, ['file:x', source])), [
    'fetch package lists (older than a day or than the sources, or fetched in part)',
    'install foo',
  ])
  assert.is(
    words(after('foo', {}, nowhere, ['exec:add source', { type: 'anything' }])),
    'unknown: E: Unable to locate package foo, unless exec:add source brings it',
  )
  assert.is(words(after('foo', {}, nowhere)), 'refused: no package source of this host has foo')
})

test('What an earlier package takes along, once dependencies are mended, is unknown', () => {
  const loose = 'app|amd64|install ok unpacked|1\n'
  const mended: [string, Effect] = ['pkg:foe', { type: 'packages', configured: true }]
  assert.is(
    words(after('app', { state: 'absent' }, loose, mended)),
    'unknown: whether pkg:foe, which mends dependencies first, takes app along',
  )
  assert.equal(words(after('app', { state: 'absent' }, loose)), ['remove app'])
})

test.run()
