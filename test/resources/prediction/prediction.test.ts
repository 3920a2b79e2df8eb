import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mayMake, predictPath } from '../../../lib/resources/files/path/path-prediction.ts'
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

const withEffects = (...effects: readonly Effect[]) => {
  const prediction = new Prediction()
  prediction.record('kind:it', effects)
  return prediction
}
const mount: Effect = { type: 'mount', path: '/srv', state: 'read-write', holds: 'same' }
const user: Effect = { type: 'user', name: 'app', exists: true }
const pkg: Effect = { type: 'package', name: 'app', installed: true }
const unit: Effect = { type: 'unit', name: 'app.service', running: true }

for (const [what, effect, makesRun, withFiles] of [
  ['a unit', unit, true, true],
  ['a package', pkg, true, true],
  ['a command', { type: 'anything' }, true, true],
  ['a file', at({ type: 'file', content }), false, true],
  ['a mount', mount, false, true],
  ['an account', user, false, false],
  ['what waitFor keeps for itself', { type: 'path', path: '/run/rolecall/x', state: { type: 'file' } }, false, false],
] as readonly (readonly [what: string, effect: Effect, makesRun: boolean, withFiles: boolean])[])
  test(`${what} ${makesRun ? 'makes' : 'lets no'} programs run${withFiles && !makesRun ? ', and is what one may read' : ''}`, () => {
    const prediction = withEffects(effect)
    assert.equal(
      [false, true].map((filesToo) => prediction.activity(filesToo) !== undefined),
      [makesRun, withFiles],
    )
  })

for (const [what, effect, may] of [
  ['a package', pkg, true],
  ['a command', { type: 'anything' }, true],
  ['a mount', mount, true],
  ['an account', user, false],
  ['a file that is executable', at({ type: 'file', content, mode: '0755' }), true],
  ['a file that is not', at({ type: 'file', content, mode: '0644' }), false],
  ['a file of any mode', at({ type: 'file', content }), true],
  ['a link', at({ type: 'link', target: '/srv' }), true],
  ['a directory', at({ type: 'dir' }), false],
  ['a directory that an archive fills', at({ type: 'dir', filled: true }), true],
] as readonly (readonly [what: string, effect: Effect, may: boolean])[])
  test(`${what} ${may ? 'may bring' : 'brings no'} programs`, () => {
    assert.is(withEffects(effect).mayBringPrograms(1), may)
    assert.is(withEffects(effect).mayBringPrograms(0), false, 'before it there is nothing')
  })

const gone: Effect = { type: 'package', name: 'nginx', installed: false }
for (const [what, effects, may] of [
  ['a package that comes', [pkg], true],
  ['a package that is there and finished', [{ ...pkg, kept: true, asIs: true }], false],
  ['a package that goes', [gone], false],
  ['a package that comes before one that goes', [pkg, gone], true],
  ['a command', [{ type: 'anything' }], true],
  ['a file', [at({ type: 'file', content })], false],
] as readonly (readonly [what: string, effects: readonly Effect[], may: boolean])[])
  test(`${what} ${may ? 'may bring' : 'does not bring'} what nobody declares`, () => {
    const prediction = withEffects(...effects)
    assert.is(prediction.bringer() !== undefined, may)
    assert.is(mayMake('/etc/other.conf', prediction) !== undefined, may)
    assert.is(prediction.mayBringPrograms(effects.length), may || effects.some(({ type }) => type === 'path'))
  })

test('a validator finds pending files, something empty for what a package brings, and whether that is all', () => {
  const config = at({ type: 'file', content })
  const seen = (...effects: readonly Effect[]) => {
    const { paths, placeholders, complete } = withEffects(...effects).overlayState(effects.length)
    return [paths.length, placeholders, complete]
  }
  assert.equal(seen(config), [1, false, true])
  assert.equal(seen(config, user), [1, false, false])
  assert.equal(seen(config, pkg), [1, true, false])
  assert.equal(seen(user, pkg, config), [1, true, false], 'beside other changes, too')
})

test('whether a resource has changes of its own from a turn on', () => {
  const prediction = withEffects(user, unit)
  assert.equal(
    [
      prediction.changesSince('kind:it', 1),
      prediction.changesSince('kind:it', 2),
      prediction.changesSince('kind:b', 0),
    ],
    [true, false, false],
  )
})

test('a pending reboot is found, and nothing else is one', () => {
  assert.is(withEffects({ type: 'boot' }).reboot()?.from, 'kind:it')
  assert.is(withEffects(user, pkg).reboot(), undefined)
})

test.run()
