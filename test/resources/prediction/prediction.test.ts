import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { predictPath } from '../../../lib/resources/files/path/path-prediction.ts'
import { Prediction, type Effect, type PathState } from '../../../lib/resources/prediction/prediction.ts'

const path = '/etc/app'
const content = Buffer.from('x')
const at = (state: PathState): Effect => ({ type: 'path', path, state })

const isSeenFirst: readonly [
  what: string,
  effect: Effect,
  ask: (prediction: Prediction) => unknown,
  seenFirst: boolean,
][] = [
  ['a file with content', at({ type: 'file', content }), (it) => it.paths.get(path), false],
  ['a file whose content is told to nobody', at({ type: 'file', sealed: true }), (it) => it.paths.get(path), false],
  ['a file that keeps its content', at({ type: 'file', kept: true }), (it) => it.paths.get(path), false],
  ['a file that a command makes', at({ type: 'file' }), (it) => it.paths.get(path), true],
  ['a directory', at({ type: 'dir' }), (it) => it.paths.get(path), false],
  ['a directory that an archive fills', at({ type: 'dir', filled: true }), (it) => it.paths.get(path), true],
  [
    'what may be in such a directory',
    at({ type: 'dir', filled: true }),
    (it) => it.paths.filledAbove(`${path}/conf`),
    true,
  ],
  ['a link', at({ type: 'link', target: '/srv' }), (it) => it.paths.get(path), false],
  ['a path that goes', at({ type: 'absent' }), (it) => it.paths.get(`${path}/conf`), false],
  ['the directory above a file', at({ type: 'file', content }), (it) => it.paths.get('/etc'), false],
  ['an account', { type: 'user', name: 'app', exists: true }, (it) => it.accounts.get('user', 'app'), false],
  ['systemd that reads its files', { type: 'units', reloaded: true }, (it) => it.units.reload(), false],
  ['a package', { type: 'package', name: 'app', installed: true }, (it) => it.packages.get('app'), true],
  ['a package, whatever it brings', { type: 'package', name: 'app', installed: true }, (it) => it.opaque(), true],
  ['a command that may do anything', { type: 'anything' }, (it) => it.opaque(), true],
  [
    'a unit that is started',
    { type: 'unit', name: 'app.service', running: true },
    (it) => it.units.get('app.service'),
    true,
  ],
  ['a compose project', { type: 'project', name: 'app', exists: true }, (it) => it.objects.project('app'), false],
]

for (const [what, effect, ask, seenFirst] of isSeenFirst)
  test(`${what} is ${seenFirst ? 'seen before anything is done upon it' : 'written down exactly'}`, () => {
    const prediction = new Prediction()
    prediction.record('kind:it', [effect])
    const { answer, dependsOn, mustConfirm } = prediction.consult(() => ask(prediction))
    assert.ok(answer)
    assert.equal([dependsOn, mustConfirm], [['kind:it'], seenFirst ? ['kind:it'] : []])
  })

test('what nobody asks about is neither', () => {
  const prediction = new Prediction()
  prediction.record('kind:it', [at({ type: 'file' })])
  assert.equal(
    prediction.consult(() => prediction.paths.get('/etc/other')),
    { answer: undefined, dependsOn: [], mustConfirm: [] },
  )
})

test('a directory keeps the mode that is pending when something is put into it', () => {
  const prediction = new Prediction()
  prediction.record('dir:/etc/app', [at({ type: 'dir', mode: '2755' })])
  prediction.record('link:/etc/app/it', [
    { type: 'path', path: '/etc/app/it', state: { type: 'link', target: '/srv' } },
  ])
  assert.equal(prediction.paths.get(path)?.state, { type: 'dir', mode: '2755' })
})

test('a directory that goes, and into which something is put, is a new one', () => {
  const prediction = new Prediction()
  prediction.record('absent:/etc/app', [at({ type: 'absent' })])
  prediction.record('file:/etc/app/it', [{ type: 'path', path: '/etc/app/it', state: { type: 'file', content } }])
  assert.equal(prediction.paths.get(path), { state: { type: 'dir' }, from: 'file:/etc/app/it', turn: 1 })
})

for (const [what, effect, parent, then] of [
  ['a command', { type: 'anything' }, '/etc/app', 'unknown'],
  ['a package', { type: 'package', name: 'app', installed: true }, '/etc/app', 'found'],
  [
    'a package, where packages mostly put nothing',
    { type: 'package', name: 'app', installed: true },
    '/srv/app',
    'unknown',
  ],
] as const)
  test(`a missing directory that may come with ${what}: ${then}`, () => {
    const prediction = new Prediction()
    prediction.record('kind:it', [effect])
    const missing = {
      type: 'absent',
      parent: 'absent',
      above: '/',
      leftovers: false,
      denied: false,
      lacks: [],
    } as const
    const later = predictPath({ path: `${parent}/conf`, ...missing }, prediction)
    assert.is('unknown' in later ? 'unknown' : later.parent === 'dir' ? 'found' : 'missing', then)
  })

test.run()
