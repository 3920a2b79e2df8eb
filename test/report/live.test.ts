import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { liveLines } from '../../lib/report/views/live.ts'
import { plainPaint } from '../../lib/report/paint.ts'
import { width } from '../../lib/report/width.ts'
import { resource, started, step, tallyOf, unit, unitEnd } from './events.ts'

const test = suite('the live view')
const screen = { columns: 80, rows: 24, now: 5200, frame: 0, paint: plainPaint, isStopping: false }

test('a line for each host: what it does, for how long, and its counts', () => {
  const tally = tallyOf(
    started(['node-01', 'node-02', 'node-03']),
    unit('node-01'),
    resource('node-01', 'dir:/x', 'change'),
    step('node-01', 'install bind9'),
    unitEnd('node-02', 'failed'),
  )
  assert.equal(liveLines(tally, screen), [
    '⠋ node-01  base  install bind9  4.2 s                           0 ok  1 changed',
    '✗ node-02        failed                                                    0 ok',
    '· node-03        waiting                                                   0 ok',
    'Applying site: 1 of 3 units in 4.2 s',
  ])
})

test('200 hosts fit the screen: the busy ones first, the rest as a number', () => {
  const names = Array.from({ length: 200 }, (_, at) => `host-${at}`)
  const tally = tallyOf(started(names), ...names.slice(0, 150).map((name) => unitEnd(name)), unit('host-170'))
  const lines = liveLines(tally, { ...screen, rows: 10 })
  assert.is(lines.length, 8)
  assert.match(lines[0] ?? '', /^⠋ host-170/)
  assert.match(lines[6] ?? '', 'and 194 more hosts: 145 idle or done, 49 waiting')
})

for (const columns of [20, 40, 79, 200]) {
  test(`no line is wider than ${columns} columns, whatever is in it`, () => {
    const tally = tallyOf(
      started(['主机-with-a-very-long-name-that-nobody-types', 'b']),
      step('b', '安装 bind9 and \u001b[31m a lot of other things\n too'),
    )
    for (const line of liveLines(tally, { ...screen, columns }))
      assert.ok(width(line) < columns, `${width(line)}: ${line}`)
  })
}

test('after Ctrl-C it says that it stops', () => {
  const lines = liveLines(tallyOf(started(['a'])), { ...screen, isStopping: true })
  assert.match(lines.at(-1) ?? '', /^Stopping: /)
})

test('a screen with hardly any rows still has the line of the whole run', () => {
  const lines = liveLines(tallyOf(started(['a', 'b', 'c'])), { ...screen, rows: 3 })
  assert.match(lines.at(-1) ?? '', 'Applying site')
})

test.run()
