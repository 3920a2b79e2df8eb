import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { forecast } from '../../lib/converge/forecast.ts'
import { passwordAging } from '../../lib/resources/accounts/password-aging.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { debconf } from '../../lib/resources/packages/debconf.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { acl, type AclOptions } from '../../lib/resources/trees/acl.ts'
import { fileAttributes } from '../../lib/resources/trees/file-attributes.ts'
import { secret } from '../../lib/secret.ts'
import { reply, words } from '../../lib/testing/converge.ts'
import { debian } from '../../lib/testing/facts.ts'

const ada: AclOptions = { entries: [{ type: 'user', name: 'ada', permissions: 'rX' }] }
const bob: AclOptions = { entries: [{ type: 'user', name: 'bob', permissions: 'rX' }] }

/** A kind, what it says of a host as it is, and the same of something else. */
const rows: readonly (readonly [make: () => Resource, other: () => Resource, answer: string])[] = [
  [
    () => passwordAging('ada', { maximumDays: 90 }),
    () => passwordAging('ada', { maximumDays: 30 }),
    'tools\nfields 0:99999:7::\n',
  ],
  [
    () => debconf('tzdata', 'tzdata/key', { type: 'password', value: secret('one') }),
    () => debconf('tzdata', 'tzdata/key', { type: 'password', value: secret('two') }),
    'there\n0  -\n',
  ],
  [
    () => acl('/srv', ada),
    () => acl('/srv', bob),
    'have 0 41ed 4096 0 0 root:root\ntool\n# directories\n# file: .\nuser::rwx\ngroup::r-x\nother::r-x\n\n',
  ],
]

for (const [make, other, answer] of rows) {
  const { id } = make()
  const foreseen = (...resources: readonly Resource[]) =>
    forecast(
      resources,
      resources.map(() => reply(answer)),
      debian,
      new Prediction(),
    ).map(({ evaluation }) => words(evaluation).length > 0)

  test(`${id}: a change that is already pending is not predicted again`, () => {
    assert.equal(foreseen(make(), make()), [true, false])
    assert.equal(foreseen(make(), other()), [true, true], 'something else of the same')
    assert.equal(foreseen(make(), other(), make()), [true, true, true], 'behind something else of the same')
  })
}

test('of what a pending change may have made otherwise, and nobody declares, check says that it is unknown', () => {
  const answer = 'have 0 41ed 4096 0 0 root:root\ntool\n# directories\n# file: .\nuser::rwx\ngroup::r-x\nother::r-x\n\n'
  const none: AclOptions = { entries: [{ type: 'user', name: 'ada' }], state: 'absent' }
  const [, second] = forecast(
    [acl('/srv', ada), acl('/srv', none)],
    [reply(answer), reply(answer)],
    debian,
    new Prediction(),
  )
  assert.match(second && 'unknown' in second.evaluation ? second.evaluation.unknown : '', 'after what comes before it')
})

test('a file is unlocked, changed and locked again: check says each', () => {
  const answer = reply('have 0 81a4 1 0 0 root:root\n----i---------e------- ./x\n')
  const steps = (...resources: readonly Resource[]) =>
    forecast(
      resources,
      resources.map(() => answer),
      debian,
      new Prediction(),
    ).map(({ evaluation }) => words(evaluation))
  const is = (immutable: boolean) => fileAttributes('/etc/x', { immutable })
  const [unlocks, locks] = [['set attributes -i of /etc/x'], ['set attributes +i of /etc/x']]
  assert.equal(steps(is(false), is(true)), [unlocks, locks])
  assert.equal(steps(is(true), is(false), is(false), is(true)), [[], unlocks, [], locks])
  assert.equal(steps(fileAttributes('/etc/x', { noDump: true }), is(false)), [['set attributes +d of /etc/x'], unlocks])
})

test('what rests on something pending is not foreseen once more, unless that changes again', () => {
  const prediction = new Prediction()
  const comes = {
    type: 'user',
    name: 'ada',
    exists: true,
    entry: { aging: { limits: 'none', isLocked: true } },
  } as const
  const say = () =>
    forecast([passwordAging('ada', { maximumDays: 90 })], [reply('tools\n')], debian, prediction).map(
      ({ evaluation }) => words(evaluation).length > 0,
    )
  prediction.record('user:ada', [comes])
  assert.equal([...say(), ...say()], [true, false])
  prediction.record('user:ada', [comes])
  assert.equal(say(), [true])
})

test('a change that is undone again is not pending', () => {
  const [[make, , answer] = []] = rows
  if (make === undefined || answer === undefined) throw new Error('there is no row')
  const prediction = new Prediction()
  const say = () =>
    forecast([make()], [reply(answer)], debian, prediction).map(({ evaluation }) => words(evaluation).length > 0)
  assert.equal([...say(), ...say()], [true, false])
  prediction.rewind(0)
  assert.equal(say(), [true])
})

test.run()
