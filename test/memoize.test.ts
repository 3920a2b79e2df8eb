import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memoizeByText, memoizeByWant } from '../lib/memoize.ts'
import { keysKind } from '../lib/resources/structured/structured.ts'
import { parseJson, putJson } from '../lib/resources/structured/json-text.ts'
import { Prediction } from '../lib/resources/prediction/prediction.ts'
import { debian, reply, words } from './support/converge-locally.ts'

test('the last two texts are not read again, a long one is', () => {
  const read: string[] = []
  const lengthOf = memoizeByText((text: string, by: number) => {
    read.push(`${text.slice(0, 2)}${by}`)
    return text.length * by
  })
  const long = 'x'.repeat(200_000)
  assert.equal(
    [lengthOf('a', 1), lengthOf('ab', 1), lengthOf('a', 1), lengthOf('ab', 1), lengthOf('a', 2)],
    [1, 2, 1, 2, 2],
  )
  assert.equal([lengthOf(long, 1), lengthOf(long, 1), lengthOf('ab', 1)], [200_000, 200_000, 2])
  assert.equal(read, ['a1', 'ab1', 'a2', 'xx1', 'xx1'])
})

test('what cannot be read is read again', () => {
  let calls = 0
  const fails = memoizeByText((text: string) => {
    calls++
    throw new Error(text)
  })
  for (const _ of [1, 2]) assert.throws(() => fails('a'), /^a$/)
  assert.is(calls, 2)
})

test('a result is that of its want and its text', () => {
  const calls: string[] = []
  const edit = memoizeByWant((want: { readonly line: string }, live: string) => {
    calls.push(want.line + live)
    return live + want.line
  })
  const [one, two] = [{ line: '1' }, { line: '2' }]
  assert.equal(
    [edit(one, 'a'), edit(one, 'a'), edit(two, 'a'), edit(one, 'b'), edit(one, 'a')],
    ['a1', 'a1', 'a2', 'b1', 'a1'],
  )
  assert.equal(calls, ['1a', '2a', '1b', '1a'])
})

test('of 50 edits of one file, each text is read once', () => {
  let reads = 0
  const make = keysKind({
    name: 'countedFile',
    called: 'JSON',
    parse: (text) => {
      reads++
      return parseJson(text)
    },
    put: putJson,
    drop: () => undefined,
  })
  const prediction = new Prediction()
  for (let at = 0; at < 50; at++) {
    const resource = make('/srv/a.json', { set: { [`key-${at}`]: at } })
    const evaluation = resource.evaluate(reply('none 0 4 dir\n'), debian, prediction)
    assert.equal(
      words(evaluation),
      [`create /srv/a.json: set key-${at}`].map((each) => (at === 0 ? each : each.replace('create', 'edit'))),
    )
    if ('plan' in evaluation) prediction.record(resource.id, evaluation.effects)
  }
  assert.is(reads, 51)
})

test.run()
