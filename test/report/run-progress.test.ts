import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostAfter, newHost, type HostEvent, type HostProgress } from '../../lib/report/run-progress.ts'
import { at, problem, resource, started, step, tallyOf, unit, unitEnd } from './events.ts'

const test = suite('what is known of a run')

const rows: readonly [what: string, events: readonly HostEvent[], expected: Partial<HostProgress>][] = [
  ['nothing yet', [], { state: 'waiting', ok: 0 }],
  ['connecting', [{ type: 'connecting', host: 'a', at }], { state: 'connecting', doing: 'connecting', since: at }],
  [
    'connected',
    [
      { type: 'connecting', host: 'a', at },
      { type: 'connected', host: 'a', os: 'Debian', at },
    ],
    { state: 'ready' },
  ],
  ['a unit begins', [hostEvent(unit('a'))], { state: 'working', role: 'base', since: at }],
  ['a step begins', [hostEvent(step('a', 'install bind9'))], { state: 'working', doing: 'install bind9' }],
  ['a resource is as wanted', [resource('a', 'x:y', 'ok')], { ok: 1 }],
  ['a resource is left out', [resource('a', 'x:y', 'skipped')], { skipped: 1 }],
  ['a resource fails', [resource('a', 'x:y', 'failed')], { failures: 1 }],
  ['a unit is done', [hostEvent(unit('a')), hostEvent(unitEnd('a'))], { state: 'ready' }],
  ['a unit fails', [hostEvent(unit('a')), hostEvent(unitEnd('a', 'failed'))], { state: 'failed' }],
  [
    'what comes after a failure does not hide it',
    [hostEvent(unitEnd('a', 'failed')), hostEvent(unitEnd('a', 'skipped'))],
    { state: 'failed' },
  ],
]
for (const [what, events, expected] of rows) {
  test(what, () => {
    const host = events.reduce(hostAfter, newHost('a'))
    for (const [key, value] of Object.entries(expected)) assert.equal(host[key as keyof HostProgress], value, key)
  })
}

test('a step ends with the event of its resource, and a role with the end of its unit', () => {
  const after = [hostEvent(unit('a')), hostEvent(step('a', 'install')), resource('a', 'pkg:bind9', 'changed')].reduce(
    hostAfter,
    newHost('a'),
  )
  assert.is(after.doing, undefined)
  assert.is(after.changes.length, 1)
  assert.is(hostAfter(after, hostEvent(unitEnd('a'))).role, undefined)
})

test('the same problem reported twice counts once', () => {
  const tally = tallyOf(started(['a']), problem({ host: 'a' }), problem({ host: 'a' }), problem({ host: 'b' }))
  assert.is(tally.problems.length, 2)
})

test('units that ended are counted for the whole run', () => {
  const tally = tallyOf(started(['a', 'b'], 'apply', 4), unitEnd('a'), unitEnd('b', 'skipped'))
  assert.equal([tally.ended, tally.units], [2, 4])
})

function hostEvent(event: ReturnType<typeof unit>): HostEvent {
  if (!('host' in event)) throw new Error('not of a host')
  return event
}

test.run()
