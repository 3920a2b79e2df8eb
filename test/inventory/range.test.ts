import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { expandRange } from '../../lib/inventory/syntax/range.ts'

const ranges: Record<string, string[]> = {
  'node-01': ['node-01'],
  'node-[01:03]': ['node-01', 'node-02', 'node-03'],
  'node-[9:11]': ['node-9', 'node-10', 'node-11'],
  'db-[a:c]': ['db-a', 'db-b', 'db-c'],
  'db-[X:Z].example.com': ['db-X.example.com', 'db-Y.example.com', 'db-Z.example.com'],
  // One zero is a number, not a number with a zero before it.
  'n[0:10:5]': ['n0', 'n5', 'n10'],
  'www[:1]': ['www0', 'www1'],
  'n[1:10:4]': ['n1', 'n5', 'n9'],
  'n[1:10:2]': ['n1', 'n3', 'n5', 'n7', 'n9'],
  'r[1:2]-[a:b]': ['r1-a', 'r1-b', 'r2-a', 'r2-b'],
  'n[5:5]': ['n5'],
  // Ansible counts a to z, then A to Z.
  'n[y:B]': ['ny', 'nz', 'nA', 'nB'],
}

for (const [name, names] of Object.entries(ranges)) {
  test(`${name} stands for ${names.join(', ')}`, () => assert.equal(expandRange(name), { names }))
}

const wrong: Record<string, string> = {
  'n[5:1]': '[5:1] ends before it begins',
  'n[01:100]': '"01" and "100" in [01:100] do not have the same number of digits',
  'n[1:5:0]': 'the step of [1:5:0] is not a whole number of 1 or more',
  'n[a:5]': '[a:5] is not a range',
  'n[C:a]': '[C:a] ends before it begins',
  'n[1:]': '[1:] is not a range',
  'n[1:999999999]': 'it stands for 999999999 hosts; at most 100000 are allowed',
  'n[1:1000]-[1:1000]': 'it stands for 1000000 hosts; at most 100000 are allowed',
}

for (const [name, why] of Object.entries(wrong)) {
  test(`${name} is refused: ${why}`, () => assert.equal(expandRange(name), { wrong: why }))
}

test.run()
