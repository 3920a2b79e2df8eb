import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as library from '../../lib/index.ts'
import { seedOfRun } from '../support/random.ts'
import { fuzz } from './fuzz.ts'
import { furtherKinds } from './fuzz-kinds.ts'
import { targets } from './fuzz-targets.ts'

const test = suite('damaged inputs')
const seed = seedOfRun(20261128)

for (const target of targets)
  test(`the parser of ${target.name} ends, and throws nothing but what is told`, async () => {
    assert.equal((await fuzz(target, seed, 25)).losses, [])
  })

/** Words of the library that are no kinds. */
const NO_KINDS = new Set(
  'asked checkTypes inline inventory kind lab pastRun pastRuns play playbook policy raw role run secret secretText sh shared using'.split(
    ' ',
  ),
)

test('each kind of the library has its answers damaged', () => {
  const names = new Set([...Object.keys(furtherKinds), ...targets.flatMap(({ kind }) => kind ?? [])])
  const kinds = Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && /^[a-z]/.test(name) && !NO_KINDS.has(name) ? [name] : [],
  )
  assert.equal(
    kinds.filter((name) => !names.has(name)),
    [],
  )
})

test.run()
