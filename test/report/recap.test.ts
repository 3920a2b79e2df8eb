import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plainPaint } from '../../lib/report/paint.ts'
import { recapLines } from '../../lib/report/recap.ts'
import { problem, resource, started, summary, tallyOf, unitEnd } from './events.ts'

const test = suite('the recap')
const five = ['node-01', 'node-02', 'node-03', 'node-04', 'node-05']

test('nothing to do: one calm line a host, and the sum', () => {
  const hosts = Object.fromEntries(five.map((name) => [name, { ok: 12 }]))
  assert.equal(recapLines(tallyOf(started(five), summary('apply', hosts)), plainPaint), [
    '',
    ...five.map((name) => `  ${name}  12 ok   2 round trips`),
    '',
    'site applied in 1.2 s: 0 changed on 5 hosts',
  ])
})

test('the same change on many hosts is one line', () => {
  const everywhere = five.map((host) => resource(host, 'pkg:vim', 'change', { steps: ['install vim'] }))
  const once = resource('node-01', 'service:named', 'change', { steps: ['start named', 'enable named'] })
  const text = recapLines(tallyOf(started(five), ...everywhere, once, summary('apply', {})), plainPaint).join('\n')
  assert.match(text, 'Changed\n  pkg:vim        all 5 hosts: install\n  service:named  node-01: start, enable')
})

test('check says what would change, and what is not known', () => {
  const tally = tallyOf(
    started(['a'], 'check'),
    resource('a', 'file:/etc/x', 'change', { steps: ['create /etc/x'] }),
    resource('a', 'service:x', 'unknown', { reason: 'its unit comes with pkg:x' }),
    summary('check', { a: { changed: 1, unknown: 1 } }),
  )
  assert.equal(recapLines(tally, plainPaint), [
    '',
    '  a  0 ok  1 would change  1 unknown   2 round trips',
    '',
    'Would change',
    '  file:/etc/x  a: create',
    '',
    'Not known before it is really done',
    '  service:x on a: its unit comes with pkg:x',
    '',
    'site checked in 1.2 s: 1 would change, 1 unknown on 1 host',
  ])
})

test("what another host's failure kept from beginning is told with the reason, folded over hosts", () => {
  const notBegun = { type: 'after-failed', play: 'migrate', hosts: ['db'], allowed: 0 } as const
  const leftOut = (host: string) => ({ ...unitEnd(host, 'skipped'), notBegun })
  const own = {
    ...unitEnd('db', 'skipped'),
    notBegun: { type: 'host-failed', role: 'm', play: 'migrate' },
  } as const
  const tally = tallyOf(started(['db', 'a', 'b']), leftOut('a'), leftOut('b'), own, summary('apply', {}))
  assert.equal(recapLines(tally, plainPaint).slice(0, 3), [
    '',
    'Not begun',
    '  base on 2 hosts (a, b): it comes after play migrate, which was not done on db',
  ])
})

test('failures come last, each with its place and what to do; the same one on many hosts once', () => {
  const broken = (host: string) =>
    problem({
      host,
      role: 'dns',
      resource: 'pkg:x',
      message: 'could not install x',
      hint: 'see the mirror',
      output: 'E: no\nE: network',
    })
  const tally = tallyOf(
    started(['a', 'b']),
    broken('a'),
    broken('b'),
    summary('apply', { a: { failed: 1 }, b: { failed: 1 } }, false),
  )
  assert.equal(recapLines(tally, plainPaint).slice(-8), [
    '',
    'Failed',
    '  a, b  dns  pkg:x  could not install x',
    '    hint      see the mirror',
    '    | E: no',
    '    | E: network',
    '',
    'site applied in 1.2 s: 0 changed, 2 failed on 2 hosts',
  ])
})

test('a host that cannot be reached is told in that word alone', () => {
  const tally = tallyOf(started(['a']), summary('apply', { a: { failed: 1, unreachable: true, roundTrips: 0 } }, false))
  assert.equal(recapLines(tally, plainPaint), [
    '',
    '  a  unreachable   0 round trips',
    '',
    'site applied in 1.2 s: 0 changed on 1 host, 1 host unreachable',
  ])
})

test('a run that Ctrl-C ended does not look like one that is done', () => {
  const tally = tallyOf(started(['a']), unitEnd('a', 'cancelled'), summary('apply', { a: { skipped: 1 } }))
  assert.match(recapLines(tally, plainPaint).at(-1) ?? '', 'site stopped after 1.2 s')
})

test('what took long is named, the slowest first, three at most', () => {
  const ends = [1500, 65_000, 20, 3000, 9000].map((ms, at) => unitEnd(five[at] ?? '', 'done', ms))
  const text = recapLines(tallyOf(started(five), ...ends, summary('apply', {})), plainPaint).join('\n')
  assert.match(text, 'Slowest\n  base on node-02: 1 min 5 s\n  base on node-05: 9.0 s\n  base on node-04: 3.0 s\n\n')
})

test.run()
