import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { folded, hostsText } from '../../lib/report/fold.ts'
import type { Problem } from '../../lib/errors.ts'

const names = Array.from({ length: 36 }, (_, at) => `node-${String(at).padStart(2, '0')}`)
const broken = (host: string, output: string, message = 'could not install x'): Problem => ({
  code: 'step-failed',
  message,
  host,
  role: 'dns',
  output,
})

test('36 hosts that say the same are one problem, whatever their names and numbers in it', () => {
  const all = folded(names.map((host, at) => broken(host, `${host}: process ${at + 100} was ended`)))
  assert.is(all.length, 1)
  assert.is(all[0]?.host, '36 hosts (node-00, node-01, node-02 and 33 more)')
  assert.is(all[0]?.output, 'node-00: process 100 was ended')
})

test('outputs that differ are kept with their hosts, two of them', () => {
  const [one] = folded([broken('a', 'no space'), broken('b', 'no network'), broken('c', 'no luck')])
  assert.is(one?.output, 'on a:\nno space\non b:\nno network\nand 1 other output')
})

test('problems with different words stay separate, even if a name is part of them', () => {
  assert.is(folded([broken('x', '', 'could not install x'), broken('y', '', 'could not install y')]).length, 1)
  assert.is(folded([broken('a', '', 'could not install b'), broken('b', '', 'could not start b')]).length, 2)
})

test('one host is named as it is', () => {
  assert.equal(folded([broken('a', 'no')]), [broken('a', 'no')])
  assert.is(hostsText(['a', 'b', 'c']), 'a, b, c')
})

test.run()
