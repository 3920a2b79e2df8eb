import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensure } from '../../lib/converge/ensure.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { kind } from '../../lib/resources/kit/kind.ts'
import { sh } from '../../lib/sh/quote.ts'
import { forget, ground, onThisMachine, refusal, room, statuses, told, trips } from '../support/ensure-here.ts'

onThisMachine(test)

/**
 * Its whole probe knows more than its quick probe: why it cannot be made, and that a hindrance has to go first. A quick probe after an attempt says another
 * thing than before; what is to be changed is another thing only when a part of it was done.
 */
const glanced = (room: string, makes = `touch ${room}/tried; test ! -e ${room}/hindrance && touch ${room}/there`) =>
  kind<{ path: string }, { words: readonly string[]; version: string }>({
    name: 'glanced',
    probe: ({ path }) => sh`echo asked >>${`${room}/log`}; [ -e ${path} ] && echo there; echo version 2
for each in part hindrance never; do [ ! -e ${room}/"$each" ] || echo "$each"; done`,
    read: (_, { lines }) => ({ words: lines, version: /version (\d)/.exec(lines.join(' '))?.[1] ?? '' }),
    plan(_, { words, version }) {
      if (words.includes('there')) return { steps: [] }
      if (words.includes('never')) return { refused: 'it can never be' }
      const hindrance = { summary: 'remove the hindrance', sh: sh`rm ${`${room}/hindrance`}` }
      const make = { summary: `make it ${version}`.trim(), sh: sh`/bin/sh -c ${makes} && echo version 2` }
      const before = words.includes('part') ? 'a part' : ''
      return {
        steps: words.includes('hindrance') ? [hindrance, make] : [make],
        changes: [{ label: 'it', before, after: 'all' }],
      }
    },
    advanced: {
      quickProbe: {
        probe: () => sh`for each in there part tried; do [ ! -e ${room}/"$each" ] || echo "$each"; done`,
        parseOutput: (_, have, said) => ({ ...have, version: /version (\d)/.exec(said)?.[1] ?? '' }),
      },
    },
  })('x', { path: `${room}/there` })
const asked = () => (existsSync(`${room}/log`) ? readFileSync(`${room}/log`, 'utf8').split('\n').length - 1 : 0)

test('apply needs only the quick probe, and reports the same as check', async () => {
  await ensure(ground('check'), [glanced(room)])
  assert.is(asked(), 1)
  const [checked] = told()
  forget()
  assert.is(await trips(() => ensure(ground('apply'), [glanced(room)])), 2)
  assert.is(asked(), 1)
  assert.equal([told()[0]?.steps, told()[0]?.status], [['make it 2'], 'changed'])
  assert.equal(told()[0]?.steps, checked?.steps)
})

test('when a step after a quick probe fails and the same change is still needed, the full probe may choose other steps', async () => {
  writeFileSync(`${room}/hindrance`, '')
  await ensure(ground('apply'), [glanced(room)])
  assert.equal([asked(), statuses()], [1, ['changed']])
  assert.equal(told()[0]?.steps, ['remove the hindrance', 'make it 2'])
})

test('... or refuses it', async () => {
  for (const name of ['hindrance', 'never']) writeFileSync(`${room}/${name}`, '')
  const { problems } = await refusal(() => ensure(ground('apply'), [glanced(room)]))
  assert.equal([problems[0]?.message, asked(), statuses()], ['it can never be', 1, ['failed']])
})

test('... or says the same, and then the failure stands, tried once', async () => {
  const { problems } = await refusal(() =>
    ensure(ground('apply'), [glanced(room, `echo tried >>${room}/tries; exit 3`)]),
  )
  assert.match(problems[0]?.message ?? '', /^could not make it: it ended with status 3/)
  assert.equal([asked(), readFileSync(`${room}/tries`, 'utf8')], [1, 'tried\n'])
})

test('... also where the full probe says only that check mode cannot know', async () => {
  const slow = exec('slow', { run: 'sleep 20', changedBy: /done/, deadline: 1 })
  const { problems } = await refusal(() => ensure(ground('apply'), [slow]))
  assert.match(problems[0]?.message ?? '', /^could not run sleep 20 .*: it reached its deadline of 1 s/)
})

test('a step that failed half way counts as failed: nothing is undone or repeated', async () => {
  writeFileSync(`${room}/hindrance`, '')
  await refusal(() => ensure(ground('apply'), [glanced(room, `touch ${room}/part; exit 3`)]))
  assert.equal([asked(), statuses()], [0, ['failed']])
})

test.run()
