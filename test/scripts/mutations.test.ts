import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mutationsOf, sampleOf } from '../../scripts/mutants/mutations.js'

const test = suite('mutations')

const faults = (source: string) =>
  mutationsOf(source).map(({ start, end, text }) => source.slice(0, start) + text + source.slice(end))

const table: readonly [source: string, faults: readonly string[]][] = [
  ['a === b', ['a !== b']],
  ['a < 3', ['a <= 3', 'a < (3 + 1)']],
  ['a + b', ['a - b']],
  ["a + ' hosts'", []],
  ['if (done) stop()', ['if (!(done)) stop()']],
  ['x = one ? 1 : b', ['x = !(one) ? 1 : b', 'x = one ? (1 + 1) : b']],
  ['!done', ['done']],
  ['x = true', ['x = false']],
  ['all.some(isDone)', ['all.every(isDone)']],
  ['const a: 1 | true = b', []],
  ["import { a } from './a.ts'", []],
]

for (const [source, expected] of table) test(source, () => assert.equal(faults(source), expected))

test('a sample is spread over the file, and is the same each time', () => {
  const all = Array.from({ length: 100 }, (_, at) => ({ start: at, end: at + 1, text: '' }))
  assert.equal(
    sampleOf(all, 4).map(({ start }) => start),
    [0, 25, 50, 75],
  )
  assert.is(sampleOf(all.slice(0, 3), 4).length, 3)
})

test.run()
