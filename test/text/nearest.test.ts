import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { didYouMean, nearest } from '../../lib/text/nearest.ts'

const table: [slip: string, word: string, candidates: string[], found: string[]][] = [
  ['a letter less', 'host', ['hosts', 'children', 'vars'], ['hosts']],
  ['a letter more', 'varss', ['hosts', 'children', 'vars'], ['vars']],
  ['two letters swapped', 'chidlren', ['hosts', 'children'], ['children']],
  ['two letters swapped in a short word, which is one slip', 'hsot', ['host'], ['host']],
  ['two other letters, which are two slips', 'abcd', ['abdx', 'abxc'], []],
  ['another case', 'Hosts', ['hosts'], ['hosts']],
  ['nothing alike', 'zebra', ['hosts', 'children'], []],
  ['the word itself', 'hosts', ['hosts'], []],
  ['a short word, of which nothing would be left', 'a', ['b', 'c'], []],
  ['several with equally few slips', 'node-1', ['node-2', 'nodes-01', 'node-02', 'node-11'], ['node-11', 'node-2']],
  ['more than three', 'n1', ['n2', 'n3', 'n4', 'n5'], ['n2', 'n3', 'n4']],
  ['an underscore for a dash', 'dns_server', ['dns-server', 'dns-client'], ['dns-server']],
]

for (const [slip, word, candidates, found] of table) {
  test(`nearest to "${word}": ${slip}`, () => assert.equal(nearest(word, candidates), found))
}

test('the suggestion is a question, or nothing', () => {
  assert.is(didYouMean('host', ['hosts']), 'did you mean "hosts"?')
  assert.is(didYouMean('zebra', ['hosts']), undefined)
})

test.run()
