import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { role, type AnyRole, type RunEvent } from 'rolecall'
import { exitCodeOf } from '../../lib/cli/exit-codes.ts'
import { plainPaint } from '../../lib/report/text/paint.ts'
import { recapLines } from '../../lib/report/recap.ts'
import { NORMAL } from '../../lib/report/verbosity.ts'
import { PlainLog } from '../../lib/report/views/plain-log.ts'
import { addMoment, type Moment } from '../../lib/runner/run-index/entry.ts'
import { runRoles } from '../support/run-role.ts'

const test = suite('a failure that a role catches')
const never = { unless: 'false', name: 'never' }

const goesOn = role({
  name: 'goes-on',
  async apply({ $, note }) {
    await $(never)`exit 7`.catch(() => note('done in another way'))
  },
})

const triesAgain = role({
  name: 'tries-again',
  async apply({ $ }) {
    for (let tries = 0; tries < 2; tries++) await $(never)`exit 7`.catch(() => undefined)
  },
})

const givesUp = role({
  name: 'gives-up',
  async apply({ $ }) {
    await $(never)`exit 7`.catch(() => undefined)
    throw new Error('no other way')
  },
})

async function applied(of: AnyRole) {
  const { events } = await runRoles('apply', [of])
  const summary = events.find((event) => event.type === 'summary')
  const end = events.find((event) => event.type === 'unit-end')
  return { events, summary, host: summary?.hosts['here'], end }
}

function linesOf(events: readonly RunEvent[]): string {
  const log = new PlainLog()
  const lines = events.flatMap((event) => log.take(event, { paint: plainPaint, diff: false, verbosity: NORMAL }))
  return [...lines, ...recapLines(log.tally, { paint: plainPaint, changes: 'folded' })].join('\n')
}

test('is no failure of its host: the run is done, and ends with 0', async () => {
  const { summary, host, end } = await applied(goesOn)
  assert.is(summary?.ok, true)
  assert.is(host?.failed, 0)
  assert.is(host?.caught, 1)
  assert.is(end?.end, 'done')
  assert.equal(end?.caught, [{ host: 'here', resource: 'exec:never' }])
  const ending = { summary, failedUnits: 0, isStale: false, hasFailedHere: false }
  assert.is(exitCodeOf(ending, { endedBy: undefined, changesCount: false }), 0)
})

test('is told where it happens, and that the role went on', async () => {
  const { events } = await applied(goesOn)
  const told = linesOf(events)
  assert.match(told, /here {2}failed {3}exec:never .*status 7/)
  assert.match(told, 'here  caught   exec:never failed, and role goes-on continued')
  assert.match(told, /here {2}0 ok {2}1 caught/)
  assert.match(told, /test applied in .*: 0 changed on 1 host/)
  assert.not.match(told, /^Failed/m)
})

test('counts each time', async () => {
  const { host } = await applied(triesAgain)
  assert.is(host?.failed, 0)
  assert.is(host?.caught, 2)
})

test('counts as failed when the role fails all the same', async () => {
  const { summary, host, end } = await applied(givesUp)
  assert.is(summary?.ok, false)
  assert.is(host?.caught, undefined)
  assert.is(host?.failed, 2)
  assert.is(end?.caught, undefined)
})

test('stands in the history of its host as caught', async () => {
  const { events } = await applied(goesOn)
  const moments = new Map<string, Moment[]>()
  for (const event of events) addMoment(moments, event)
  assert.equal(
    moments.get('here')?.map(({ what }) => what),
    ['caught'],
  )
})

test.run()
