import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isExact } from '../../../lib/resources/prediction/effect.ts'

for (const [what, state, expected] of [
  ['an absent path', { type: 'absent' }, true],
  ['a file with content', { type: 'file', content: Buffer.from('x') }, true],
  ['a file that keeps its content', { type: 'file', kept: true }, true],
  ['a file without known content', { type: 'file' }, false],
  ['a file to be confirmed', { type: 'file', content: Buffer.from('x'), confirm: true }, false],
  ['a directory', { type: 'dir' }, true],
  ['a directory that something fills', { type: 'dir', filled: true }, false],
  ['a directory to be confirmed', { type: 'dir', confirm: true }, false],
] as const)
  test(`${what} is ${expected ? '' : 'not '}predicted exactly`, () => {
    assert.is(isExact(state), expected)
  })

test.run()
