import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { afterwards, isExact, type PathState } from '../../../lib/resources/prediction/effect.ts'

const at = (path: string, state: PathState) => ({ type: 'path', path, state }) as const

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
  ['a file says nothing about another', '/srv/other', at('/srv/app', { type: 'file' }), undefined],
] as const)
  test(what, () => {
    assert.equal(afterwards(path, effect), expected)
  })

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
