import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../support/random.ts'
import type { Fault } from './faults.ts'
import { isAtBegin, nextRound, strikesAt, type Step, type Strike } from './strikes.ts'

const fault = (name: string, stops: Fault['stops']): Fault => ({ name, stops, strike: () => Promise.resolve() })
const faults = [fault('kill', 'run'), fault('reset', 'host'), fault('power', 'host')]
const step = (host: string, say: string, ms: number): Step => ({ host, resource: `exec:${say}`, nth: 0, say, ms })
const steps = [step('a', 'long', 900), step('a', 'short', 10), step('b', 'other', 400)]
const strikes = (seed: number) => strikesAt(steps, faults, new Random(seed))

for (const seed of [1, 2, 3, 1125])
  test(`every step is struck at its beginning, then inside, then together with all other faults (seed ${seed})`, () => {
    const { boundaries, insides, others } = strikes(seed)
    assert.equal(new Set(boundaries.map((strike) => strike.step)), new Set(steps))
    assert.is(boundaries.length, steps.length)
    assert.ok(boundaries.every(isAtBegin))
    assert.equal(new Set(insides.map((strike) => strike.step.say)), new Set(['long', 'other']))
    assert.ok(insides.every(({ afterMs, step: { ms } }) => afterMs > 0 && afterMs <= ms))
    const all = [...boundaries, ...insides, ...others]
    assert.is(new Set(all).size, 3 * faults.length + 2 * faults.length)
  })

test('the same seed gives the same order, another seed another order', () => {
  const order = (seed: number) => strikes(seed).others.map(({ step: { say }, fault: { name } }) => `${name} ${say}`)
  assert.equal(order(7), order(7))
  assert.not.equal(order(7), order(8))
})

test('one round strikes each host once, and a fault that stops the run comes alone', () => {
  const of = (say: string, host: string, stops: Fault['stops']): Strike => ({
    step: step(host, say, 10),
    fault: fault(say, stops),
    afterMs: 0,
    missed: 0,
  })
  const queue = [
    of('1', 'a', 'host'),
    of('2', 'a', 'host'),
    of('3', 'b', 'run'),
    of('4', 'b', 'host'),
    of('5', 'c', 'host'),
  ]
  const said = () => nextRound(queue).map((strike) => strike.step.say)
  assert.equal([said(), said(), said(), said()], [['1', '4', '5'], ['2'], ['3'], []])
})

test.run()
