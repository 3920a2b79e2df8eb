import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Problem } from '../../lib/errors.ts'
import { foldProblems } from '../../lib/inventory/graph/fold.ts'

const wrong = (host: string, more: Partial<Problem> = {}): Problem => ({
  code: 'vars',
  message: 'role web has no variable "prot"',
  place: { file: '-e web.prot=...' },
  host,
  ...more,
})

test('one mistake on several hosts is reported once, with the other hosts', () => {
  const [only, ...others] = foldProblems(
    ['a', 'b', 'c', 'd'].map((host) => wrong(host, { hint: 'did you mean "port"?' })),
  )
  assert.is(others.length, 0)
  assert.is(only?.message, 'role web has no variable "prot"')
  assert.is(only?.hint, 'did you mean "port"?; the same on b, c and 1 more')
  assert.is(foldProblems([wrong('a'), wrong('b')])[0]?.hint, 'the same on b')
})

test('mistakes at several places are reported one by one, and from four on as one', () => {
  const at = (line: number) => wrong('a', { place: { file: 'hosts.yml', line } })
  assert.is(foldProblems([at(1), at(2), at(3)]).length, 3)
  const [only] = foldProblems([at(1), at(2), at(3), at(4)])
  assert.is(only?.message, 'role web has no variable "prot" (and 3 more like this)')
  assert.is(only?.hint, 'the same at hosts.yml:2, hosts.yml:3 and 1 more')
})

test.run()
