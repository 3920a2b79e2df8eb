import { basename } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kind, sh, z } from 'rolecall'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import type { Facts } from '../../../lib/facts.ts'
import { problemsOf } from '../../support/problems.ts'

const test = suite('own kinds')

const facts = {} as Facts
const reply = { code: 0, bytes: new Uint8Array(), text: '', lines: [] }
const parts = { probe: () => sh`true`, read: () => ({}), plan: () => [] }

test('with a schema, options are refused as with the kinds of the house', () => {
  const timezone = kind({
    ...parts,
    name: 'timezone',
    options: z.object({ zone: z.string(), utc: z.boolean().default(true) }),
  })
  assert.equal(timezone('system', { zone: 'UTC' }).want, { zone: 'UTC', utc: true })
  const problems = problemsOf(() => timezone('system', { zon: 'UTC', utc: 'yes' } as never))
  assert.equal(
    problems.map(({ message }) => message),
    ['Expected utc of timezone:system to be true or false, got "yes"', 'unknown option "zon" of timezone:system'],
  )
  assert.is(problems[1]?.hint, 'did you mean "zone"?')
  assert.is(basename(problems[0]?.place?.file ?? ''), 'checked-kind.test.ts')
})

test("a message of the schema's own stands as it is", () => {
  const even = kind({
    ...parts,
    name: 'even',
    options: z.object({ n: z.number().refine((n) => n % 2 === 0, 'n must be even') }),
  })
  assert.is(problemsOf(() => even('it', { n: 3 }))[0]?.message, 'n of even:it: n must be even')
})

test('without a schema, what is wanted is taken as it is', () => {
  const plain = kind<{ zone: string }, object>({ ...parts, name: 'plain' })
  assert.equal(plain('it', { zone: 'UTC' }).want, { zone: 'UTC' })
})

test('a definition says what it does not know', () => {
  const [problem] = problemsOf(() => kind({ ...parts, name: 'it', pahts: () => [] } as never))
  assert.is(problem?.message, 'unknown option "pahts" of kind it')
  assert.is(problem?.hint, 'did you mean "paths"?')
  const [moved] = problemsOf(() => kind({ ...parts, name: 'it', batchable: true } as never))
  assert.is(moved?.hint, 'write advanced: { batchable }')
  const [inside] = problemsOf(() => kind({ ...parts, name: 'it', advanced: { batchabel: true } } as never))
  assert.is(inside?.message, 'unknown option "advanced.batchabel" of kind it')
})

const later = Promise.resolve()

const answers: readonly [part: object, message: string, hint?: string][] = [
  [{ probe: () => 'true' }, 'Expected the probe of kind it to be sh`...`, got "true"'],
  [{ probe: () => later }, 'Expected the probe of kind it to be sh`...`, got a promise', 'without async'],
  [{ read: () => later }, 'Expected the answer of read of kind it to be what is there, got a promise', 'without async'],
  [{ predict: () => undefined }, 'the prediction of kind it is missing'],
  [
    { predict: () => later },
    'Expected the prediction of kind it to be what will be there, or { unknown }',
    'without async',
  ],
  [{ predict: () => ({ unknown: 5 }) }, 'Expected the prediction of kind it to be what will be there, or { unknown }'],
  [{ paths: () => '/x' }, 'Expected paths of the paths of kind it to be a list of paths, got "/x"'],
  [{ paths: () => ['x'] }, 'Expected paths[0] of the paths of kind it to be an absolute path'],
]

for (const [part, message, hint = ''] of answers) {
  test(`what a kind gives back is looked at: ${message}`, () => {
    const make = kind({ ...parts, name: 'it', ...part } as never)
    const [problem] = problemsOf(() => {
      const resource = make('a', {})
      resource.probe(facts)
      resource.evaluate(reply, facts, new Prediction())
    })
    assert.match(problem?.message ?? '', message)
    assert.match(problem?.hint ?? '', hint)
    assert.is(basename(problem?.place?.file ?? ''), 'checked-kind.test.ts')
  })
}

test('a kind that finds nothing may predict nothing', () => {
  const make = kind({ ...parts, name: 'it', read: () => undefined, predict: () => undefined } as never)
  assert.not.throws(() => make('a', {}).evaluate(reply, facts, new Prediction()))
})

test('a misspelt step or effect ends the role, with the place of the kind', () => {
  const step = kind({ ...parts, name: 'it', plan: () => [{ summary: 'x', hs: sh`true` }] } as never)
  const [problem] = problemsOf(() => step('a', {}).evaluate(reply, facts, new Prediction()))
  assert.is(problem?.message, 'unknown option "steps[0].hs" of the plan of kind it')
  assert.is(basename(problem?.place?.file ?? ''), 'checked-kind.test.ts')
  const steps = [{ summary: 'x', sh: sh`true` }]
  const effect = kind({
    ...parts,
    name: 'it',
    plan: () => steps,
    effects: () => [{ type: 'unit', nam: 'x', running: true }],
  } as never)
  const [second] = problemsOf(() => effect('a', {}).evaluate(reply, facts, new Prediction()))
  assert.is(second?.message, 'unknown option "effects[0].nam" of the effects of kind it')
})

test.run()
