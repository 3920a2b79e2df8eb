import { execFileSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { outdated } from '../../lib/cli/history/prune.ts'
import { hostHistory, sinceOf } from '../../lib/cli/history/host-history.ts'
import { runLines } from '../../lib/cli/history/run-rows.ts'
import type { PastRun } from '../../lib/runner/journal/past-run.ts'
import { listedRun } from '../../lib/runner/run-index/run-index.ts'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('runs show, history and prune')
const project = localProject()
const role = readFileSync(join(project, 'roles/motd.ts'), 'utf8')
const journals = join(project, '.rolecall/runs')
write(project, {
  'roles/motd.ts': role
    .replace('await ensure(', "await $({ creates: '/nowhere' })`echo first; echo second >&2; false`\n    await ensure(")
    .replace('{ ensure, vars }', '{ ensure, vars, $ }'),
})

test('runs show tells what a run did, and what its steps printed on both streams', async () => {
  assert.is((await rolecall(project, ['apply', 'site', '--no-types'])).code, 2)
  const { code, out } = await rolecall(project, ['runs', 'show'])
  assert.is(code, 0)
  // A report is read in other time zones too.
  assert.match(out, /^when {5}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT/m)
  assert.match(out, /^command {2}rolecall apply site$/m)
  assert.match(out, 'here  | first\n')
  assert.match(out, 'here  ! second\n')
  assert.match(out, /^Failed\n {2}roles\/motd\.ts:\d+:\d+/m)
})

test('runs show --json gives the events, one a line', async () => {
  const { out } = await rolecall(project, ['runs', 'show', '--json'])
  const types = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type)
  assert.equal([types[0], types.at(-1), types.includes('output')], ['run', 'summary', true])
})

test('a host may have a name that objects have for something else', async () => {
  const odd = localProject()
  write(odd, {
    'inventory/hosts.yml': `all:\n  hosts:\n${['__proto__', 'constructor', 'length'].map((name) => `    ${name}: { ansible_connection: local }\n`).join('')}`,
  })
  assert.is((await rolecall(odd, ['check', 'site', '--no-types', '--out', 'site.plan'])).code, 0)
  for (const command of [
    ['runs', 'show'],
    ['plan', 'show', 'site.plan'],
  ]) {
    const { out } = await rolecall(odd, command)
    assert.match(out, /^ {2}__proto__ +0 ok {2}1 would change/m)
    assert.match(out, /^site checked in .*: 3 would change on 3 hosts$/m)
  }
  assert.match((await rolecall(odd, ['runs'])).out, '3 would change')
})

test('a run is named by the end of its id', async () => {
  const [name = ''] = readdirSync(journals)
  const end = name.slice(-'1234.jsonl'.length, -'.jsonl'.length)
  assert.match((await rolecall(project, ['runs', 'show', end])).out, 'command  rolecall apply site')
  assert.match((await rolecall(project, ['runs', 'show', 'zzz'])).err, 'there is no run zzz')
  for (const word of ['last', 'latest', '-1'])
    assert.match((await rolecall(project, ['runs', 'show', '--', word])).err, 'without a name it is the last run')
})

test('a journal that was tampered with shows no escape sequences and no forged lines', async () => {
  const [name = ''] = readdirSync(journals)
  const evil = { type: 'note', host: 'here', message: '\x1b[2J<script>alert(1)</script>', at: 1 }
  appendFileSync(join(journals, name), `${JSON.stringify(evil)}\nnot json\n{"type":"note"}\n`)
  const { out } = await rolecall(project, ['runs', 'show'])
  assert.match(out, '\\x1b[2J<script>')
  assert.not.match(out, '\x1b')
})

test('the commit and whether files had changed are kept', async () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: project })
  git('init', '-q', '-b', 'main')
  write(project, { '.gitignore': '.rolecall\nmotd\n' })
  git('add', '.')
  git('commit', '-qm', 'one')
  await rolecall(project, ['check', 'site', '--no-types'])
  assert.match((await rolecall(project, ['runs', 'show'])).out, /^commit {3}[0-9a-f]{12} on main$/m)
  write(project, { 'new-file': '' })
  await rolecall(project, ['check', 'site', '--no-types'], {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'a/b',
    GITHUB_RUN_ID: '7',
  })
  const { out } = await rolecall(project, ['runs', 'show'])
  assert.match(out, /^commit {3}[0-9a-f]{12} on main, with uncommitted changes$/m)
  assert.match(out, /^ci {7}https:\/\/github\.com\/a\/b\/actions\/runs\/7$/m)
})

test('history lists what was done on a host, and what failed there', async () => {
  const { out } = await rolecall(project, ['history', 'here'])
  assert.match(out, /failed {7}exec:echo first/)
  assert.is(hostHistory('her', journals).length, 0)
  assert.is(hostHistory('here', journals, Date.now() + 60_000).length, 0)
  assert.match((await rolecall(project, ['history', 'here', '--since', 'soon'])).err, '--since soon is not a time')
})

test('history lists changes, and those of journals that call them by their old word', async () => {
  const own = localProject()
  assert.match((await rolecall(own, ['history', 'here'])).err, 'No run here changed here or failed on it')
  await rolecall(own, ['apply', 'site', '--no-types'])
  const { out } = await rolecall(own, ['history', 'here'])
  assert.match(out, /^\d{4}-.* {2}changed {6}file:.*: create\n$/)
  const directory = join(own, '.rolecall/runs')
  const [name = ''] = readdirSync(directory)
  const text = readFileSync(join(directory, name), 'utf8')
  writeFileSync(join(directory, name), text.replaceAll('"status":"changed"', '"status":"change"'))
  assert.is((await rolecall(own, ['history', 'here'])).out, out)
})

const now = new Date(2026, 10, 28, 15, 0) // a Saturday
const moments: readonly [text: string, at: Date | undefined][] = [
  ['today', new Date(2026, 10, 28)],
  ['yesterday', new Date(2026, 10, 27)],
  ['tue', new Date(2026, 10, 24)],
  ['Tuesday', new Date(2026, 10, 24)],
  ['sat', new Date(2026, 10, 21)],
  ['3d', new Date(2026, 10, 25, 15, 0)],
  ['12h', new Date(2026, 10, 28, 3, 0)],
  ['2026-11-02', new Date(2026, 10, 2)],
  ['soon', undefined],
  ['', undefined],
]
for (const [text, at] of moments) test(`--since ${text}`, () => assert.is(sinceOf(text, now), at?.getTime()))

const past = (run: string, daysAgo: number, more: Partial<PastRun> = {}): PastRun => ({
  run,
  at: now.getTime() - daysAgo * 86_400_000,
  by: { user: 'anna', machine: 'laptop', pid: 1 },
  request: { mode: 'apply', playbook: 'site', inventory: 'inventory', extra: [], withheld: [] },
  digests: { inventory: '' },
  hosts: ['a'],
  end: 'done',
  units: 1,
  finished: new Set(),
  left: 0,
  ...more,
})

test('prune keeps the latest run, recent ones, and those that resume needs', () => {
  const other = { mode: 'apply', playbook: 'other', inventory: 'inventory', extra: [], withheld: [] } as const
  const runs = [
    past('old', 200),
    past('first', 150, { request: other, end: 'failed', left: 1 }),
    past('open', 120, { request: other, end: 'failed', left: 1, resumes: 'first' }),
    past('older', 100),
    past('young', 10),
    past('last', 1),
  ]
  const gone = outdated(runs, { days: 90, keep: 1, now: now.getTime() }).map(({ run }) => run)
  assert.equal(gone, ['old', 'older'])
  assert.equal(outdated(runs, { days: 90, keep: 20, now: now.getTime() }), [])
})

test('the list of runs fits 80 columns, and only the last one with something left asks for resume', () => {
  const long = {
    mode: 'apply',
    playbook: 'a-playbook-with-a-name',
    inventory: 'i',
    extra: [],
    withheld: ['x.y'],
  } as const
  const runs = [
    past('20261128-152425-70ef', 3, { end: 'crashed', left: 1 }),
    past('20261128-152425-70ee', 2),
    past('20261128-152425-70ed', 1, { request: long, end: 'crashed', left: 1 }),
  ]
  const lines = runLines(runs.map(listedRun), 80)
  for (const line of lines) assert.ok(line.length <= 80, line)
  assert.equal(
    lines.filter((line) => line.includes('rolecall resume')),
    ['1 of 1 unit left  rolecall resume 20261128-152425-70ed -e x.y=...'],
  )
})

test('report writes one HTML file and the XML of JUnit, for the owner alone', async () => {
  const { code, out } = await rolecall(project, ['report', '-o', 'run.html', '--junit', 'run.xml'])
  assert.is(code, 0)
  assert.match(out, 'is written to run.html and run.xml')
  assert.match(readFileSync(join(project, 'run.html'), 'utf8'), '<title>site: ')
  assert.is(statSync(join(project, 'run.html')).mode & 0o077, 0)
  assert.match(readFileSync(join(project, 'run.xml'), 'utf8'), '<testsuites name="site">')
  assert.match((await rolecall(project, ['report'])).err, 'rolecall report -o run.html')
})

test('report --github appends the summary of the step', async () => {
  write(project, { 'summary.md': 'before\n' })
  const { code } = await rolecall(project, ['report', '--github'], { GITHUB_STEP_SUMMARY: join(project, 'summary.md') })
  assert.is(code, 0)
  assert.match(readFileSync(join(project, 'summary.md'), 'utf8'), /^before\n## .* site checked in /)
})

test('runs prune removes the journals', async () => {
  const before = readdirSync(journals).length
  assert.match(
    (await rolecall(project, ['runs', 'prune', '--days', '0', '--keep', '1', '--check'])).out,
    / would be removed/,
  )
  assert.is(readdirSync(journals).length, before)
  await rolecall(project, ['runs', 'prune', '--days', '0', '--keep', '1'])
  assert.ok(readdirSync(journals).length < before)
})

test('a journal directory that is none is told, and is no project without runs', async () => {
  for (const files of [{ '.rolecall': '' }, { '.rolecall/runs': '' }])
    for (const command of [
      ['runs'],
      ['runs', 'show'],
      ['history', 'here'],
      ['resume'],
      ['check', 'site', '--no-types'],
    ]) {
      const project = localProject()
      write(project, files)
      const { code, err } = await rolecall(project, command)
      assert.is(code, 1, `${command.join(' ')}: ${err}`)
      assert.match(
        err,
        /cannot (list|make the directory) \S*\.rolecall\S* on this machine: a .*(?:is not a directory|exists)\n {2}hint {6}move it away/,
        `${command.join(' ')}: ${err}`,
      )
    }
})

test.run()
