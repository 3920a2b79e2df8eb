import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  dir,
  exec,
  file,
  play,
  playbook,
  role,
  run,
  sh,
  type AnyRole,
  type Mode,
  type Play,
  type RunEvent,
} from '../../lib/index.ts'

const room = mkdtempSync(join(tmpdir(), 'delegation-'))
test.after(() => rmSync(room, { recursive: true }))
test.before.each(() => {
  rmSync(join(room, 'hosts'), { recursive: true, force: true })
  for (const name of ['lb', 'web-1', 'web-2', 'web-3']) mkdirSync(join(room, 'hosts', name), { recursive: true })
})
const on = (host: string, ...path: readonly string[]) => join(room, 'hosts', host, ...path)

async function ran(mode: Mode, roles: readonly AnyRole[], more: Partial<Play> = {}) {
  const inventory = join(room, 'hosts.yml')
  const local = '{ ansible_connection: local }'
  writeFileSync(
    inventory,
    `all: { hosts: { lb: ${local}, web-1: ${local}, web-2: ${local}, web-3: ${local} }, children: { web: { hosts: { web-1: , web-2: , web-3: } } } }\n`,
  )
  const book = playbook({ name: 'test', plays: [{ name: 'web', hosts: 'web', ...more, roles }] })
  const events: RunEvent[] = []
  for await (const event of run(book, { mode, inventory, journal: false })) events.push(event)
  const summary = events.at(-1)
  return {
    told: events.flatMap((event) =>
      event.type === 'resource' ? [`${event.host} ${event.resource.split('/').at(-1) ?? ''} ${event.status}`] : [],
    ),
    problems: events.flatMap((event) => (event.type === 'problem' ? [event.problem] : [])),
    notes: events.flatMap((event) => (event.type === 'note' ? [`${event.host}: ${event.message}`] : [])),
    ends: events.flatMap((event) => (event.type === 'unit-end' ? [`${event.host} ${event.end}`] : [])).toSorted(),
    summary: summary?.type === 'summary' ? summary : undefined,
  }
}

/** Out of the balancer, the release, and into the balancer again: only where the release is another one. */
const deploy = (release: string) =>
  role({
    name: 'deploy',
    async apply({ ensure, changes, site, host }) {
      const balancer = site.host('lb')
      const state = (word: string) => file(on('lb', `${host.name}.conf`), { content: `server ${host.name} ${word};\n` })
      const app = file(on(host.name, 'release'), { content: `${release}\n` })
      if (await changes(app)) await balancer.ensure(state('down'))
      await ensure(app)
      await balancer.ensure(state('up'))
    },
  })

test('a host is drained, deployed and undrained: check predicts what apply does, and a second apply does nothing', async () => {
  const first = await ran('check', [deploy('one')], { serial: 1 })
  const applied = await ran('apply', [deploy('one')], { serial: 1 })
  assert.equal(applied.told, first.told)
  assert.equal(applied.told.slice(0, 3), ['lb web-1.conf changed', 'web-1 release changed', 'lb web-1.conf changed'])
  assert.is(readFileSync(on('lb', 'web-3.conf'), 'utf8'), 'server web-3 up;\n')
  const again = await ran('apply', [deploy('one')])
  assert.equal(
    again.told.filter((line) => !line.endsWith(' ok')),
    [],
  )
  const check = await ran('check', [deploy('two')], { serial: 1 })
  const next = await ran('apply', [deploy('two')], { serial: 1 })
  assert.equal(next.told, check.told)
  assert.is(next.told.filter((line) => line.startsWith('lb ')).length, 6)
})

test('the other host is in the report and in the sums, although the run does not include it', async () => {
  const { summary } = await ran('apply', [deploy('one')])
  assert.is(summary?.hosts['lb']?.changed, 6)
  assert.is(summary?.hosts['web-1']?.changed, 1)
})

test('roles that change one other host at the same time take turns there', async () => {
  const counting = role({
    name: 'counting',
    async apply({ site, host }) {
      const add = `n=$(cat ${on('lb', 'count')} 2>/dev/null || echo 0); sleep 0.1; echo $((n + 1)) >${on('lb', 'count')}`
      await site.host('lb').ensure(exec(`count ${host.name}`, { run: add, changedBy: [0] }))
    },
  })
  await ran('apply', [counting])
  assert.is(readFileSync(on('lb', 'count'), 'utf8'), '3\n')
})

test('a failure on the other host fails the role that asked for it, with the name of that host', async () => {
  const failing = role({
    name: 'failing',
    async apply({ site }) {
      await site.host('lb').ensure(exec('breaks', { run: 'exit 3', changedBy: [0] }))
    },
  })
  const { problems, ends, summary } = await ran('apply', [failing], { serial: 1, maxFailures: 0 })
  assert.equal([problems[0]?.host, problems[0]?.role, problems[0]?.resource], ['lb', 'failing', 'exec:breaks'])
  assert.equal(ends, ['web-1 failed', 'web-2 skipped', 'web-3 skipped'])
  assert.is(summary?.ok, false)
})

test('a role reads a file of another host: in check mode its predicted content', async () => {
  const reading = role({
    name: 'reading',
    async apply({ site, note, ensure, host }) {
      const authority = site.host('lb')
      const before = await authority.read(on('lb', 'ca.pem'))
      await authority.ensure(file(on('lb', 'ca.pem'), { content: 'authority\n' }))
      const after = await authority.read(on('lb', 'ca.pem'))
      note(before ?? 'none')
      await ensure(file(on(host.name, 'trusted.pem'), { content: after ?? 'nobody' }))
    },
  })
  const check = await ran('check', [reading], { serial: 1 })
  assert.ok(!existsSync(on('lb', 'ca.pem')))
  const applied = await ran('apply', [reading], { serial: 1 })
  assert.equal(applied.told, check.told)
  assert.is(readFileSync(on('web-2', 'trusted.pem'), 'utf8'), 'authority\n')
  const played = await play(reading, {
    site: { lb: [{ name: 'lb', address: '192.0.2.1', files: { [on('lb', 'ca.pem')]: 'given' } }] },
  })
  assert.equal(played.notes, ['given'])
})

test('while the content of a file is unknown, a role may go on with something else', async () => {
  const token = () =>
    exec('token', {
      run: `echo made >${on('lb', 'token')}`,
      creates: on('lb', 'token'),
      effects: [{ type: 'path', path: on('lb', 'token'), state: { type: 'file' } }],
    })
  const reading = role({
    name: 'reading',
    async apply({ site, ensure, host }) {
      await site.host('lb').ensure(token())
      const said = await site.host('lb').read(on('lb', 'token'), { whilePending: '' })
      await ensure(file(on(host.name, 'token'), { content: said ?? 'none' }))
    },
  })
  const check = await ran('check', [reading], { serial: 1 })
  assert.equal(
    check.told.filter((line) => line.endsWith('unknown')),
    [],
  )
  assert.equal((await ran('apply', [reading], { serial: 1 })).told, check.told)
  assert.is(readFileSync(on('web-2', 'token'), 'utf8'), 'made\n')
})

const migrating = (per?: 'play' | 'batch') =>
  role({
    name: 'migrating',
    async apply({ ensure, once, host, note }) {
      const first = await once(
        'migrate',
        () => ensure(file(on('lb', `migrated-by-${host.name}`), { content: '' })).then(() => host.name),
        per && { per },
      )
      note(first)
      await ensure(dir(on(host.name, 'after')))
    },
  })

test('something is done once for a play, and all hosts have its result before they go on', async () => {
  const check = await ran('check', [migrating()])
  const { told } = await ran('apply', [migrating()])
  // Whichever host comes first does it.
  const which = (lines: readonly string[]) => lines.map((line) => line.replace(/^.*migrated.*$/, 'migrated')).toSorted()
  assert.equal(which(told), which(check.told))
  assert.is(told.filter((line) => line.includes('migrated')).length, 1)
  assert.is(told.filter((line) => line.includes('after changed')).length, 3)
})

test('something is done once for a batch', async () => {
  const { told } = await ran('apply', [migrating('batch')], { serial: [1, 2] })
  assert.is(told.filter((line) => line.includes('migrated')).length, 2)
})

test('what is done once and fails, fails on every host that waits for it', async () => {
  const failing = role({
    name: 'failing',
    async apply({ ensure, once }) {
      await once('migrate', () => ensure(exec('breaks', { run: 'exit 3', changedBy: [0] })))
    },
  })
  const { ends, problems } = await ran('apply', [failing])
  assert.equal(ends, ['web-1 failed', 'web-2 failed', 'web-3 failed'])
  assert.is(
    problems.filter(({ message }) => /"migrate", which is done once for the play, failed on web-/.test(message)).length,
    2,
  )
})

test('a host that is not in the inventory is refused, with the nearest name; a group gets a message of its own', async () => {
  const lost = (name: string) => role({ name: 'lost', apply: ({ site }) => Promise.resolve(void site.host(name)) })
  assert.is((await ran('check', [lost('web-4')])).problems[0]?.code, 'pattern')
  assert.match((await ran('check', [lost('wep-1')])).problems[0]?.hint ?? '', /did you mean "web-1"/)
  assert.match((await ran('check', [lost('web')])).problems[0]?.hint ?? '', /site.hosts\('web'\) gives its hosts/)
})

test('play() tells what a role asked for on other hosts', async () => {
  const { asked, elsewhere } = await play(deploy('one'), {
    host: { name: 'web-1' },
    site: { lb: [{ name: 'lb', address: '192.0.2.9' }] },
  })
  assert.is(asked.length, 1)
  assert.equal(
    elsewhere.map(({ host, resource }) => [host, resource.kind]),
    [
      ['lb', 'file'],
      ['lb', 'file'],
    ],
  )
  assert.not.ok(existsSync(on('web-1', 'release')))
})

/** Asks a host for a token there, after something was made there for it, and writes the token down here. */
const joining = role({
  name: 'joining',
  async apply({ ensure, site, host }) {
    const token = await site.on('lb', async (there) => {
      await there.ensure(dir(on('lb', 'tokens')))
      const made = await there.$({
        creates: on('lb', 'tokens', host.name),
      })`echo made >${on('lb', 'tokens', host.name)}`
      const said = await there.$.read`echo ${`token of ${host.name}`}`
      there.note(`${there.host.os.family === host.os.family ? 'same' : 'another'} family, ${made.status}`)
      return said.stdout.trim()
    })
    await ensure(file(on(host.name, 'token'), { content: `${token}\n` }))
  },
})

test('a part of a role runs on another host: its commands, its resources, its facts, and what it returns', async () => {
  const check = await ran('check', [joining], { serial: 1 })
  assert.not.ok(existsSync(on('lb', 'tokens')))
  const applied = await ran('apply', [joining], { serial: 1 })
  assert.equal(applied.problems, [])
  assert.equal(applied.told, check.told)
  assert.equal(applied.told.slice(0, 3), ['lb tokens changed', 'lb web-1 changed', 'web-1 token changed'])
  assert.equal(applied.notes.slice(0, 1), ['lb: same family, changed'])
  assert.is(readFileSync(on('web-3', 'token'), 'utf8'), 'token of web-3\n')
  const again = await ran('apply', [joining])
  assert.equal(
    again.told.filter((line) => !line.endsWith(' ok')),
    [],
  )
})

test('a command on another host that looks at what is pending there ends the prediction, there and here', async () => {
  const looking = role({
    name: 'looking',
    async apply({ ensure, site, host }) {
      const size = await site.on('lb', async ({ $, ensure: make }) => {
        await make(file(on('lb', 'list'), { content: 'one\n' }))
        return (await $.read`wc -c <${on('lb', 'list')}`).stdout.trim()
      })
      await ensure(file(on(host.name, 'size'), { content: size }))
    },
  })
  const after = role({
    name: 'after',
    async apply({ site }) {
      await site.host('lb').ensure(file(on('lb', 'later'), { content: 'later\n' }))
    },
  })
  const { told, problems } = await ran('check', [looking, after], { serial: 1 })
  assert.equal(problems, [])
  assert.equal(told.slice(0, 2), ['lb list changed', 'web-1 role:looking unknown'])
  assert.is(told.filter((line) => line === 'web-2 role:looking unknown').length, 1)
  await ran('apply', [looking, after], { serial: 1 })
  assert.is(readFileSync(on('web-2', 'size'), 'utf8'), '4')
  assert.equal(
    (await ran('check', [looking, after], { serial: 1 })).told.filter((line) => !line.endsWith(' ok')),
    [],
  )
})

test('what a role leaves unknown of another host that it changes is unknown to later roles there', async () => {
  const cut = role({
    name: 'cut',
    async apply({ site }) {
      await site.on('lb', async ({ $, ensure }) => {
        await ensure(file(on('lb', 'list'), { content: 'one\n' }))
        const { stdout } = await $.read`cat ${on('lb', 'list')}`
        await ensure(exec('rebuild', { run: `echo ${stdout.trim()} >${on('lb', 'built')}`, unless: 'false' }))
      })
    },
  })
  const using = role({
    name: 'using',
    async apply({ site }) {
      await site
        .host('lb')
        .ensure(exec('use', { run: 'true', unless: `grep -q one ${on('lb', 'built')}`, allowFailure: true }))
    },
  })
  const { told } = await ran('check', [cut, using], { hosts: 'web-1' })
  assert.equal(told, ['lb list changed', 'web-1 role:cut unknown', 'lb exec:use unknown'])
})

test('a failure there fails the role, and a part that nobody awaits is refused with its place', async () => {
  const failing = role({
    name: 'failing',
    async apply({ site }) {
      await site.on('lb', async ({ ensure }) => {
        await ensure(exec('breaks', { run: 'exit 3', changedBy: [0] }))
      })
    },
  })
  const { problems, ends } = await ran('apply', [failing], { hosts: 'web-1' })
  assert.equal([problems[0]?.host, problems[0]?.role, problems[0]?.resource], ['lb', 'failing', 'exec:breaks'])
  assert.equal(ends, ['web-1 failed'])
  const forgetting = role({
    name: 'forgetting',
    apply({ site }) {
      void site.on('lb', async ({ ensure }) => void (await ensure(file(on('lb', 'lost'), { content: '' }))))
      return Promise.resolve()
    },
  })
  const forgotten = await ran('apply', [forgetting], { hosts: 'web-1' })
  assert.is(forgotten.problems[0]?.code, 'not-awaited')
  assert.match(forgotten.problems[0]?.place?.file ?? '', /delegation\.test\.ts$/)
  assert.not.ok(existsSync(on('lb', 'lost')))
})

test('play() tells what a role asked for and ran elsewhere, with answers and facts of the test', async () => {
  const { elsewhere, commandsElsewhere, commands, asked, notes } = await play(joining, {
    host: { name: 'web-1' },
    site: {
      lb: [
        {
          name: 'lb',
          address: '192.0.2.9',
          facts: { os: { family: 'el', id: 'rocky', version: '9', name: 'Rocky Linux 9' } },
          answers: () => ({ stdout: 'from the test\n' }),
        },
      ],
    },
  })
  assert.equal(
    elsewhere.map(({ host, resource }) => [host, resource.kind]),
    [
      ['lb', 'dir'],
      ['lb', 'exec'],
    ],
  )
  assert.equal(
    commandsElsewhere.map(({ host }) => host),
    ['lb'],
  )
  assert.equal([commands, asked.length, notes], [[], 1, ['another family, changed']])
})

test('what a role reads in a row is one round trip, on its own host and on another one', async () => {
  for (const name of ['a', 'b', 'c'])
    for (const host of ['web-1', 'lb']) writeFileSync(on(host, name), `${name} of ${host}`)
  const seen: unknown[] = []
  const reading = (count: number) =>
    role({
      name: 'reading',
      async apply({ exists, host, read, site }) {
        if (host.name !== 'web-1') return
        const names = ['a', 'b', 'c', 'missing'].slice(4 - count)
        seen.push(await Promise.all(names.map(async (name) => await read(on('web-1', name)))))
        seen.push(await Promise.all(names.map(async (name) => await exists(on('web-1', name)))))
        seen.push(await Promise.all(names.map(async (name) => await site.host('lb').read(on('lb', name)))))
      },
    })
  const trips = async (count: number) => {
    const { summary } = await ran('apply', [reading(count)])
    return ['web-1', 'lb'].map((name) => summary?.hosts[name]?.roundTrips)
  }
  const [one, four] = [await trips(1), await trips(4)]
  assert.equal(four, one)
  assert.equal(seen.slice(3), [
    ['a of web-1', 'b of web-1', 'c of web-1', undefined],
    [true, true, true, false],
    ['a of lb', 'b of lb', 'c of lb', undefined],
  ])
})

test('what several hosts read of another one at the same time is one round trip', async () => {
  for (const name of ['a', 'b']) writeFileSync(on('lb', name), `${name} of lb`)
  const trips = async (readers: readonly string[]) => {
    rmSync(on('lb', 'slow'), { force: true })
    const seen: unknown[] = []
    let go = (): void => undefined
    const begun = new Promise<void>((resolve) => (go = resolve))
    const slow = exec('slow', { run: sh`sleep 0.5; touch ${on('lb', 'slow')}`, creates: on('lb', 'slow'), effects: [] })
    const reading = role({
      name: 'reading',
      async apply({ host, site }) {
        const lb = site.host('lb')
        if (host.name === 'web-1') {
          const work = lb.ensure(slow)
          go()
          await work
        } else if (readers.includes(host.name)) {
          await begun
          const own = host.name === 'web-2' ? 'a' : 'b'
          seen.push(...(await Promise.all([lb.read(on('lb', own)), lb.read(on('lb', 'a'))])))
        }
      },
    })
    const { summary, problems } = await ran('apply', [reading])
    assert.equal(problems, [])
    return { trips: summary?.hosts['lb']?.roundTrips, seen: seen.toSorted() }
  }
  const [one, two] = [await trips(['web-2']), await trips(['web-2', 'web-3'])]
  assert.equal(
    [one.seen, two.seen],
    [
      ['a of lb', 'a of lb'],
      ['a of lb', 'a of lb', 'a of lb', 'b of lb'],
    ],
  )
  assert.is(two.trips, one.trips)
})

test('what is read after a change is read after the change, awaited or not', async () => {
  writeFileSync(on('web-1', 'it'), 'before')
  const seen: unknown[] = []
  const reading = role({
    name: 'reading',
    async apply({ ensure, host, read }) {
      if (host.name !== 'web-1') return
      const change = async () => {
        await ensure(file(on('web-1', 'it'), { content: 'after' }))
      }
      const [before, , after] = await Promise.all([read(on('web-1', 'it')), change(), read(on('web-1', 'it'))])
      seen.push(before, after)
    },
  })
  const { problems } = await ran('apply', [reading])
  assert.equal(problems, [])
  assert.equal(seen, ['before', 'after'])
})

test('a file that cannot be read fails the role, whatever is read beside it', async () => {
  writeFileSync(on('web-1', 'it'), 'text')
  const reading = role({
    name: 'reading',
    async apply({ host, read }) {
      if (host.name === 'web-1') await Promise.all([read(on('web-1', 'it')), read(on('web-1'))])
    },
  })
  const { problems } = await ran('apply', [reading])
  assert.equal(
    problems.map(({ message }) => message.replace(room, '')),
    ['cannot read /hosts/web-1'],
  )
})

test.run()
