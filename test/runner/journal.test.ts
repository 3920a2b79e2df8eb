import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, playbook, role, run, secret, z, type RunEvent } from '../../lib/index.ts'
import { newRunId, openJournal } from '../../lib/runner/journal/journal.ts'
import { pastOf } from '../../lib/runner/journal/past-run.ts'
import { pastRun, pastRuns } from '../../lib/runner/journal/run-history.ts'
import { withoutSecrets } from '../../lib/runner/journal/request.ts'
import { projectOf } from '../support/project.ts'

const project = projectOf({
  'inventory/hosts.yml': 'all:\n  hosts: { a: , b: }\n  vars: { ansible_connection: local }\n',
})
const inventory = join(project, 'inventory')
const journal = join(project, 'runs')

/** Three roles; the second ends with an error on b while `broken` is there. */
const broken = join(project, 'broken')
const keeps = (name: string) =>
  role({
    name,
    apply: async ({ ensure, host }) => {
      await ensure(file(join(project, `${name}-${host.name}`), { content: name }))
    },
  })
const fragile = role({
  name: 'fragile',
  vars: z.object({ token: z.string().default('none').transform(secret), size: z.number().default(1) }),
  apply: async ({ read, host }) => {
    if (host.name === 'b' && (await read(broken)) !== undefined) throw new Error('not now')
  },
})
const site = playbook({
  name: 'site',
  plays: [{ name: 'all', hosts: 'all', roles: [keeps('one'), fragile, keeps('three')] }],
})

async function events(of: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const event of of) all.push(event)
  return all
}
const apply = (more: Partial<Parameters<typeof run>[1]> = {}) =>
  events(run(site, { mode: 'apply', inventory, journal, ...more }))
const latest = () => pastRuns(journal).at(-1)
const textOf = (id: string) => readFileSync(join(journal, `${id}.jsonl`), 'utf8')

test('a failed run lists what is left, and a resumed one probes what was finished and does the rest', async () => {
  writeFileSync(broken, '')
  await apply()
  const first = latest()
  assert.equal([first?.end, first?.units, first?.left], ['failed', 6, 2])

  writeFileSync(broken, '')
  const past = pastRun(undefined, journal)
  assert.is(past.run, first?.run)
  const again = await apply({ ...past.request, resume: past })
  const told = again.find((event) => event.type === 'resumed')
  assert.equal([told?.run, told?.finished, told?.units, told?.changed], [past.run, 4, 6, []])
  assert.is(latest()?.end, 'failed')

  rmSync(broken)
  rmSync(join(project, 'one-a'))
  const second = pastRun(undefined, journal)
  assert.is(second.resumes, past.run)
  const last = await apply({ ...second.request, resume: second })
  const ends = last.flatMap((event) =>
    event.type === 'unit-end' ? [`${event.role} ${event.host}${event.asBefore === true ? ' as before' : ''}`] : [],
  )
  // What somebody has changed meanwhile is repaired, although it had been finished.
  assert.equal(ends.sort(), [
    'fragile a as before',
    'fragile b',
    'one a',
    'one b as before',
    'three a as before',
    'three b',
  ])
  assert.is(latest()?.end, 'done')
  assert.throws(() => pastRun(undefined, journal), /nothing to resume/)
})

test('a journal cut at any byte has the events before the cut, and no others', async () => {
  writeFileSync(broken, '')
  await apply()
  const whole = latest()
  assert.ok(whole)
  // As if the process that wrote it were gone.
  const text = textOf(whole.run).replace(/"pid":\d+/, '"pid":999999999')
  // What git says of the project may come after the summary.
  const end = text.indexOf('\n', text.indexOf('"type":"summary"')) + 1
  let known = 0
  let finished = 0
  for (let cut = 0; cut <= text.length; cut++) {
    const past = pastOf(text.slice(0, cut), () => undefined)
    if (past === undefined) {
      assert.is(known, 0, `a run that was known at byte ${known} is not at byte ${cut}`)
      continue
    }
    known ||= cut
    assert.ok(past.finished.size >= finished && past.finished.size <= whole.finished.size)
    finished = past.finished.size
    assert.is(past.end, cut < end ? 'crashed' : 'failed', `at byte ${cut}`)
    assert.ok(past.left > 0)
  }
  assert.is(known, text.indexOf('\n') + 1)
  assert.is(finished, 4)
})

test('damaged lines are skipped', () => {
  const whole = latest()
  assert.ok(whole)
  const [opening = '', ...others] = textOf(whole.run).split('\n')
  const zeros = '\0'.repeat(4096)
  assert.equal(
    pastOf([opening, zeros, '{"type":', ...others].join('\n'), () => undefined),
    whole,
  )
  assert.is(
    pastOf(`${zeros}\n${others.join('\n')}`, () => undefined),
    undefined,
  )
})

test('names of runs sort by when they began, to the millisecond', () => {
  const at = Date.UTC(2026, 0, 31, 12, 1, 7)
  const names = [0, 1, 35, 36, 999, 1000].map((ms) => newRunId(new Date(at + ms)))
  assert.match(names[0] ?? '', /^20260131-120107-00\w{3}$/)
  assert.equal(names.toSorted(), names)
})

test('a journal belongs to one run: another with its name is refused by the file system', () => {
  const whole = latest()
  assert.ok(whole)
  const opening = JSON.parse(textOf(whole.run).split('\n')[0] ?? '') as Parameters<typeof openJournal>[1]
  assert.throws(() => openJournal(journal, opening, { diffs: false }), /EEXIST/)
})

test('a run that still runs is not resumed', async () => {
  for await (const event of run(site, { mode: 'apply', inventory, journal })) {
    if (event.type !== 'run') continue
    assert.is(latest()?.end, 'running')
    assert.throws(() => pastRun(event.run, journal), /still running/)
  }
})

test('a later run of the same settles an earlier one', async () => {
  writeFileSync(broken, '')
  await apply()
  const failed = latest()?.run
  await apply({ roles: ['one'] })
  assert.is(pastRun(undefined, journal).run, failed, 'another selection does not')
  rmSync(broken)
  await apply()
  assert.throws(() => pastRun(undefined, journal), /nothing to resume/)
  assert.is(pastRun(failed, journal).run, failed, 'one that is named is taken')
})

test('a changed inventory is reported', async () => {
  writeFileSync(broken, '')
  await apply()
  writeFileSync(
    join(inventory, 'hosts.yml'),
    'all:\n  hosts: { a: , b: , c: }\n  vars: { ansible_connection: local }\n',
  )
  const past = pastRun(undefined, journal)
  const told = (await apply({ ...past.request, resume: past })).find((event) => event.type === 'resumed')
  assert.equal(told?.changed, ['inventory'])
  assert.equal([told?.finished, told?.units], [4, 9])
})

test('secrets of -e are not in the journal, and must be given again', async () => {
  writeFileSync(broken, '')
  await apply({ extra: ['fragile.token=hunter22', 'fragile.size=7'] })
  const past = pastRun(undefined, journal)
  assert.equal([past.request.extra, past.request.withheld], [['fragile.size=7'], ['fragile.token']])
  for (const name of readdirSync(journal)) assert.not.match(readFileSync(join(journal, name), 'utf8'), 'hunter22')
  const refused = await apply({ ...past.request, resume: past }).catch((error: unknown) => error)
  assert.match(String(refused), 'secrets are not recorded')
  const given = ['fragile.token=hunter22', ...past.request.extra]
  assert.ok((await apply({ ...past.request, extra: given, resume: past })).some(({ type }) => type === 'summary'))
})

const extras: readonly [argument: string, isKept: boolean][] = [
  ['dns.listen=10.0.0.1', true],
  ['@site.yml', true],
  ['ansible_user=root', true],
  ['ansible_become_password=x1', false],
  ['app.settings={ apiKey: 1234 }', false],
  ['app.settings={ db: { password: 1234 } }', false],
  ['app.mirror=https://me:pw@mirror.example', false],
  ['app.mirror=https://mirror.example/x', true],
  ['{"app": {"port": 1}}', false],
]
for (const [argument, isKept] of extras) {
  test(`-e ${argument} is ${isKept ? 'kept' : 'only named'}`, () => {
    const { extra, withheld } = withoutSecrets([argument], [])
    assert.equal(
      [extra, withheld],
      isKept ? [[argument], []] : [[], [argument.startsWith('{') ? '{...}' : argument.split('=')[0]]],
    )
  })
}

test.run()
