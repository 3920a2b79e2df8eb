import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  absent,
  dir,
  exec,
  file,
  line,
  link,
  playbook,
  role,
  run,
  sh,
  type ApplyContext,
  type Mode,
  type Play,
  type Resource,
  type RunEvent,
} from '../../lib/index.ts'
import { kind } from '../../lib/resources/kit/kind.ts'

const room = mkdtempSync(join(tmpdir(), 'rollback-'))
test.after(() => rmSync(room, { recursive: true }))
const kept = process.getuid?.() === 0 ? '/var/lib/rolecall/kept' : join(homedir(), '.cache/rolecall/kept')
const hosts = ['a', 'b', 'c', 'd']
const at = (host: string, ...path: readonly string[]) => join(room, host, ...path)
const text = (host: string, name: string) =>
  existsSync(at(host, name)) ? readFileSync(at(host, name), 'utf8') : undefined

let count = 0
/** A playbook of its own, so that nothing is kept from another test. */
let book = ''
test.before.each(() => {
  book = `rollback-${process.pid}-${count++}`
  for (const host of hosts) {
    rmSync(join(room, host), { recursive: true, force: true })
    mkdirSync(join(room, host))
    writeFileSync(at(host, 'release'), 'old\n')
  }
})

/** Stands for a service: it has what it read of a file when it was started last. */
const reader = (host: string, ...files: readonly string[]): Resource =>
  kind<{ readonly files: readonly string[] }, { readonly seen: boolean }>({
    name: 'reader',
    probe: () => sh`cat ${files} 2>/dev/null | cmp -s - ${at(host, 'seen')} && echo seen`,
    read: (_, { text: said }) => ({ seen: said === 'seen\n' }),
    plan: (_, { seen }) =>
      seen ? [] : [{ summary: 'restart the reader', sh: sh`cat ${files} >${at(host, 'seen')} 2>/dev/null; :` }],
    advanced: { follows: () => files },
  })('reader', { files })

type Work = (context: ApplyContext<Record<string, never>>) => Promise<unknown>

async function ran(mode: Mode, work: Work, more: Partial<Play> = {}, then: { readonly killAt?: string } = {}) {
  const inventory = join(room, 'hosts.yml')
  const each = hosts.map((name) => `${name}: { ansible_connection: local }`).join(', ')
  writeFileSync(inventory, `all: { hosts: { ${each} } }\n`)
  const deploy = role({ name: 'deploy', apply: (context) => work(context).then(() => undefined) })
  const plays = [
    { name: 'web', hosts: 'a:b:c', roles: [deploy], serial: [1, '100%'], rollback: 'files', ...more } as const,
  ]
  const events: RunEvent[] = []
  const stop = new AbortController()
  for await (const event of run(playbook({ name: book, plays }), {
    mode,
    inventory,
    journal: false,
    signal: stop.signal,
  })) {
    events.push(event)
    if (event.type === 'note' && event.message === then.killAt) stop.abort()
  }
  const summary = events.at(-1)
  return {
    told: events.flatMap((event) =>
      event.type === 'resource' && event.status !== 'ok'
        ? [`${event.host} ${event.role} ${event.status}: ${event.steps.join('; ').replaceAll(room, '')}`]
        : [],
    ),
    notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])),
    problems: events.flatMap((event) => (event.type === 'problem' ? [JSON.stringify(event.problem)] : [])),
    ok: summary?.type === 'summary' && summary.ok,
  }
}

const release = (host: string, content = 'new\n') => file(at(host, 'release'), { content })
const broken = exec('health', { run: 'false', changedBy: [] })

test('a failed batch gets its files back, new files are gone, and services that read them are restarted', async () => {
  writeFileSync(at('a', 'settings'), 'port 80\n', { mode: 0o640 })
  chmodSync(at('a', 'settings'), 0o640)
  symlinkSync('release', at('a', 'current'))
  writeFileSync(at('a', 'gone'), 'kept\n')
  writeFileSync(at('a', 'seen'), 'old\n')
  const { told, ok } = await ran('apply', async ({ ensure, host: { name } }) => {
    await ensure(
      release(name),
      line(at(name, 'settings'), { line: 'host b', create: true }),
      link(at(name, 'current'), { to: 'settings' }),
      absent(at(name, 'gone')),
      dir(at(name, 'made')),
      file(at(name, 'made/inside'), { content: 'x' }),
      reader(name, at(name, 'release')),
    )
    await ensure(broken)
  })
  assert.not.ok(ok)
  assert.equal([text('a', 'release'), text('a', 'settings'), text('a', 'gone')], ['old\n', 'port 80\n', 'kept\n'])
  assert.is(statSync(at('a', 'settings')).mode & 0o777, 0o640)
  assert.is(readlinkSync(at('a', 'current')), 'release')
  assert.not.ok(existsSync(at('a', 'made')))
  assert.is(text('a', 'seen'), 'old\n')
  assert.equal(told.slice(-2), [
    'a rollback changed: remove /a/made/inside; remove /a/made; put back /a/gone; put back /a/current; put back /a/settings; put back /a/release; forget what was kept',
    'a rollback changed: restart the reader',
  ])
  assert.equal(
    told.filter((each) => each.startsWith('b ')),
    [],
  )
})

test('earlier successful batches keep their changes', async () => {
  await ran('apply', async ({ ensure, host: { name } }) => {
    await ensure(release(name))
    if (name === 'c') await ensure(broken)
  })
  assert.equal(
    ['a', 'b', 'c'].map((host) => text(host, 'release')),
    ['new\n', 'old\n', 'old\n'],
  )
})

test('changes on another host are put back after it', async () => {
  writeFileSync(at('d', 'a.conf'), 'up\n')
  const { told } = await ran('apply', async ({ ensure, site, host: { name } }) => {
    const balancer = site.host('d')
    const state = (content: string) => file(at('d', `${name}.conf`), { content })
    await balancer.ensure(state('down\n'), reader('d', at('d', `${name}.conf`)))
    await ensure(release(name))
    await ensure(broken)
    await balancer.ensure(state('up\n'))
  })
  assert.equal([text('a', 'release'), text('d', 'a.conf'), text('d', 'seen')], ['old\n', 'up\n', 'up\n'])
  assert.equal(told.slice(-3), [
    'a rollback changed: put back /a/release; forget what was kept',
    'd rollback changed: put back /d/a.conf; forget what was kept',
    'd rollback changed: restart the reader',
  ])
})

test('an interrupted run can be resumed: it succeeds, or restores the state before the first run', async () => {
  const work =
    (content: string, ends: boolean): Work =>
    async ({ ensure, host: { name }, note, $ }) => {
      await ensure(release(name, content))
      if (content === 'half\n') {
        note('now')
        await $.read`sleep 60`
      }
      if (ends) await ensure(broken)
    }
  await ran('apply', work('half\n', false), {}, { killAt: 'now' })
  assert.is(text('a', 'release'), 'half\n')
  await ran('apply', work('other\n', true))
  assert.is(text('a', 'release'), 'old\n')
  await ran('apply', work('half\n', false), {}, { killAt: 'now' })
  assert.ok((await ran('apply', work('new\n', false))).ok)
  assert.equal(
    ['a', 'b', 'c'].map((host) => text(host, 'release')),
    ['new\n', 'new\n', 'new\n'],
  )
  // That one arrived: what was there before it is nobody's any more.
  await ran('apply', work('bad\n', true))
  assert.is(text('a', 'release'), 'new\n')
})

test('a play that has failed on no more hosts than it allows puts nothing back', async () => {
  const work: Work = async ({ ensure, host: { name } }) => {
    await ensure(release(name))
    if (name === 'a') await ensure(broken)
  }
  const { told } = await ran('apply', work, { maxFailures: 1 })
  assert.equal(
    ['a', 'b', 'c'].map((host) => text(host, 'release')),
    ['new\n', 'new\n', 'new\n'],
  )
  assert.not.match(told.join('\n'), 'put back')
})

test('a failed gate puts back the changes of its batch, and then the roles for failures run', async () => {
  const after = role({
    name: 'after',
    apply: ({ note, host }) => Promise.resolve(note(`${host.name} ${text(host.name, 'release') ?? ''}`)),
  })
  const { notes } = await ran('apply', ({ ensure, host: { name } }) => ensure(release(name)), {
    gate: ({ expect }) => Promise.resolve(expect(1).toBe(2)),
    onFailure: [after],
  })
  assert.equal(notes, ['a old\n'])
})

test('changes that cannot be put back stay, and are reported', async () => {
  mkdirSync(at('a', 'large'))
  writeFileSync(at('a', 'large/x'), Buffer.alloc(17 * 1024 * 1024))
  mkdirSync(at('a', 'open'))
  chmodSync(at('a', 'open'), 0o777)
  const { told } = await ran('apply', async ({ ensure, host: { name } }) => {
    const paths = [at(name, 'large'), at(name, 'open/x')]
    await ensure(exec('grow', { run: sh`: >${at(name, 'large/y')}`, changedBy: [0], paths }))
    await ensure(broken)
  })
  const last = told.at(-1) ?? ''
  for (const left of [
    'leave /a/large: it is larger than 16 MiB',
    'leave /a/open/x: another account can change its directory',
  ])
    assert.ok(last.includes(left), `${left} is not in: ${told.join(' | ')}`)
  assert.ok(existsSync(at('a', 'large/y')))
})

test('check predicts the changes and no failure, mentions the rollback, and keeps nothing', async () => {
  const { notes, told, ok } = await ran('check', ({ ensure, host: { name } }) => ensure(release(name)))
  assert.ok(ok)
  assert.match(notes[0] ?? '', /files put back where a batch has failed/)
  assert.equal(told.length, 3)
  assert.equal(text('a', 'release'), 'old\n')
})

/** What hosts keep for these tests. Other test files keep theirs in the same directory, and remove them at any time. */
function keptHere(): string[] {
  return (existsSync(kept) ? readdirSync(kept) : []).filter((name) => {
    try {
      return readFileSync(join(kept, name, 'list'), 'utf8').includes(room)
    } catch {
      return false
    }
  })
}
test.after(() => keptHere().forEach((name) => rmSync(join(kept, name), { recursive: true })))

test('after a run that succeeded or rolled back, no copies are kept', async () => {
  const before = keptHere()
  await ran('apply', ({ ensure, host: { name } }) => ensure(release(name)))
  await ran('apply', async ({ ensure, host: { name } }) => {
    await ensure(release(name, 'bad\n'))
    await ensure(broken)
  })
  assert.equal(keptHere(), before)
})

test.run()
