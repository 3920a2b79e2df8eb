import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, playbook, role, run, type Mode, type Play, type RunEvent } from '../../lib/index.ts'
import { RolecallError } from '../../lib/errors.ts'
import { batchSizes } from '../../lib/runner/order/batches.ts'

const room = mkdtempSync(join(tmpdir(), 'batches-'))
test.after(() => rmSync(room, { recursive: true }))

const sizes: readonly [serial: Play['serial'], hosts: number, sizes: readonly number[]][] = [
  [undefined, 4, [4]],
  [undefined, 0, []],
  [3, 7, [3, 3, 1]],
  ['30%', 10, [3, 3, 3, 1]],
  ['10%', 4, [1, 1, 1, 1]],
  ['100%', 5, [5]],
  [[1, '10%', '100%'], 20, [1, 2, 17]],
  [[1, '10%', '100%'], 3, [1, 1, 1]],
  [[1, '25%'], 9, [1, 2, 2, 2, 2]],
  [[1, 5], 3, [1, 2]],
  [[2, 3, 1], 10, [2, 3, 1, 1, 1, 1, 1]],
  [['50%'], 1, [1]],
]

for (const [serial, hosts, expected] of sizes)
  test(`serial ${JSON.stringify(serial)} of ${hosts} hosts makes batches of ${expected.join(', ') || 'none'}`, () => {
    assert.equal(batchSizes(serial, hosts), expected)
  })

const wrong: readonly [play: object, message: RegExp, hint: RegExp | undefined][] = [
  [{ serial: '10' }, /serial of play "p" to be a whole number/, /^write 10$/],
  [{ serial: 0.3 }, /serial/, /^write '30%'$/],
  [{ serial: '10 %' }, /serial/, /^write '10%'$/],
  [{ serial: '1,10%,100%' }, /serial/, /^write \[1, '10%', '100%'\]$/],
  [{ serial: [1, '10', 0.5] }, /serial/, /^write \[1, 10, '50%'\]$/],
  [{ serial: [] }, /a list of them/, undefined],
  [{ serial: [0] }, /a list of them/, undefined],
  [{ serial: '200%' }, /serial/, undefined],
  [{ maxFailures: '20' }, /maxFailures/, /^write 20$/],
  [{ pause: 30 }, /pause of play "p" to be left out without serial/, undefined],
  [{ serial: 1, pause: '30s' }, /pause of play "p" to be whole seconds/, undefined],
  [{ gate: 'verfy' }, /gate of play "p" to be 'verify', or a function/, undefined],
  [{ serial: 1, gates: 'verify' }, /has no option "gates"|gates/, /gate/],
]

for (const [given, message, hint] of wrong)
  test(`${JSON.stringify(given)} of a play is refused, with the nearest right form where there is one`, () => {
    const play = { name: 'p', hosts: 'all', roles: [], ...given } as unknown as Play
    try {
      playbook({ name: 'test', plays: [play] })
    } catch (error) {
      assert.instance(error, RolecallError)
      const [problem] = (error as RolecallError).problems
      assert.match(problem?.message ?? '', message)
      if (hint === undefined) assert.is(problem?.hint, undefined)
      else assert.match(problem?.hint ?? '', hint)
      return
    }
    assert.unreachable('nothing was refused')
  })

const hosts = ['a', 'b', 'c', 'd']

/** Runs a play over four names of this machine, and gives what was told. */
async function ran(mode: Mode, play: Omit<Play, 'name' | 'hosts'>) {
  const inventory = join(room, 'hosts.yml')
  const names = hosts.map((name) => `${name}: { ansible_connection: local }`).join(', ')
  writeFileSync(inventory, `all: { hosts: { ${names} } }\n`)
  const book = playbook({ name: 'test', plays: [{ ...play, name: 'web', hosts: 'all' }] })
  const events: RunEvent[] = []
  for await (const event of run(book, { mode, inventory, journal: false })) events.push(event)
  return {
    begun: events.flatMap((event) => (event.type === 'unit' ? [`${event.role} ${event.host}`] : [])),
    notes: events.flatMap((event) => (event.type === 'note' || event.type === 'waiting' ? [event.message] : [])),
    notBegun: events.flatMap((event) => (event.type === 'unit-end' && event.notBegun ? [event.host] : [])),
    problems: events.flatMap((event) => (event.type === 'problem' ? [event.problem] : [])),
    summary: events.at(-1),
  }
}

/** Writes a release; its verify finds that of host b broken. */
const app = role({
  name: 'app',
  async apply({ ensure, host }) {
    await ensure(file(join(room, `app-${host.name}`), { content: 'new\n' }))
  },
  verify: ({ host, expect }) => Promise.resolve(expect(host.name !== 'b', 'the release').toBe(true)),
})

test.before.each(() => hosts.forEach((name) => rmSync(join(room, `app-${name}`), { force: true })))

test('a gate that a host fails keeps the next batch from beginning', async () => {
  const { begun, notBegun, problems, summary } = await ran('apply', {
    roles: [app],
    serial: [1, 1, '100%'],
    gate: 'verify',
  })
  assert.equal(begun, ['app a', 'app a', 'app b', 'app b'])
  assert.equal([...new Set(notBegun)], ['c', 'd'])
  assert.equal(
    problems.map(({ host, code }) => [host, code]),
    [['b', 'verify-failed']],
  )
  assert.not.ok(existsSync(join(room, 'app-c')))
  assert.is(
    summary?.type === 'summary' && summary.hosts['c']?.skipped,
    1,
    'a role and its gate are one that was left out',
  )
})

test('with maxFailures that many hosts may fail a gate', async () => {
  const { notBegun } = await ran('apply', { roles: [app], serial: [1, 1, '100%'], gate: 'verify', maxFailures: 1 })
  assert.equal(notBegun, [])
})

test('a separate gate is a unit after the roles of each host, in apply and verify; check only mentions it', async () => {
  const play = {
    roles: [app],
    serial: 2,
    gate: ({ host, expect }) => Promise.resolve(expect(host.name, 'the health').toContain('')),
  } satisfies Partial<Play>
  assert.equal((await ran('check', play)).begun.length, 4)
  assert.equal((await ran('check', play)).notes, [
    'play web: batches of 2, 2; apply has a gate that must be passed on each host of a batch before the next begins',
  ])
  const { begun, notes } = await ran('apply', play)
  assert.equal(begun.toSorted(), ['app a', 'app b', 'app c', 'app d', 'gate a', 'gate b', 'gate c', 'gate d'])
  assert.ok(Math.max(begun.indexOf('gate a'), begun.indexOf('gate b')) < begun.indexOf('app c'))
  assert.equal(notes, [])
  assert.is((await ran('verify', play)).begun.filter((unit) => unit.startsWith('gate')).length, 3)
})

test('there is a pause between batches that change something, and none in a second apply', async () => {
  const play = { roles: [app], serial: [1, 3], pause: 1 } satisfies Partial<Play>
  assert.equal((await ran('apply', play)).notes, ['play web pauses for 1 s before batch 2'])
  assert.equal((await ran('apply', play)).notes, [])
  assert.equal((await ran('check', play)).notes, [
    'play web: batches of 1, 3; apply has a pause of 1 s between batches that change something',
  ])
})

test.run()
