import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seedOfRun } from '../support/random.ts'
import { fuzz } from './fuzz.ts'
import { targets } from './fuzz-targets.ts'

const test = suite('damaged inputs')
const seed = seedOfRun(20261128)

for (const target of targets)
  test(`the parser of ${target.name} ends, and throws nothing but what is told`, () => {
    assert.equal(fuzz(target, seed, 100).losses, [])
  })

test.run()
