import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { foreseePath } from '../../../lib/resources/files/path/path-prediction.ts'
import { Foreseen, type Effect, type PathState } from '../../../lib/resources/prediction/prediction.ts'

const path = '/etc/app'
const content = Buffer.from('x')
const at = (state: PathState): Effect => ({ about: 'path', path, state })

const isSeenFirst: readonly [what: string, effect: Effect, ask: (foreseen: Foreseen) => unknown, seenFirst: boolean][] =
  [
    ['a file with content', at({ is: 'file', content }), (it) => it.path(path), false],
    ['a file whose content is told to nobody', at({ is: 'file', sealed: true }), (it) => it.path(path), false],
    ['a file that keeps its content', at({ is: 'file', kept: true }), (it) => it.path(path), false],
    ['a file that a command makes', at({ is: 'file' }), (it) => it.path(path), true],
    ['a directory', at({ is: 'dir' }), (it) => it.path(path), false],
    ['a directory that an archive fills', at({ is: 'dir', filled: true }), (it) => it.path(path), true],
    ['what may be in such a directory', at({ is: 'dir', filled: true }), (it) => it.filled(`${path}/conf`), true],
    ['a link', at({ is: 'link', target: '/srv' }), (it) => it.path(path), false],
    ['a path that goes', at({ is: 'absent' }), (it) => it.path(`${path}/conf`), false],
    ['the directory above a file', at({ is: 'file', content }), (it) => it.path('/etc'), false],
    ['an account', { about: 'user', name: 'app', exists: true }, (it) => it.account('user', 'app'), false],
    ['systemd that reads its files', { about: 'units', reloaded: true }, (it) => it.reloaded(), false],
    ['a package', { about: 'package', name: 'app', installed: true }, (it) => it.package('app'), true],
    ['a package, whatever it brings', { about: 'package', name: 'app', installed: true }, (it) => it.opaque(), true],
    ['a command that may do anything', { about: 'anything' }, (it) => it.opaque(), true],
    [
      'a unit that is started',
      { about: 'unit', name: 'app.service', running: true },
      (it) => it.unit('app.service'),
      true,
    ],
    ['a compose project', { about: 'project', name: 'app', exists: true }, (it) => it.docker('project', 'app'), false],
  ]

for (const [what, effect, ask, seenFirst] of isSeenFirst)
  test(`${what} is ${seenFirst ? 'seen before anything is done upon it' : 'written down exactly'}`, () => {
    const foreseen = new Foreseen()
    foreseen.lay('kind:it', [effect])
    const { answer, restsOn, awaits } = foreseen.consult(() => ask(foreseen))
    assert.ok(answer)
    assert.equal([restsOn, awaits], [['kind:it'], seenFirst ? ['kind:it'] : []])
  })

test('what nobody asks about is neither', () => {
  const foreseen = new Foreseen()
  foreseen.lay('kind:it', [at({ is: 'file' })])
  assert.equal(
    foreseen.consult(() => foreseen.path('/etc/other')),
    { answer: undefined, restsOn: [], awaits: [] },
  )
})

test('a directory keeps the mode that is pending when something is put into it', () => {
  const foreseen = new Foreseen()
  foreseen.lay('dir:/etc/app', [at({ is: 'dir', mode: '2755' })])
  foreseen.lay('link:/etc/app/it', [{ about: 'path', path: '/etc/app/it', state: { is: 'link', target: '/srv' } }])
  assert.equal(foreseen.path(path)?.state, { is: 'dir', mode: '2755' })
})

test('a directory that goes, and into which something is put, is a new one', () => {
  const foreseen = new Foreseen()
  foreseen.lay('absent:/etc/app', [at({ is: 'absent' })])
  foreseen.lay('file:/etc/app/it', [{ about: 'path', path: '/etc/app/it', state: { is: 'file', content } }])
  assert.equal(foreseen.path(path), { state: { is: 'dir' }, from: 'file:/etc/app/it', at: 1 })
})

for (const [what, effect, parent, then] of [
  ['a command', { about: 'anything' }, '/etc/app', 'unknown'],
  ['a package', { about: 'package', name: 'app', installed: true }, '/etc/app', 'found'],
  [
    'a package, where packages mostly put nothing',
    { about: 'package', name: 'app', installed: true },
    '/srv/app',
    'unknown',
  ],
] as const)
  test(`a missing directory that may come with ${what}: ${then}`, () => {
    const foreseen = new Foreseen()
    foreseen.lay('kind:it', [effect])
    const missing = { is: 'absent', parent: 'absent', above: '/', leftovers: false, denied: false, lacks: [] } as const
    const later = foreseePath({ path: `${parent}/conf`, ...missing }, foreseen)
    assert.is('unknown' in later ? 'unknown' : later.parent === 'dir' ? 'found' : 'missing', then)
  })

test.run()
