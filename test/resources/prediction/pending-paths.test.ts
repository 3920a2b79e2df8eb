import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { impliesDirectories } from '../../../lib/resources/prediction/effect.ts'
import { Prediction, type Effect, type PathState } from '../../../lib/resources/prediction/prediction.ts'
import { Random, seedOfRun } from '../../support/random.ts'

type Step = Extract<Effect, { type: 'path' | 'mount' }>

const at = (path: string, state: PathState): Step => ({ type: 'path', path, state })

for (const [what, path, effect, expected] of [
  ['a new file makes the directories above it', '/srv/app', at('/srv/app/conf', { type: 'file' }), { type: 'dir' }],
  [
    'a rewritten file does not: they exist',
    '/srv/app',
    at('/srv/app/conf', { type: 'file', rewritten: true }),
    undefined,
  ],
  ['a removed file does not', '/srv/app', at('/srv/app/conf', { type: 'absent' }), undefined],
  [
    'a removed directory takes everything below it',
    '/srv/app/conf',
    at('/srv/app', { type: 'absent' }),
    { type: 'absent' },
  ],
  ['a file does not change another file', '/srv/other', at('/srv/app', { type: 'file' }), undefined],
] as const)
  test(what, () => {
    assert.equal(predicted([effect], path)?.state, expected)
  })

test('a path is as the steps that touch it leave it, one after the other', () => {
  const seed = seedOfRun(20_411)
  const random = new Random(seed)
  for (let round = 0; round < 2000; round++) {
    const steps = Array.from({ length: random.between(1, 12) }, () => randomStep(random))
    const { prediction, turns } = recorded(steps)
    const kept = random.between(0, steps.length)
    if (kept < steps.length) prediction.rewind(turns[kept] ?? 0)
    for (const path of PATHS) {
      const found = prediction.paths.get(path)
      const got = found && { state: found.state, turn: found.turn }
      assert.equal(
        got,
        byOrder(steps.slice(0, kept), path),
        `seed ${seed}, round ${round}, ${path}: ${JSON.stringify(steps)}`,
      )
    }
  }
})

const PATHS = ['/a', '/a/b', '/a/b/c', '/a/bc', '/a/b/d', '/e', '/e/b'] as const

const STATES: readonly PathState[] = [
  { type: 'absent' },
  { type: 'file', content: Buffer.from('x') },
  { type: 'file', rewritten: true },
  { type: 'dir' },
  { type: 'dir', mode: '0700' },
  { type: 'dir', filled: true },
  { type: 'link', target: '/e' },
]

function randomStep(random: Random): Step {
  if (random.between(0, 9) > 0) return at(random.pick(PATHS), random.pick(STATES))
  const holds = [{ holds: 'same' }, { holds: 'nothing' }, {}] as const
  return { type: 'mount', path: random.pick(PATHS), state: 'read-write', ...random.pick(holds) }
}

/** The same by going through all steps, the last one first. */
function byOrder(
  steps: readonly Step[],
  path: string,
): { readonly state: PathState; readonly turn: number } | undefined {
  let below: number | undefined
  for (const [turn, step] of [...steps.entries()].toReversed()) {
    if (step.type === 'mount') {
      if (step.holds === 'same' || !path.startsWith(`${step.path}/`)) continue
      if (below !== undefined) break
      return step.holds === 'nothing' ? { state: { type: 'absent' }, turn } : undefined
    }
    const { state } = step
    const isGone = state.type === 'absent' && path.startsWith(`${step.path}/`)
    if (step.path.startsWith(`${path}/`) && impliesDirectories(state)) below ??= turn
    if (step.path !== path && !isGone) continue
    if (below !== undefined && state.type !== 'dir') break
    return { state: isGone ? { type: 'absent' } : state, turn: below ?? turn }
  }
  return below === undefined ? undefined : { state: { type: 'dir' }, turn: below }
}

function recorded(steps: readonly Step[]) {
  const prediction = new Prediction()
  const turns = steps.map((step) => {
    const { turn } = prediction
    prediction.record('step', [step])
    return turn
  })
  return { prediction, turns }
}

function predicted(steps: readonly Step[], path: string) {
  return recorded(steps).prediction.paths.get(path)
}

test.run()
