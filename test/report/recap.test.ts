import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plainPaint } from '../../lib/report/text/paint.ts'
import { recapLines } from '../../lib/report/recap.ts'
import { problem, resource, started, step, summary, tallyOf, unit, unitEnd } from './events.ts'

const test = suite('the recap')
const all = { paint: plainPaint, changes: 'all' } as const
const five = ['node-01', 'node-02', 'node-03', 'node-04', 'node-05']

test('nothing to do: one calm line a host, and the sum', () => {
  const hosts = Object.fromEntries(five.map((name) => [name, { ok: 12 }]))
  assert.equal(recapLines(tallyOf(started(five), summary('apply', hosts)), all), [
    '',
    ...five.map((name) => `  ${name}  12 ok   2 round trips`),
    '',
    'site applied in 1.2 s: 0 changed on 5 hosts',
  ])
})

test('the same change on many hosts is one line', () => {
  const everywhere = five.map((host) => resource(host, 'pkg:vim', 'changed', { steps: ['install vim'] }))
  const once = resource('node-01', 'service:named', 'changed', { steps: ['start named', 'enable named'] })
  const text = recapLines(tallyOf(started(five), ...everywhere, once, summary('apply', {})), all).join('\n')
  assert.match(text, 'Changed\n  pkg:vim        all 5 hosts: install\n  service:named  node-01: start, enable')
})

test('check lists what would change, and what is unknown', () => {
  const tally = tallyOf(
    started(['a'], 'check'),
    resource('a', 'file:/etc/x', 'changed', { steps: ['create /etc/x'] }),
    resource('a', 'service:x', 'unknown', { reason: 'its unit comes with pkg:x' }),
    summary('check', { a: { changed: 1, unknown: 1 } }),
  )
  assert.equal(recapLines(tally, all), [
    '',
    '  a  0 ok  1 would change  1 unknown   2 round trips',
    '',
    'Would change',
    '  file:/etc/x  a: create',
    '',
    'Unknown until applied',
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
  assert.equal(recapLines(tally, all).slice(0, 3), [
    '',
    'Not begun',
    '  base on 2 hosts (a, b): it comes after play migrate, which was not done on db',
  ])
})

test('failures come last, each with its place and hint; the same failure of many hosts is one', () => {
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
  assert.equal(recapLines(tally, all).slice(-8), [
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

test('an unreachable host is shown by that word alone', () => {
  const tally = tallyOf(started(['a']), summary('apply', { a: { failed: 1, unreachable: true, roundTrips: 0 } }, false))
  assert.equal(recapLines(tally, all), [
    '',
    '  a  unreachable   0 round trips',
    '',
    'site applied in 1.2 s: 0 changed on 1 host, 1 host unreachable',
  ])
})

test('a run that Ctrl-C ended does not look like one that is done', () => {
  const tally = tallyOf(started(['a']), unitEnd('a', 'cancelled'), summary('apply', { a: { skipped: 1 } }))
  assert.match(recapLines(tally, all).at(-1) ?? '', 'site stopped after 1.2 s')
})

test('steps stopped by Ctrl-C are counted separately from failures', () => {
  const counts = { a: { failed: 1, interrupted: 1 }, b: { failed: 2, interrupted: 1 } }
  const tally = tallyOf(started(['a', 'b']), unitEnd('a', 'cancelled'), summary('apply', counts, false))
  assert.equal(recapLines(tally, all).slice(1, 3), [
    '  a  0 ok  1 stopped             2 round trips',
    '  b  0 ok  1 failed  1 stopped   2 round trips',
  ])
  assert.match(recapLines(tally, all).at(-1) ?? '', '0 changed, 1 failed, 2 stopped on 2 hosts')
})

test('changes that were listed as they were made are not listed again, but for those of several hosts', () => {
  const everywhere = five.map((host) => resource(host, 'pkg:vim', 'changed'))
  const once = resource('node-01', 'service:named', 'changed')
  const tally = tallyOf(started(five), ...everywhere, once, summary('apply', {}))
  const text = recapLines(tally, { paint: plainPaint, changes: 'folded' }).join('\n')
  assert.match(text, 'Changed\n  pkg:vim  all 5 hosts\n  and 1 more on one host alone, listed above')
  const single = tallyOf(started(['a']), resource('a', 'pkg:vim', 'changed'), summary('apply', {}))
  assert.not.match(recapLines(single, { paint: plainPaint, changes: 'folded' }).join('\n'), 'Changed')
})

test('hosts with the same numbers are one line when there are many', () => {
  const names = Array.from({ length: 36 }, (_, at) => `node-${at}`)
  const hosts = Object.fromEntries(names.map((name, at) => [name, at === 7 ? { ok: 3, failed: 1 } : { ok: 4 }]))
  assert.equal(recapLines(tallyOf(started(names), summary('apply', hosts, false)), all).slice(1, 3), [
    '  35 hosts (node-0, node-1, node-2 and 32 more)  4 ok             2 round trips',
    '  node-7                                         3 ok  1 failed   2 round trips',
  ])
})

test('after a failure, and after Ctrl-C, it names the step and the command that goes on', () => {
  const next = { resume: (run: string) => `rolecall resume ${run}` }
  const stopped = tallyOf(
    started(['a', 'b'], 'apply', 3),
    unitEnd('b'),
    unit('a'),
    step('a', 'install bind9'),
    unitEnd('a', 'cancelled'),
    summary('apply', { a: { skipped: 1 } }),
  )
  assert.equal(recapLines(stopped, { ...all, next }).slice(-6), [
    '',
    'Stopped at',
    '  base on a: install bind9',
    '',
    'site stopped after 1.2 s: 0 changed on 1 host',
    '  rolecall resume r1  goes on: 2 units left of 3',
  ])
  const done = tallyOf(started(['a']), unitEnd('a'), summary('apply', { a: {} }))
  assert.not.match(recapLines(done, { ...all, next }).join('\n'), 'resume')
})

test('after a check it names the command that makes the changes, when there are any', () => {
  const next = { apply: 'rolecall apply site -l a' }
  const of = (status: 'ok' | 'changed') =>
    recapLines(tallyOf(started(['a'], 'check'), resource('a', 'x:y', status), unitEnd('a'), summary('check', {})), {
      ...all,
      next,
    })
  assert.is(of('changed').at(-1), '  rolecall apply site -l a  makes these changes')
  assert.not.match(of('ok').join('\n'), 'rolecall apply')
})

test('a busy host is told as that', () => {
  const problem = { code: 'busy', message: 'another run is using this host' } as const
  const tally = tallyOf(
    started(['a']),
    { type: 'unreachable', host: 'a', problem, at: 1 },
    summary('apply', { a: { unreachable: true } }, false),
  )
  assert.match(recapLines(tally, all).at(-1) ?? '', 'on 1 host, 1 host busy')
})

test('slow roles are listed, the slowest first, at most three', () => {
  const ends = [1500, 65_000, 20, 3000, 9000].map((ms, at) => unitEnd(five[at] ?? '', 'done', ms))
  const text = recapLines(tallyOf(started(five), ...ends, summary('apply', {})), all).join('\n')
  assert.match(text, 'Slowest\n  base on node-02: 1 min 5 s\n  base on node-05: 9.0 s\n  base on node-04: 3.0 s\n\n')
})

test.run()
