import { appendFileSync, chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RolecallError } from '../../lib/errors.ts'
import { pastRun, pastRuns, readRuns } from '../../lib/runner/journal/run-history.ts'
import { projectOf, rolecall } from '../support/project.ts'

const test = suite('journals that are none')

const opening = (run: string, more: object = {}) => ({
  type: 'request',
  version: 1,
  run,
  at: 1_790_000_000_000,
  by: { user: 'me', machine: 'elsewhere', pid: 7 },
  request: { mode: 'apply', playbook: 'site', inventory: 'inventory', extra: [], withheld: [] },
  digests: { inventory: 'x' },
  ...more,
})
const begun = { type: 'run', run: 'a', mode: 'apply', playbook: 'site', hosts: ['h'], units: 2, at: 1 }
const ended = { type: 'unit-end', host: 'h', role: 'r', play: 'p', end: 'done', durationMs: 1, at: 1 }
const textOf = (...lines: unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

function projectWith(journals: Readonly<Record<string, string>>): { cwd: string; runs: string } {
  const cwd = projectOf(
    Object.fromEntries(Object.entries(journals).map(([run, text]) => [`.rolecall/runs/${run}.jsonl`, text])),
  )
  return { cwd, runs: join(cwd, '.rolecall/runs') }
}

test('a first line that is not a request is reported, and hides no other run', () => {
  const wrong = {
    'null-by': opening('null-by', { by: null }),
    'no-extra': opening('no-extra', { request: { mode: 'apply', playbook: 'site', inventory: 'i' } }),
    'text-pid': opening('text-pid', { by: { user: 'me', machine: 'm', pid: '1' } }),
    late: opening('late', { at: 1e300 }),
    up: opening('../up'),
    newer: opening('newer', { version: 2 }),
    list: [],
    nothing: null,
  }
  const good = textOf(opening('good'), begun, ended)
  const { runs } = projectWith({
    good,
    ...Object.fromEntries(Object.entries(wrong).map(([name, value]) => [name, textOf(value)])),
  })
  const { runs: read, unreadable } = readRuns(runs, Infinity)
  assert.equal(
    read.map(({ run, units, left }) => [run, units, left]),
    [['good', 2, 1]],
  )
  assert.equal(
    unreadable.map(({ file }) => file).sort(),
    Object.keys(wrong)
      .map((name) => join(runs, `${name}.jsonl`))
      .sort(),
  )
  assert.is(pastRun(undefined, runs).run, 'good')
  for (const name of Object.keys(wrong))
    assert.throws(
      () => pastRun(name, runs),
      (error: unknown) => error instanceof RolecallError,
    )
})

test('events with wrong fields are skipped, and finish nothing', () => {
  const wrong = [
    { ...ended, host: 7 },
    { ...ended, end: 'perfect' },
    { ...ended, play: undefined },
    { type: 'summary', mode: 'apply', ok: true, durationMs: 1, hosts: { h: null } },
    { type: 'summary', mode: 'apply', ok: true, durationMs: 1, hosts: null },
    { type: 'run', hosts: 'h', units: 1 },
    { type: 'run', hosts: ['h'], units: -1 },
    7,
    null,
  ]
  const { runs } = projectWith({ a: textOf(opening('a'), ...wrong, begun) })
  const [past] = pastRuns(runs)
  assert.equal([past?.units, past?.left, past?.end, past?.summary], [2, 2, 'crashed', undefined])
})

test('a run that resumes itself, or a circle of them, ends', () => {
  const { runs } = projectWith({
    self: textOf(opening('self', { resumes: 'self' }), begun, ended),
    one: textOf(opening('one', { resumes: 'two' }), begun),
    two: textOf(opening('two', { resumes: 'one' }), begun, ended),
    up: textOf(opening('up', { resumes: '../../../../etc/passwd' })),
  })
  assert.equal(
    pastRuns(runs)
      .map(({ run }) => run)
      .sort(),
    ['one', 'self', 'two'],
  )
  assert.is(pastRun('self', runs).left, 1)
})

test('a chain of a thousand resumed runs is read', () => {
  const name = (at: number) => `r${String(at).padStart(4, '0')}`
  const { runs } = projectWith(
    Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [
        name(at),
        textOf(opening(name(at), { resumes: name(at + 1), at: 1000 - at }), begun),
      ]),
    ),
  )
  assert.is(pastRuns(runs).length, 1000)
})

test('long lines and invalid bytes do not affect other lines', () => {
  const { runs } = projectWith({ a: textOf(opening('a'), begun) })
  const file = join(runs, 'a.jsonl')
  appendFileSync(file, `${'x'.repeat(10_000_000)}\n`)
  appendFileSync(file, `{"type":"note","message":"${'y'.repeat(10_000_000)}"}\n`)
  appendFileSync(file, `${'['.repeat(2_000_000)}\n`)
  appendFileSync(file, Buffer.from([0xff, 0xfe, 0, 10]))
  appendFileSync(file, textOf(ended))
  assert.is(pastRuns(runs)[0]?.left, 1)
})

test('`rolecall runs` shows what can be shown, and names a directory or a damaged file in place of a journal', async () => {
  const { cwd, runs } = projectWith({ good: textOf(opening('good'), begun), bad: textOf(opening('bad', { by: null })) })
  mkdirSync(join(runs, 'directory.jsonl'))
  const listed = await rolecall(cwd, ['runs'])
  assert.is(listed.code, 0)
  assert.match(listed.out, /^good /m)
  assert.match(listed.err, 'directory.jsonl is not listed: the journal is a directory')
  assert.match(listed.err, 'bad.jsonl is not listed: the journal does not begin as one')
  const resumed = await rolecall(cwd, ['resume', 'directory'])
  assert.is(resumed.code, 1)
  assert.match(resumed.err, 'run directory cannot be resumed: its journal is a directory')
  assert.not.match(listed.err + resumed.err, /bug|TypeError/)
})

test('where the newest journal cannot be read, runs show and report name it, and the last run that can be read', async () => {
  const { cwd } = projectWith({
    '20260101-000000-00aaa': textOf(opening('20260101-000000-00aaa'), begun, ended),
    '20260102-000000-00bbb': textOf({ no: 'journal' }),
    // A disk that was full: no host was touched.
    '20260103-000000-00ccc': '',
  })
  for (const command of [
    ['runs', 'show'],
    ['report', '-o', 'run.html'],
  ]) {
    const { code, err } = await rolecall(cwd, command)
    assert.is(code, 1, err)
    assert.match(err, 'run 20260102-000000-00bbb cannot be shown: its journal does not begin as one')
    assert.match(err, 'hint      the last run that can be read is 20260101-000000-00aaa: name that one')
    assert.is((await rolecall(cwd, [...command, '20260101-000000-00aaa'])).code, 0)
  }
})

test('a journal under the name of another run is told, and is no run', async () => {
  const { cwd } = projectWith({
    good: textOf(opening('good'), begun, ended),
    'good-copy': textOf(opening('good'), begun),
  })
  const listed = await rolecall(cwd, ['runs'])
  assert.is(listed.out.match(/^good /gm)?.length, 1)
  assert.match(listed.err, 'good-copy.jsonl is not listed: the journal is that of another run, good')
  const { code, err } = await rolecall(cwd, ['runs', 'show', 'good-copy'])
  assert.is(code, 1, err)
  assert.match(err, 'run good-copy cannot be shown: its journal is that of another run, good')
})

test('a journal that was cut off in its first line is that of no run, and the run before it is the last one', async () => {
  const { cwd } = projectWith({
    '20260101-000000-00aaa': textOf(opening('20260101-000000-00aaa'), begun, ended),
    '20260103-000000-00ccc': '{"type":"requ',
  })
  const { code, out, err } = await rolecall(cwd, ['runs', 'show'])
  assert.is(code, 0, err)
  assert.match(out, '20260101-000000-00aaa')
})

const isRoot = process.geteuid?.() === 0
if (!isRoot) process.stdout.write('# needs root, to act as two accounts: not tried\n')

test('a journal of another account is not resumed', () => {
  if (!isRoot) return
  const { cwd, runs } = projectWith({ mine: textOf(opening('mine'), begun), hers: textOf(opening('hers'), begun) })
  chownSync(join(runs, 'hers.jsonl'), 65534, 65534)
  assert.equal(
    pastRuns(runs).map(({ run }) => run),
    ['mine'],
  )
  assert.match(readRuns(runs, 20).unreadable[0]?.why ?? '', /somebody else: .*hers.jsonl belongs to user 65534/)
  assert.throws(() => pastRun('hers', runs), /cannot be resumed/)
  // A project of another account is that account's.
  chownSync(cwd, 65534, 65534)
  assert.is(pastRuns(runs).length, 2)
  chmodSync(runs, 0o777)
  assert.is(pastRuns(runs).length, 0)
})

test.run()
