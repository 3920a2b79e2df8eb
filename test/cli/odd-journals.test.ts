import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostHistory } from '../../lib/cli/history/host-history.ts'
import { localProject, rolecall } from '../support/project.ts'

const test = suite('journals that tell less than they should')
const project = localProject()
const runs = join(project, '.rolecall/runs')
await rolecall(project, ['apply', 'site', '--no-types'])
const [first] = JSON.parse((await rolecall(project, ['runs', '--json'])).out) as { run: string }[]
const run = first?.run ?? ''
const whole = readFileSync(join(runs, `${run}.jsonl`), 'utf8')

/** The whole journal, and another one under this name. */
function withJournal(name: string, text: string): void {
  rmSync(join(project, '.rolecall'), { recursive: true })
  mkdirSync(runs, { recursive: true, mode: 0o700 })
  writeFileSync(join(runs, `${run}.jsonl`), whole, { mode: 0o600 })
  writeFileSync(join(runs, `${name}.jsonl`), text, { mode: 0o600 })
}

const LATER = '20991231-000000-later'

for (const [what, spoil, why] of [
  [
    'of a newer version',
    () => withJournal(LATER, whole.replace('"version":1', '"version":99')),
    /does not begin as one/,
  ],
  [
    'that is a link to nothing',
    () => {
      withJournal(LATER, '')
      rmSync(join(runs, `${LATER}.jsonl`))
      symlinkSync('/nowhere', join(runs, `${LATER}.jsonl`))
    },
    /is a link to a file that is not there/,
  ],
] as const)
  test(`a journal ${what} is named by each command that would have read it`, async () => {
    for (const [args, word] of [
      [['runs'], 'is not listed'],
      [['history', 'here'], 'is missing here'],
      [['resume'], 'is not resumed'],
      [['drift', 'site', '--no-types'], 'is not compared'],
      [['runs', 'show'], 'cannot be shown'],
      [['report', '-o', 'run.html'], 'cannot be shown'],
      [['report', '--junit', 'run.xml'], 'cannot be shown'],
    ] as const) {
      spoil()
      const { err } = await rolecall(project, args)
      assert.match(err, new RegExp(`${LATER}.*${word}.*${why.source}`), args.join(' '))
    }
  })

test('lines that cannot be read are counted, and the rest is shown', async () => {
  const lines = whole.split('\n')
  const at = lines.findIndex((line) => line.includes('"type":"resource"'))
  lines[at] = '{"type":"resource", torn'
  withJournal(run, lines.join('\n'))
  const told = /1 line of the journal of \S+ cannot be read: something is missing here/
  const shown = await rolecall(project, ['runs', 'show'])
  assert.match(shown.err, told)
  assert.match(shown.out, /^damaged {2}1 line of the journal cannot be read: something is missing here$/m)
  assert.match((await rolecall(project, ['runs', 'show', '--json'])).err, told)
  assert.match((await rolecall(project, ['report', '-o', 'run.html', '--junit', 'run.xml'])).err, told)
  assert.match(readFileSync(join(project, 'run.html'), 'utf8'), /1 line of the journal cannot be read/)
})

test('after the clock was set back, the last run is told as one that began in the future', async () => {
  const at = Date.now() + 86_400_000
  const later = whole.replaceAll(run, LATER).replace(/"at":\d+/, `"at":${at}`)
  withJournal(LATER, later)
  const { out, err } = await rolecall(project, ['runs', 'show'])
  assert.match(out, LATER)
  assert.match(err, `${LATER} began in the future by the clock of this machine`)
})

test('a change is in the history since then, also where its run began before', () => {
  const began = new Date('2026-11-30T23:59:00Z').getTime()
  const changed = new Date('2026-12-01T00:01:00Z').getTime()
  const name = '20261130-235900-night'
  const lines = whole.replaceAll(run, name).split('\n')
  withJournal(
    name,
    lines.map((line) => line.replace(/"at":\d+/, `"at":${line.includes('"changed"') ? changed : began}`)).join('\n'),
  )
  const since = new Date('2026-12-01T00:00:00Z').getTime()
  assert.equal(
    hostHistory('here', runs, since).flatMap((each) => (each.run === name ? [each.what] : [])),
    ['changed'],
  )
})

test('a journal that its owner cannot read is named', async () => {
  if (process.geteuid?.() === 0) return
  withJournal(LATER, whole.replaceAll(run, LATER))
  chmodSync(join(runs, `${LATER}.jsonl`), 0)
  for (const args of [['runs'], ['history', 'here'], ['runs', 'show']])
    assert.match((await rolecall(project, args)).err, /cannot be read \(EACCES\)/)
})

test.run()
