import { noValues } from '../../lib/inventory/variables/values.ts'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Mode, UnitEnd } from '../../lib/events.ts'
import { role, type Percent, type Play } from '../../lib/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { notBegunReason } from '../../lib/report/not-begun.ts'
import { schedule } from '../../lib/runner/order/schedule.ts'
import type { Unit } from '../../lib/runner/units/units.ts'

const work = role({ name: 'work', apply: () => Promise.resolve() })
const hostNamed = (name: string): Host => ({
  name,
  place: { file: 'hosts.yml' },
  connection: { kind: 'local' },
  groups: [],
  layers: [],
  values: noValues,
})

function unitsFor(
  plays: readonly (Omit<Play, 'hosts' | 'roles'> & { on: string; batches?: readonly number[] })[],
): Unit[] {
  const hosts = new Map<string, Host>()
  return plays
    .flatMap(({ on, batches, ...play }) =>
      on.split(' ').map((name, at) => {
        const host = hosts.get(name) ?? hostNamed(name)
        hosts.set(name, host)
        return { host, role: work, vars: {}, play: { ...play, hosts: on, roles: [work] }, batch: batches?.[at] ?? 0 }
      }),
    )
    .map((unit, index) => ({ ...unit, index }))
}

/** Runs units and writes down what began, what ended, and how many at once. */
async function watch(
  units: readonly Unit[],
  ends: Readonly<Record<string, UnitEnd>> = {},
  concurrency = 20,
  mode: Mode = 'apply',
) {
  const log: string[] = []
  let running = 0
  let most = 0
  const name = ({ play, host }: Unit) => `${play.name} ${host.name}`
  const reasons: string[] = []
  await schedule(units, {
    mode,
    concurrency,
    signal: new AbortController().signal,
    onBlocked: (unit, { end, why }) => {
      log.push(`${name(unit)}: ${end}`)
      reasons.push(`${name(unit)}: ${notBegunReason(why)}`)
    },
    run: async (unit) => {
      log.push(`+${name(unit)}`)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      log.push(`-${name(unit)}`)
      return ends[name(unit)] ?? 'done'
    },
  })
  const begun = log.filter((row) => row.startsWith('+')).map((row) => row.slice(1))
  return {
    log,
    reasons,
    begun,
    most,
    before: (a: string, b: string) => log.indexOf(a) >= 0 && log.indexOf(a) < log.indexOf(b),
  }
}

test('units of one host never run at the same time, those of different hosts do', async () => {
  const { most, before } = await watch(
    unitsFor([
      { name: 'one', on: 'a b' },
      { name: 'two', on: 'a b' },
    ]),
  )
  assert.is(most, 2)
  assert.ok(before('-one a', '+two a'))
})

test('a play that comes after another waits for all its hosts; one that does not, does not', async () => {
  const { before } = await watch(
    unitsFor([
      { name: 'dns', on: 'a b' },
      { name: 'ca', on: 'c' },
      { name: 'client', on: 'd', after: ['dns'] },
    ]),
  )
  assert.ok(before('-dns a', '+client d') && before('-dns b', '+client d'))
  assert.ok(before('+ca c', '-dns a'))
})

test('when not all can run at once, the hosts that block the most work run first', async () => {
  const { log } = await watch(
    unitsFor([
      { name: 'base', on: 'a b c' },
      { name: 'dns', on: 'c' },
      { name: 'client', on: 'b', after: ['dns'] },
      { name: 'app', on: 'b' },
    ]),
    {},
    1,
  )
  assert.equal(
    log.filter((word) => word.startsWith('+')),
    ['+base c', '+dns c', '+base b', '+client b', '+app b', '+base a'],
  )
})

test('hosts that have begun continue before others begin, even through a play with its own limit', async () => {
  const { log } = await watch(
    unitsFor([
      { name: 'base', on: 'a b' },
      { name: 'app', on: 'a', concurrency: 1 },
      { name: 'last', on: 'a' },
    ]),
    {},
    1,
  )
  assert.equal(
    log.filter((word) => word.startsWith('+')),
    ['+base a', '+app a', '+last a', '+base b'],
  )
})

test('a batch counts for those that wait for it', async () => {
  const { log } = await watch(
    unitsFor([
      { name: 'web', on: 'a b c', batches: [0, 1, 2] },
      { name: 'other', on: 'x y' },
    ]),
    {},
    1,
  )
  assert.equal(
    log.filter((word) => word.startsWith('+')),
    ['+web a', '+web b', '+other x', '+other y', '+web c'],
  )
})

test('no more run at once than the run and the play allow', async () => {
  assert.is((await watch(unitsFor([{ name: 'p', on: 'a b c d e' }]), {}, 2)).most, 2)
  assert.is((await watch(unitsFor([{ name: 'p', on: 'a b c d e', concurrency: 1 }]))).most, 1)
})

test('a batch begins when the one before it is over', async () => {
  const { before } = await watch(unitsFor([{ name: 'p', on: 'a b c', batches: [0, 0, 1] }]))
  assert.ok(before('-p a', '+p c') && before('-p b', '+p c'))
})

test('the pause of a play comes once before each of its batches but the first, and no other play pauses', async () => {
  const log: string[] = []
  await schedule(
    unitsFor([
      { name: 'web', on: 'a b c d', batches: [0, 1, 1, 2], pause: 'ask' },
      { name: 'db', on: 'x y', batches: [0, 1] },
    ]),
    {
      mode: 'apply',
      concurrency: 1,
      signal: new AbortController().signal,
      onBlocked: () => undefined,
      pause: ({ play, batch }) => {
        log.push(`pause of ${play.name} before ${batch}`)
        return Promise.resolve(true)
      },
      run: ({ play, host }) => {
        if (play.name === 'web') log.push(host.name)
        return Promise.resolve('done')
      },
    },
  )
  assert.equal(log, ['a', 'pause of web before 1', 'b', 'c', 'pause of web before 2', 'd'])
})

test('only the batches that failed are rolled back', async () => {
  const units = unitsFor([{ name: 'web', on: 'a b', batches: [0, 1] }])
  const log: string[] = []
  await schedule(units, {
    mode: 'apply',
    concurrency: 1,
    signal: new AbortController().signal,
    recoveries: units.map((unit) => ({ ...unit, isRollback: true })),
    onBlocked: () => undefined,
    run: ({ host, isRollback }) => {
      log.push(`${isRollback === true ? 'back ' : ''}${host.name}`)
      return Promise.resolve(host.name === 'b' && isRollback !== true ? 'failed' : 'done')
    },
  })
  assert.equal(log, ['a', 'b', 'back b'])
})

test('a host that failed does nothing more; the others go on', async () => {
  const { log } = await watch(
    unitsFor([
      { name: 'one', on: 'a b' },
      { name: 'two', on: 'a b' },
    ]),
    { 'one a': 'failed' },
  )
  assert.ok(log.includes('two a: skipped'))
  assert.ok(log.includes('-two b'))
})

test('too many failures end a rolling update before its next batch', async () => {
  const plays = (more: Partial<Play>) => unitsFor([{ name: 'p', on: 'a b c d', batches: [0, 1, 2, 3], ...more }])
  const failing: Record<string, UnitEnd> = { 'p a': 'failed', 'p b': 'failed' }
  assert.equal(
    (await watch(plays({ maxFailures: 1 }), failing)).log.filter((row) => row.endsWith('skipped')),
    ['p c: skipped', 'p d: skipped'],
  )
  assert.equal(
    (await watch(plays({ maxFailures: '50%' }), failing)).log.filter((row) => row.endsWith('skipped')),
    [],
  )
  assert.is(
    (await watch(plays({ anyErrorsFatal: true }), failing)).log.filter((row) => row.endsWith('skipped')).length,
    3,
  )
})

test('a play that comes after a failed one begins on no host that needed it: a rollout waits for its migration', async () => {
  const { begun, reasons } = await watch(
    unitsFor([
      { name: 'migrate', on: 'db' },
      { name: 'rollout', on: 'web1 web2', after: ['migrate'] },
      { name: 'other', on: 'x' },
    ]),
    { 'migrate db': 'failed' },
  )
  assert.equal(begun, ['migrate db', 'other x'])
  assert.equal(reasons, [
    'rollout web1: it comes after play migrate, which was not done on db',
    'rollout web2: it comes after play migrate, which was not done on db',
  ])
})

test('on a host that the earlier play has too, its success there is what counts', async () => {
  const plays = [
    { name: 'base', on: 'a b' },
    { name: 'app', on: 'a b c', after: ['base'] },
  ]
  const { begun, reasons } = await watch(unitsFor(plays), { 'base a': 'failed' })
  assert.equal(begun, ['base a', 'base b', 'app b'])
  assert.equal(reasons, [
    'app a: role work failed on this host',
    'app c: it comes after play base, which was not done on a',
  ])
})

test('a host that could not be reached is a failure of the play, too', async () => {
  const { begun } = await watch(
    unitsFor([
      { name: 'migrate', on: 'db' },
      { name: 'rollout', on: 'web', after: ['migrate'] },
    ]),
    { 'migrate db': 'unreachable' },
  )
  assert.equal(begun, ['migrate db'])
})

test('plays that wait for a play that did not begin do not begin either, down the whole chain', async () => {
  const { begun, reasons } = await watch(
    unitsFor([
      { name: 'one', on: 'a' },
      { name: 'two', on: 'b', after: ['one'] },
      { name: 'three', on: 'b c', after: ['two'] },
    ]),
    { 'one a': 'failed' },
  )
  assert.equal(begun, ['one a'])
  assert.equal(reasons, [
    'two b: it comes after play one, which was not done on a',
    'three b: it comes after play two, which was not done on b',
    'three c: it comes after play two, which was not done on b',
  ])
})

test('a play with maxFailures succeeds with so many failures, and one more reaches the plays after it', async () => {
  const plays = (failures: number | Percent) =>
    unitsFor([
      { name: 'web', on: 'a b c d', maxFailures: failures },
      { name: 'app', on: 'a b c d x', after: ['web'] },
    ])
  const failing: Record<string, UnitEnd> = { 'web a': 'failed', 'web b': 'failed' }
  const apps = async (failures: number | Percent) =>
    (await watch(plays(failures), failing)).begun.filter((unit) => unit.startsWith('app'))
  assert.equal(await apps(2), ['app c', 'app d', 'app x'])
  assert.equal(await apps('50%'), ['app c', 'app d', 'app x'])
  assert.equal(await apps(1), [])
})

test('a failure in a play with anyErrorsFatal reaches the plays after it on every host', async () => {
  const { begun, reasons } = await watch(
    unitsFor([
      { name: 'web', on: 'a b', anyErrorsFatal: true },
      { name: 'app', on: 'b', after: ['web'] },
      { name: 'other', on: 'b' },
    ]),
    { 'web a': 'failed' },
  )
  assert.equal(begun, ['web a', 'web b', 'other b'])
  assert.equal(reasons, ['app b: it comes after play web, which was not done on a'])
})

test('with { ended: true } a play only waits for the end of the earlier one', async () => {
  const { begun, before } = await watch(
    unitsFor([
      { name: 'drain', on: 'a' },
      { name: 'report', on: 'b', after: [{ play: 'drain', ended: true }] },
    ]),
    { 'drain a': 'failed' },
  )
  assert.equal(begun, ['drain a', 'report b'])
  assert.ok(before('-drain a', '+report b'))
})

test("a play with failures: 'stop-run' ends the whole run, and what is at work comes to its end", async () => {
  const { begun, log, reasons } = await watch(
    unitsFor([
      { name: 'canary', on: 'a', failures: 'stop-run' },
      { name: 'busy', on: 'b' },
      { name: 'later', on: 'b c', after: [{ play: 'canary', ended: true }] },
    ]),
    { 'canary a': 'failed' },
  )
  assert.equal(begun, ['canary a', 'busy b'])
  assert.ok(log.includes('-busy b'))
  const why = 'the run stops when play canary fails, and the play was not done on a'
  assert.equal(reasons.sort(), [`later b: ${why}`, `later c: ${why}`])
})

test('a failed verify keeps no other play from being verified', async () => {
  const plays = unitsFor([
    { name: 'dns', on: 'a' },
    { name: 'client', on: 'b', after: ['dns'] },
  ])
  const { begun } = await watch(plays, { 'dns a': 'failed' }, 20, 'verify')
  assert.equal(begun, ['dns a', 'client b'])
})

test.run()
