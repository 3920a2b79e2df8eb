import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { policy, sh } from '../../lib/index.ts'
import type { Resource } from '../../lib/index.ts'
import { objections, type LiveResource } from '../../lib/runner/plan/policies.ts'

const test = suite('policies')

const weekdays = policy({
  name: 'no-restarts-on-weekdays',
  check: ({ restarts, at }) =>
    at.getDay() % 6 === 0
      ? []
      : restarts('postgres*').map((resource) => ({ resource, message: 'postgres is not restarted on a weekday' })),
})

function planned(name: string, action: string | undefined): LiveResource {
  const id = `service:${name}`
  const step = { summary: `restart ${name}`, sh: sh`true`, ...(action === undefined ? {} : { action }) }
  const resource = { kind: 'service', name, id, want: { running: true } } as unknown as Resource
  return { host: 'db-1', groups: ['db'], role: 'database', resource, status: 'changed', plan: { steps: [step] } }
}

const saturday = new Date('2026-11-28T12:00:00')
const monday = new Date('2026-11-30T12:00:00')
const about = (at: Date) => ({ playbook: 'site', hosts: ['db-1'], at })

for (const [what, name, action, at, count] of [
  ['a restart on a weekday', 'postgresql', 'restart', monday, 1],
  ['a stop on a weekday', 'postgresql.service', 'stop', monday, 1],
  ['a restart at a weekend', 'postgresql', 'restart', saturday, 0],
  ['a reload on a weekday', 'postgresql', 'reload', monday, 0],
  ['a restart of another unit', 'nginx', 'restart', monday, 0],
  ['a step without an action', 'postgresql', undefined, monday, 0],
] as const)
  test(`${what}: ${count} objections`, () => {
    assert.is(objections([weekdays], [planned(name, action)], about(at)).length, count)
  })

test('an objection names the policy, the host and the resource', () => {
  const [problem] = objections([weekdays], [planned('postgresql', 'restart')], about(monday))
  assert.is(problem?.message, 'policy no-restarts-on-weekdays: postgres is not restarted on a weekday')
  assert.is(problem?.host, 'db-1')
  assert.is(problem?.resource, 'service:postgresql')
})

for (const [what, given, told] of [
  ['no name', { check: () => [] }, 'a policy has no name'],
  ['no check', { name: 'a' }, 'policy a checks nothing'],
  ['an option that is none', { name: 'a', check: () => [], chekc: 1 }, 'policy a has no option chekc'],
] as const)
  test(`a policy with ${what} is refused`, () => {
    assert.throws(() => policy(given as unknown as Parameters<typeof policy>[0]), told)
  })

test.run()
