import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { wrongRestart, type Times } from './restarts.ts'

const service = { host: 'node-01', unit: 'named', inputs: ['/etc/named.conf'] }
const second = 1_000_000
const running: Times = { there: true, active: true, started: 10 * second, newest: 5 * second, starts: 1 }
const due: Times = { ...running, newest: 11 * second }
const restarted: Times = { ...due, started: 12 * second, starts: 2 }
const missing: Times = { there: false, active: false, started: 0, newest: 0, starts: 0 }

const restart = (why: string): RunEvent => ({
  type: 'step',
  host: 'node-01',
  role: 'dns-server',
  resource: 'service:named',
  say: `restart named${why}`,
  at: 0,
})
const why = restart(' (started 12:01:07, /etc/named.conf changed 12:01:09)')

const cases: readonly [what: string, before: Times, after: Times, events: readonly RunEvent[], wrong?: RegExp][] = [
  ['what was due is restarted once, with its reason', due, restarted, [why]],
  ['what the second run itself has changed is its reason too', running, restarted, [restart(' (after file:/etc/x)')]],
  ['nothing was due, and nothing is restarted', running, running, []],
  ['a restart that was due and did not come is lost', due, due, [], /lost/],
  ['what is due does not run afterwards', due, { ...restarted, active: false }, [why], /does not run/],
  ['one restart is right, two are not', due, { ...restarted, starts: 3 }, [why], /started 2 times/],
  ['nobody asked for this restart', running, { ...running, started: 12 * second, starts: 2 }, [], /started 1 times/],
  ['a restart without a reason', due, restarted, [restart('')], /does not say why/],
  ['its package starts it, and then comes the restart', missing, { ...restarted, starts: 2 }, [why]],
  ['it was unpacked and not yet started', { ...missing, there: true }, { ...restarted, starts: 2 }, [why]],
  ['its package does not start it twice', missing, { ...restarted, starts: 3 }, [why], /started 3 times/],
]

for (const [what, before, after, events, wrong] of cases)
  test(`${what}: ${wrong === undefined ? 'fine' : 'wrong'}`, () => {
    const says = wrongRestart(service, before, after, events)
    if (wrong === undefined) assert.is(says, undefined)
    else assert.match(says ?? '', wrong)
  })

test.run()
