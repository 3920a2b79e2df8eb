import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nftables } from '../../../lib/resources/network/nftables.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { debian, reply, stepsOf, words } from '../../support/converge-locally.ts'

const [rules, confirmed] = nftables('base', { content: 'flush ruleset\ntable inet f {}\n', confirm: 10 })
const loads = ['load the rules of /etc/nftables.conf, for 10 s until they are confirmed']
const table: readonly (readonly [says: string, have: string, then: readonly string[] | string])[] = [
  ['kept and live: nothing to do', 'kept\nlive\n', []],
  ['live, and not kept: load', 'live\n', loads],
  ['changed in the kernel: load', 'kept\n', loads],
  [
    'nft objects: refused',
    'objection\n/dev/stdin:1:1: Error: syntax error\n',
    'refused: nft does not accept the rules: /dev/stdin:1:1: Error: syntax error',
  ],
  ['no nft: refused', '# none\n', 'refused: this host has no nft'],
]
for (const [says, have, then] of table) {
  test(says, () => assert.equal(words(rules.evaluate(reply(have), debian, new Prediction())), then))
}

const confirmations: readonly (readonly [says: string, have: string, then: readonly string[] | string])[] = [
  ['confirmed: nothing to do', 'confirmed\n', []],
  ['waiting: confirm', 'waiting\n', ['confirm the rules of nftables']],
  ['taken back: refused', 'taken back\n', 'refused: the rules were rolled back: nobody confirmed them in time'],
]
for (const [says, have, then] of confirmations) {
  test(says, () => assert.equal(words(confirmed.evaluate(reply(have), debian, new Prediction())), then))
}

test('rules that are to come are to be confirmed', () => {
  const prediction = new Prediction()
  prediction.record(rules.id, [{ type: 'object', of: 'nftables', name: '/etc/nftables.conf', exists: true }])
  assert.equal(words(confirmed.evaluate(reply('confirmed\n'), debian, prediction)), ['confirm the rules of nftables'])
})

test('a confirmation that comes too late says what may have taken so long', () => {
  const [step] = stepsOf(confirmed.evaluate(reply('waiting\n'), debian, new Prediction()))
  assert.match(step?.failures?.[1]?.why ?? '', 'nobody confirmed them in time')
  assert.match(step?.failures?.[1]?.hint ?? '', 'move the resources between these two after them')
})

test.run()
