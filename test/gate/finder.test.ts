import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Finder } from '../../lib/gate/finder.ts'

function finderOf(...texts: readonly string[]): Finder {
  const finder = new Finder()
  for (const text of texts) finder.add(text)
  return finder
}

for (const [text, at] of [
  ['a', 1],
  ['ab s', 3],
  ['ab se', 3],
  ['ab sec', 3],
  ['ab secr', 3],
  ['ab secre', 3],
  ['ab secret', 9],
  ['ab secrex', 9],
] as const)
  test(`in ${JSON.stringify(text)} a secret may begin at ${at}`, () => {
    assert.is(finderOf('secret').mayBeginAt(text), at)
  })

test('a text of three characters is wanted by nobody', () => {
  const finder = finderOf('abc')
  assert.equal([finder.isEmpty, finder.longest, finder.find('abc')], [true, 0, []])
})

test('of texts that begin alike the longest is found, whichever came first', () => {
  const long = `token${'x'.repeat(80)}`
  for (const finder of [finderOf('token', `${long}y`, long), finderOf(`${long}y`, long, 'token')]) {
    assert.equal(finder.find(`a ${long}y b`), [[2, 2 + long.length + 1]])
    assert.equal(finder.find(`a ${long}z b`), [[2, 2 + long.length]])
    assert.equal(finder.find('a tokenx b'), [[2, 7]])
    assert.is(finder.longest, long.length + 1)
  }
})

test('texts that touch are one span, and those apart are two', () => {
  assert.equal(finderOf('abcd', 'efgh').find('abcdefgh abcd'), [
    [0, 8],
    [9, 13],
  ])
})

test.run()
