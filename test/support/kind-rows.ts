import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Facts } from '../../lib/facts.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { sh } from '../../lib/sh/quote.ts'
import { ask, debian, reply, run, shells, stepsOf, words } from './converge-locally.ts'

/** What a probe has printed, and what is to be done about it: the steps in words, or why there are none. */
export type KindRow = readonly [
  says: string,
  resource: Resource,
  said: string,
  then: readonly string[] | string,
  more?: { readonly facts?: Facts; readonly later?: Prediction },
]

/** Tests the rows, and that every question runs here and every step is read, in each shell. */
export function tryRows(rows: readonly KindRow[]): void {
  for (const [says, resource, said, then, { facts = debian, later = new Prediction() } = {}] of rows)
    test(says, () => assert.equal(words(resource.evaluate(reply(said), facts, later)), then))
  for (const shell of shells())
    test(`${shell.name}: what is asked and done is read by the shell`, async () => {
      for (const [says, resource, said, , { facts = debian, later = new Prediction() } = {}] of rows) {
        const asked = await ask(shell, resource, { facts })
        assert.ok('plan' in asked || 'refused' in asked, says)
        for (const step of stepsOf(resource.evaluate(reply(said), facts, later))) {
          const { code, stderr } = await run(shell, sh`sh -n -c ${step.sh.text}`)
          assert.is(code, 0, `${says}: ${step.summary}: ${stderr}`)
        }
      }
    })
}
