import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { UnitEnd } from '../../lib/events.ts'
import { role, type Play } from '../../lib/index.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { schedule } from '../../lib/runner/schedule.ts'
import type { Unit } from '../../lib/runner/units.ts'

const work = role({ name: 'work', apply: () => Promise.resolve() })
const hostNamed = (name: string): Host => ({
  name,
  place: { file: 'hosts.yml' },
  connection: { kind: 'local' },
  groups: [],
  layers: [],
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
async function watch(units: readonly Unit[], ends: Readonly<Record<string, UnitEnd>> = {}, concurrency = 20) {
  const log: string[] = []
  let running = 0
  let most = 0
  const name = ({ play, host }: Unit) => `${play.name} ${host.name}`
  await schedule(units, {
    concurrency,
    signal: new AbortController().signal,
    onBlocked: (unit, end) => log.push(`${name(unit)}: ${end}`),
    run: async (unit) => {
      log.push(`+${name(unit)}`)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      log.push(`-${name(unit)}`)
      return ends[name(unit)] ?? 'done'
    },
  })
  return { log, most, before: (a: string, b: string) => log.indexOf(a) >= 0 && log.indexOf(a) < log.indexOf(b) }
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

test('where not all can be at work at once, those go first behind which the most has to wait', async () => {
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

test('what has begun goes on before others begin, also through a play that has a limit of its own', async () => {
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

test.run()
