import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { plainPaint } from '../../lib/report/text/paint.ts'
import { plainLines, type PlainOptions } from '../../lib/report/views/plain.ts'
import { problemLines, problemsText } from '../../lib/report/problem.ts'
import { NORMAL, QUIET, VERBOSE, VERY_VERBOSE, type Verbosity } from '../../lib/report/verbosity.ts'
import { duration, listed } from '../../lib/report/text/words.ts'
import { cut, hang, pad, width, wrap } from '../../lib/report/text/width.ts'
import { at, problem, resource, started, step, tallyOf, unitEnd } from './events.ts'

const test = suite('plain lines')
const options = { paint: plainPaint, diff: false, verbosity: NORMAL as Verbosity }
const output: RunEvent = {
  type: 'output',
  host: 'a',
  role: 'base',
  resource: 'x:y',
  stream: 'stdout',
  text: 'one\ntwo\n',
  at,
}

const rows: readonly [what: string, event: RunEvent, more: Partial<PlainOptions>, lines: readonly string[]][] = [
  ['the beginning', started(['a', 'b'], 'check'), {}, ['Checking site on 2 hosts']],
  [
    'a change',
    resource('a', 'file:/x', 'changed', { steps: ['create /x', 'set mode 0644'] }),
    {},
    ['a  changed  file:/x: create, set mode 0644'],
  ],
  [
    'a change that names two things alike',
    resource('a', 'postgresDatabase:app', 'changed', { steps: ['create database app of app', 'make app'] }),
    {},
    ['a  changed  postgresDatabase:app: create database app of app, make'],
  ],
  [
    'a reason',
    resource('a', 'file:/x', 'unknown', { reason: 'after pkg:x' }),
    {},
    ['a  unknown  file:/x (after pkg:x)'],
  ],
  [
    'a reason that its step says',
    resource('a', 'service:x', 'changed', { steps: ['restart x (after file:/x)'], reason: 'after file:/x' }),
    {},
    ['a  changed  service:x: restart x (after file:/x)'],
  ],
  [
    'a reason that goes beyond that of the step has its rest alone',
    resource('a', 'service:x', 'changed', { steps: ['restart x (after file:/x)'], reason: 'after file:/x, pkg:b' }),
    {},
    ['a  changed  service:x: restart x (after file:/x) (also after pkg:b)'],
  ],
  ['what is as wanted is silent', resource('a', 'file:/x', 'ok'), {}, []],
  ['unless asked for', resource('a', 'file:/x', 'ok'), { verbosity: VERBOSE }, ['a  ok       file:/x']],
  [
    'a diff, when asked for',
    resource('a', 'file:/x', 'changed', { diff: '--- x\n+++ x\n@@ @@\n-a\n+b\n' }),
    { diff: true },
    ['a  changed  file:/x', '    --- x', '    +++ x', '    @@ @@', '    -a', '    +b'],
  ],
  ['a diff, when not', resource('a', 'file:/x', 'changed', { diff: '-a\n+b\n' }), {}, ['a  changed  file:/x']],
  ['a step is silent', step('a', 'install'), {}, []],
  ['output is silent', output, {}, []],
  ['a change, when only trouble is asked for', resource('a', 'file:/x', 'changed'), { verbosity: QUIET }, []],
  [
    'a failure, when only trouble is asked for',
    resource('a', 'file:/x', 'failed', { reason: 'no' }),
    { verbosity: QUIET },
    ['a  failed   file:/x (no)'],
  ],
  [
    'a failed step, with what it printed last before what it was to do',
    resource('a', 'exec:build', 'failed', {
      lastLine: 'ld: failed',
      reason: 'could not run make: it ended with status 7',
    }),
    {},
    ['a  failed   exec:build: ld: failed (could not run make: it ended with status 7)'],
  ],
  [
    'the same where there is no room: what it was to do is left out',
    resource('a', 'exec:build', 'failed', {
      lastLine: 'ld: failed',
      reason: 'could not run make: it ended with status 7',
    }),
    { columns: 40 },
    ['a  failed   exec:build: ld: failed'],
  ],
  [
    'how long a change took, when much is asked for',
    resource('a', 'file:/x', 'changed', { durationMs: 1500 }),
    { verbosity: VERY_VERBOSE },
    ['a  changed  file:/x in 1.5 s'],
  ],
  [
    'a busy host',
    { type: 'unreachable', host: 'a', problem: { code: 'busy', message: 'another run is using this host' }, at },
    {},
    ['a  failed   busy: another run is using this host'],
  ],
  ['a note', { type: 'note', host: 'a', message: 'look here', at }, {}, ['a  look here']],
  [
    'a problem that no resource has told',
    problem({ host: 'a', role: 'base', message: 'role threw' }),
    {},
    ['a  failed   role base: role threw'],
  ],
  ['a problem that a resource has told', problem({ host: 'a', role: 'base', resource: 'x:y' }), {}, []],
  ['the end of a unit is silent', unitEnd('a'), {}, []],
  ['a cancelled unit is not', unitEnd('a', 'cancelled'), {}, ['a  cancelled  role base']],
  [
    'of those that had not begun the last lines tell',
    { ...unitEnd('a', 'cancelled'), notBegun: { type: 'interrupted' } } as RunEvent,
    {},
    [],
  ],
]
for (const [what, event, more, lines] of rows) {
  test(what, () => assert.equal(plainLines(event, tallyOf(started(['a'])), { ...options, ...more }), lines))
}

test('a role and its gate that did not begin are one line', () => {
  const leftOut: RunEvent = { ...unitEnd('a', 'skipped'), notBegun: { type: 'declined', play: 'all' } } as RunEvent
  assert.is(plainLines(leftOut, tallyOf(started(['a'])), options).length, 1)
  assert.equal(plainLines(leftOut, tallyOf(started(['a']), leftOut), options), [])
})

test('hosts are aligned in a column', () => {
  const tally = tallyOf(started(['a', 'node-01']))
  assert.equal(plainLines(resource('a', 'x:y', 'changed'), tally, options), ['a        changed  x:y'])
})

test('output of a host cannot move the cursor or colour the screen', () => {
  const line = plainLines(
    resource('a', 'file:/x', 'failed', { reason: 'bad\u001b[2J\u001b]0;title\u0007\r\nworse\u0000' }),
    tallyOf(started(['a'])),
    options,
  )
  assert.equal(line, ['a  failed   file:/x (bad\\x1b[2J\\x1b]0;title\\x07 worse\\x00)'])
})

test('a problem has place, message, and details in a column', () => {
  const place = { file: 'inventory/group_vars/dns.yml', line: 3, column: 5 }
  const lines = problemLines(
    {
      code: 'vars',
      message: 'dns-server.listen is no address',
      place,
      expected: 'an IPv4 address',
      got: '"10.10"\nagain',
      hint: 'write four numbers',
    },
    plainPaint,
  )
  assert.equal(lines, [
    'inventory/group_vars/dns.yml:3:5  dns-server.listen is no address',
    '  expected  an IPv4 address',
    '  got       "10.10"',
    '            again',
    '  hint      write four numbers',
  ])
})

test('many problems end with their number', () => {
  const text = problemsText(
    [
      { code: 'usage', message: 'one' },
      { code: 'usage', message: 'two' },
    ],
    plainPaint,
  )
  assert.is(text, 'error: one\nerror: two\n2 problems. No host was touched.')
})

const durations: readonly [ms: number, text: string][] = [
  [0, '0 ms'],
  [840, '840 ms'],
  [1000, '1.0 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_400, '59 s'],
  [59_999, '1 min'],
  [83_000, '1 min 23 s'],
  [3_600_000, '1 h'],
  [5_000_000, '1 h 23 min'],
]
for (const [ms, text] of durations) test(`${ms} ms is ${text}`, () => assert.is(duration(ms), text))

test('lists of names are cut', () => {
  assert.is(listed(['a', 'b']), 'a, b')
  assert.is(listed(['a', 'b', 'c', 'd'], 3), 'a, b and 2 more')
})

test('widths are columns, not letters', () => {
  assert.equal([width('abc'), width('主机'), width('e\u0301')], [3, 4, 1])
  assert.equal([cut('主机名称', 5), cut('abc', 3), cut('abcd', 3)], ['主机…', 'abc', 'ab…'])
  assert.is(pad('主', 4), '主  ')
})

const wrapped: readonly [text: string, columns: number, lines: readonly string[]][] = [
  ['one two three', 20, ['one two three']],
  ['one two three', 8, ['one two', 'three']],
  ['/a/path/without/blanks', 12, ['/a/path/with', 'out/blanks']],
  ['主机名称 主机', 8, ['主机名称', '主机']],
  ['one two', Infinity, ['one two']],
]
for (const [text, columns, lines] of wrapped)
  test(`"${text}" at ${columns} columns breaks between words`, () => assert.equal(wrap(text, columns), lines))

test('text after a head stays in its column', () => {
  assert.equal(hang('  hint  ', 'write all four numbers', 24), ['  hint  write all four', '        numbers'])
})

for (const columns of [30, 50, 80])
  test(`a problem takes ${columns} columns, but for what the host said`, () => {
    const lines = problemLines(
      {
        code: 'vars',
        message: 'the 变量 dns-server.listen is not an IPv4 address and will never be one',
        place: { file: 'inventory/group_vars/dns.yml', line: 3 },
        hint: 'write all four numbers of the address, with dots between them, as in 192.0.2.1',
      },
      plainPaint,
      columns,
    )
    for (const line of lines) assert.ok(width(line) <= columns, `${width(line)}: ${line}`)
  })

test.run()
