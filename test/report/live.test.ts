import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { take } from '../../lib/report/run-progress.ts'
import { liveLines } from '../../lib/report/views/live.ts'
import { plainPaint } from '../../lib/report/text/paint.ts'
import { isScreen } from '../../lib/report/text/screen-size.ts'
import { width } from '../../lib/report/text/width.ts'
import { output, resource, started, step, tallyOf, unit, unitEnd } from './events.ts'

const test = suite('the live view')
const screen = { columns: 80, rows: 24, now: 5200, frame: 0, paint: plainPaint, isStopping: false }

test('nothing is drawn where a terminal cannot show it, or a CI system keeps it', () => {
  const { CI, TERM } = process.env
  const screenWith = (env: Readonly<Record<string, string>>) => {
    Object.assign(process.env, { CI: '', TERM: 'xterm' }, env)
    return isScreen({ isTTY: true, columns: 80 })
  }
  try {
    assert.equal([screenWith({}), screenWith({ CI: 'false' })], [true, true])
    assert.equal(
      [screenWith({ CI: '1' }), screenWith({ CI: 'true' }), screenWith({ TERM: 'dumb' })],
      [false, false, false],
    )
  } finally {
    Object.assign(process.env, { CI: CI ?? '', TERM: TERM ?? '' })
  }
})

test('a line for each host: what it does, for how long, and its counts', () => {
  const tally = tallyOf(
    started(['node-01', 'node-02', 'node-03']),
    unit('node-01'),
    resource('node-01', 'dir:/x', 'changed'),
    step('node-01', 'install bind9'),
    unitEnd('node-02', 'failed'),
  )
  assert.equal(liveLines(tally, screen), [
    '⠋ node-01  base  install bind9  4.2 s                           0 ok  1 changed',
    '✗ node-02        failed                                                    0 ok',
    '· node-03        waiting                                                   0 ok',
    'Applying site: 1 of 3 units in 4.2 s, 1 host failed, 1 changed',
  ])
})

test('a step’s last line of output is shown after the step', () => {
  const tally = tallyOf(
    started(['a']),
    step('a', 'install bind9'),
    output('a', 'Unpacking bind9\nSetting up '),
    output('a', 'bind9\n\n'),
  )
  assert.match(liveLines(tally, screen)[0] ?? '', /install bind9: bind9 {2}4\.2 s/)
})

test('the line of one step is not shown with the next one', () => {
  const tally = tallyOf(
    started(['a']),
    step('a', 'install bind9'),
    output('a', 'Unpacking\n'),
    step('a', 'start bind9'),
  )
  assert.not.match(liveLines(tally, screen)[0] ?? '', 'Unpacking')
})

test('each frame shows the events since the one before, and fits the screen as it is then', () => {
  const tally = tallyOf(started(['a', 'b']), unit('a'))
  liveLines(tally, screen)
  take(tally, unitEnd('b', 'failed'))
  assert.match(liveLines(tally, screen).at(-1) ?? '', '1 host failed')
  assert.is(liveLines(tally, { ...screen, rows: 4 }).length, 2, 'sums in place of a line for each host')
})

test('of 500 hosts on 24 rows it shows the latest failures, the longest at work, and sums', () => {
  const names = Array.from({ length: 500 }, (_, at) => `host-${String(at).padStart(3, '0')}`)
  const tally = tallyOf(
    started(names),
    ...names.slice(0, 150).map((name) => unitEnd(name)),
    ...names.slice(150, 170).map((name) => unit(name)),
    ...names
      .slice(170, 180)
      .flatMap((name) => [
        resource(name, 'pkg:x', 'failed', { reason: 'could not install x' }),
        unitEnd(name, 'failed'),
      ]),
  )
  const lines = liveLines(tally, screen)
  assert.is(lines.length, 12)
  assert.match(lines[0] ?? '', /^✗ host-179 .* failed: pkg:x: could not install x/)
  assert.is(lines.filter((line) => line.startsWith('✗')).length, 3)
  assert.match(lines[3] ?? '', /^⠋ host-150/)
  assert.is(lines.at(-2), '  500 hosts: 10 failed (7 more), 20 at work (13 more), 150 done, 320 waiting')
  assert.is(lines.at(-1), 'Applying site: 160 of 500 units in 4.2 s, 10 hosts failed')
})

test('36 waiting hosts have no rows, and leave room for the log', () => {
  const names = Array.from({ length: 36 }, (_, at) => `host-${at}`)
  assert.equal(liveLines(tallyOf(started(names), unit('host-7')), screen), [
    '⠋ host-7   base  looking  4.2 s                                            0 ok',
    '  36 hosts: 1 at work, 35 waiting',
    'Applying site: 0 of 36 units in 4.2 s',
  ])
})

test('a host that another run uses is busy, and one that refuses the login is shown as that', () => {
  const away = (host: string, code: 'busy' | 'auth') =>
    ({ type: 'unreachable', host, problem: { code, message: 'another run' }, at: 1000 }) as const
  const lines = liveLines(tallyOf(started(['a', 'b']), away('a', 'busy'), away('b', 'auth')), screen)
  assert.match(lines[0] ?? '', 'busy: another run')
  assert.match(lines[1] ?? '', 'login refused: another run')
})

test('at 50 columns the text of a step stays, and its counts go', () => {
  const tally = tallyOf(started(['node-01']), unit('node-01'), step('node-01', 'install bind9 9.18.49'))
  assert.is(liveLines(tally, { ...screen, columns: 50 })[0], '⠋ node-01  base  install bind9 9.18.49  4.2 s')
})

test('long names are cut in the middle, because hosts often differ only at the end', () => {
  const first = 'kubernetes-production-worker-node-001'
  const lines = liveLines(tallyOf(started([first, 'kubernetes-production-worker-node-002']), unit(first)), screen)
  assert.match(lines[0] ?? '', /^⠋ kubernetes-prod\S*…\S*node-001 /)
  assert.match(lines[1] ?? '', /^· kubernetes-prod\S*…\S*node-002 /)
})

test('at 40 and 20 columns a long name leaves room for what the host does', () => {
  const host = 'web-production-eu-central-1-node-001'
  const tally = tallyOf(started([host]), unit(host), step(host, 'install bind9'))
  assert.match(liveLines(tally, { ...screen, columns: 40 })[0] ?? '', /…\S*001 {2}base {2}install/)
  assert.match(liveLines(tally, { ...screen, columns: 20 })[0] ?? '', /…\S*01 /)
})

test('while the run is being stopped, the line about a second Ctrl-C is whole at 80 and at 40 columns', () => {
  const tally = tallyOf(started(['a']))
  for (const columns of [80, 40])
    assert.match(
      liveLines(tally, { ...screen, columns, isStopping: true }).at(-1) ?? '',
      /^Stopping: .*Ctrl-C again quits at once\.$/,
    )
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
