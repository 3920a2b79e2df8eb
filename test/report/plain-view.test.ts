import { PassThrough } from 'node:stream'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { OutputLines } from '../../lib/report/text/output-lines.ts'
import { VERBOSE, NORMAL } from '../../lib/report/verbosity.ts'
import { foldingFor, stopsWorkflowCommands } from '../../lib/report/views/folding.ts'
import { plainView } from '../../lib/report/views/plain-view.ts'
import { signOfLife } from '../../lib/report/views/sign-of-life.ts'
import { output, resource, started, step, summary, tallyOf, unit, unitEnd } from './events.ts'

function told(events: readonly RunEvent[], more: Partial<Parameters<typeof plainView>[1]> = {}): string {
  const stream = new PassThrough()
  const teller = plainView(stream, { json: false, diff: false, verbosity: VERBOSE, ...more })
  for (const event of events) teller.tell(event)
  teller.end()
  return String(stream.read() ?? '')
}

test('output that arrives in pieces is shown in whole lines, each once', () => {
  const lines = new OutputLines()
  const pieces = ['on', 'e\n', 'two', '\n\nth', 'ree\n', 'four']
  const whole = [
    ...pieces.flatMap((piece) => lines.take(output('a', piece))),
    ...lines.take(resource('a', 'x:y', 'changed')),
  ]
  assert.equal(
    whole.map(({ line }) => line),
    ['one', 'two', '', 'three', 'four'],
  )
})

test('two hosts and two streams do not mix their lines', () => {
  const lines = new OutputLines()
  const events = [
    output('a', 'on'),
    output('b', 'tw'),
    output('a', 'er', 'stderr'),
    output('a', 'e\n'),
    output('b', 'o\n'),
  ]
  assert.equal(
    events.flatMap((event) => lines.take(event)).map(({ host, line }) => `${host} ${line}`),
    ['a one', 'b two'],
  )
  assert.equal(
    lines.endAll().map(({ line }) => line),
    ['er'],
  )
})

test('a terminal that does not know its width is taken for one of 80 columns', () => {
  const stream = Object.assign(new PassThrough(), { columns: 0 })
  const view = plainView(stream, { json: false, diff: false, verbosity: NORMAL })
  for (const event of [
    started(['a']),
    unit('a'),
    resource('a', 'x:y', 'failed'),
    unitEnd('a'),
    summary('apply', { a: { failed: 1 } }, false),
  ])
    view.tell(event)
  view.end()
  const text = String(stream.read())
  assert.match(text, /1 failed/)
  assert.not.match(text, /^.$/m)
})

test('with -v a log has no empty line that a host did not print', () => {
  const text = told([
    started(['a']),
    unit('a'),
    step('a', 'install'),
    output('a', 'one'),
    output('a', '\n'),
    output('a', 'two\n'),
  ])
  assert.match(text, 'a  | one\na  | two\n')
})

test('with --timestamps a line begins with the time', () => {
  const text = told([started(['a']), step('a', 'install')], { timestamps: true })
  assert.match(text, /^\d\d:\d\d:\d\d {2}Applying site on 1 host\n\d\d:\d\d:\d\d {2}a {2}pkg:bind9: install \.\.\.\n/)
})

test('a silent log shows what hosts are doing, the longest at work first', () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const tally = tallyOf(started(names), ...names.map((name) => step(name, 'install')), output('b', 'Unpacking\n'))
  assert.equal(signOfLife(tally, 46_000), [
    'a  ... base: install, for 45 s',
    'b  ... base: install, for 45 s: Unpacking',
    'c  ... base: install, for 45 s',
    '... and 2 more hosts at work',
  ])
  assert.equal(signOfLife(tallyOf(started(['a'])), 46_000), [])
})

test('the sign of life comes when nothing has been written, and again', async () => {
  const stream = new PassThrough()
  const teller = plainView(stream, { json: false, diff: false, verbosity: NORMAL }, { silenceMs: 20 })
  teller.tell(started(['a']))
  teller.tell(step('a', 'install'))
  let text = ''
  while (text.split('... base: install, for').length < 3) {
    await new Promise((done) => setTimeout(done, 10))
    text += String(stream.read() ?? '')
  }
  teller.end()
})

test('on GitHub the log is folded, and no output of a host is a command to the runner', () => {
  const folding = foldingFor({ GITHUB_ACTIONS: 'true' }, () => 'w0rd')
  assert.is(folding?.begin('Applying'), '::group::Applying\n::stop-commands::w0rd\n')
  assert.is(folding?.unfold(), '::w0rd::\n::endgroup::\n::stop-commands::w0rd\n')
  assert.is(folding?.end(), '::w0rd::\n')
})

test('a log that is not folded takes no commands either', () => {
  const folding = foldingFor({ GITHUB_ACTIONS: 'true' }, () => 'w0rd')
  assert.equal([folding?.begin(), folding?.unfold(), folding?.end()], ['::stop-commands::w0rd\n', '', '::w0rd::\n'])
})

test('commands that show output of hosts give the runner no commands, and add nothing to data', () => {
  const said = (command: string, env: NodeJS.ProcessEnv = { GITHUB_ACTIONS: 'true' }) =>
    stopsWorkflowCommands(command, env, () => 'w0rd')
  for (const command of ['run', 'copy', 'ssh', 'facts', 'ping', 'runs', 'history', 'plan', 'drift'])
    assert.is(said(command), '::stop-commands::w0rd\n', command)
  assert.is(said('run', {}), '')
  // The first folds by itself, the second gives commands of its own.
  assert.equal([said('check'), said('report')], ['', ''])
})

test('on GitLab the log is a section', () => {
  const folding = foldingFor({ GITLAB_CI: 'true' }, undefined, () => 5000)
  assert.is(folding?.begin('Applying'), '\x1b[0Ksection_start:5:rolecall\r\x1b[0KApplying\n')
  assert.is(folding?.unfold(), '\x1b[0Ksection_end:5:rolecall\r\x1b[0K\n')
  assert.is(foldingFor({}), undefined)
})

test('a log ends with the recap', () => {
  const text = told([started(['a']), unitEnd('a'), summary('apply', { a: { ok: 1 } })])
  assert.match(text, 'site applied in 1.2 s')
})

test.run()
