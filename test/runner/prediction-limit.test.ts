import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Resource, ResourceEvent } from '../../lib/index.ts'
import { absent, exec, file, playbook, role, run, z, type ApplyContext } from '../../lib/index.ts'

let room = ''
test.before.each(() => {
  room = mkdtempSync(join(tmpdir(), 'horizon-'))
  writeFileSync(join(room, 'hosts.yml'), 'all:\n  hosts:\n    here: { ansible_connection: local }\n')
})
test.after.each(() => rmSync(room, { recursive: true }))

type Work = (context: ApplyContext<object>) => Promise<unknown>

/** What check or apply says of roles that come one after the other: `resource status reason`, and the problems. */
async function said(mode: 'check' | 'apply', ...roles: readonly Work[]): Promise<string[]> {
  const plays = roles.map((apply, index) => ({
    name: `play${index}`,
    hosts: 'all',
    roles: [
      role({
        name: `role${index}`,
        about: 'a test',
        vars: z.object({}),
        async apply(context) {
          await apply(context)
        },
      }),
    ],
  }))
  const told: string[] = []
  const tell = ({ resource, status, reason = '' }: ResourceEvent) =>
    told.push([resource.replaceAll(room, ''), status, reason.replaceAll(room, '')].filter(Boolean).join(' '))
  for await (const event of run(playbook({ name: 'test', about: 'a test', plays }), {
    mode,
    inventory: join(room, 'hosts.yml'),
    journal: false,
  })) {
    if (event.type === 'resource') tell(event)
    if (event.type === 'problem') told.push(`problem: ${event.problem.message}`)
  }
  return told
}

const makes = (name: string) => exec(name, { run: `echo made >${room}/${name}`, creates: `${room}/${name}` })

test('a role that reads what a pending command makes is unknown from there on, not failed', async () => {
  const work: Work = async ({ ensure, read }) => {
    await ensure(makes('f'))
    await ensure(file(`${room}/copy`, { content: (await read(`${room}/f`)) ?? 'nothing' }))
  }
  assert.equal(await said('check', work), [
    'exec:f changed',
    'role:role0 unknown what /f will hold is known only after exec:f',
  ])
  assert.ok(!existsSync(`${room}/f`))
  assert.equal(await said('apply', work), ['exec:f changed', 'file:/copy changed'])
})

test('content that is predicted exactly can be read, in the same role and in a later one', async () => {
  const first: Work = ({ ensure }) => ensure(file(`${room}/f`, { content: 'to come' }))
  const second: Work = async ({ ensure, exists, read }) => {
    const text = `${String(await exists(`${room}/f`))} ${(await read(`${room}/f`)) ?? ''}`
    await ensure(file(`${room}/${text.replace(' ', '-')}`, { content: '' }))
  }
  assert.equal(await said('check', first, second), ['file:/f changed', 'file:/true-to come changed'])
})

test('a missing file that a pending archive may bring is unknown; an existing one is read', async () => {
  mkdirSync(join(room, 'app'))
  writeFileSync(join(room, 'app', 'seen'), 'seen')
  const brings = exec('unpacks', {
    run: `cd ${room}/app && echo came >conf`,
    unless: `[ -e ${room}/app/conf ]`,
    effects: [{ type: 'path', path: `${room}/app`, state: { type: 'dir', filled: true } }],
  })
  const reads: Work = async ({ ensure, exists, read }) => {
    await ensure(brings)
    const seen = `${String(await exists(`${room}/app/seen`))}-${(await read(`${room}/app/seen`)) ?? ''}`
    await ensure(file(`${room}/${seen}`, { content: '' }))
    await ensure(file(`${room}/${(await read(`${room}/app/conf`))?.trim() ?? 'nothing'}`, { content: '' }))
  }
  const asks: Work = async ({ ensure, exists }) => {
    await ensure(brings)
    await ensure(file(`${room}/${String(await exists(`${room}/app/conf`))}`, { content: '' }))
  }
  const unknown = (role: string) =>
    `role:${role} unknown whether there will be a /app/conf is known only after exec:unpacks`
  assert.equal(await said('check', reads), ['exec:unpacks changed', 'file:/true-seen changed', unknown('role0')])
  assert.equal(await said('check', asks), ['exec:unpacks changed', unknown('role0')])
  assert.equal(await said('apply', reads), ['exec:unpacks changed', 'file:/true-seen changed', 'file:/came changed'])
})

test('a file removed before an archive is unpacked may come back; a file written after it is known', async () => {
  mkdirSync(join(room, 'app'))
  writeFileSync(join(room, 'app', 'conf'), 'old')
  const goes = absent(`${room}/app`, { recursive: true })
  const comes = exec('unpacks', {
    run: `mkdir -p ${room}/app`,
    unless: 'false',
    effects: [{ type: 'path', path: `${room}/app`, state: { type: 'dir', filled: true } }],
  })
  const asks =
    (...steps: readonly Resource[]): Work =>
    async ({ ensure, exists }) => {
      for (const step of steps) await ensure(step)
      await ensure(file(`${room}/${String(await exists(`${room}/app/conf`))}`, { content: '' }))
    }
  assert.match((await said('check', asks(goes, comes))).at(-1) ?? '', /^role:role0 unknown whether there will be/)
  const written = file(`${room}/app/conf`, { content: 'new' })
  assert.is((await said('check', asks(goes, comes, written))).at(-1), 'file:/true changed')
})

test('$.read of a path that is to change, or with a command that may come, ends the prediction', async () => {
  const names: Work = async ({ ensure, $ }) => {
    await ensure(file(`${room}/f`, { content: 'x' }))
    await $.read`cat ${`${room}/f`}`.nothrow()
    await ensure(file(`${room}/never-said`, { content: '' }))
  }
  assert.equal(await said('check', names), [
    'file:/f changed',
    'role:role0 unknown $.read looks at /f, which file:/f changes first',
  ])
  const missing: Work = async ({ ensure, $ }) => {
    await ensure(makes('tool'))
    await $.read`no-such-tool --version`.nothrow()
    await ensure(file(`${room}/never-said`, { content: '' }))
  }
  assert.equal(await said('check', missing), [
    'exec:tool changed',
    'role:role0 unknown $.read finds no command, and exec:tool may bring it: no-such-tool --version',
  ])
})

test("with nothing pending $.read answers, and its error is the role's own", async () => {
  const work: Work = async ({ ensure, $ }) => {
    const { stdout } = await $.read`echo yes`
    await ensure(file(`${room}/${stdout.trim()}`, { content: '' }))
    if (existsSync(`${room}/yes`)) throw new Error('a mistake of the role')
  }
  assert.equal(await said('check', work), ['file:/yes changed'])
  writeFileSync(`${room}/yes`, '')
  assert.match((await said('check', work)).join(), /problem: .*a mistake of the role/)
})

test('a role that throws over a host that is not ready yet is unknown, and those after it take that into account', async () => {
  const work: Work = async ({ ensure, $ }) => {
    await ensure(makes('ready'))
    const { stdout } = await $.read`echo not yet`
    if (stdout.startsWith('not')) throw new Error('not ready')
  }
  const later: Work = ({ ensure }) => ensure(exec('asks', { run: 'true', unless: 'command -v no-such-tool' }))
  const [first, second, third] = await said('check', work, later)
  assert.is(first, 'exec:ready changed')
  assert.is(second, 'role:role0 unknown the role ends with an error before the earlier changes are made: not ready')
  assert.match(third ?? '', /^exec:asks unknown .*role:role0 may bring it$/)
})

test('what depends on something unknown is unknown too', async () => {
  const work: Work = async ({ ensure, exists }) => {
    await ensure(
      exec('first', { run: `touch ${room}/x`, creates: `${room}/x` }),
      exec('asks', { run: `touch ${room}/y`, unless: 'no-such-tool', paths: [`${room}/y`], effects: [] }),
      file(`${room}/y`, { content: 'z' }),
    )
    await exists(`${room}/y`)
  }
  assert.equal(await said('check', work), [
    'exec:first changed',
    'exec:asks unknown unless finds no command, and exec:first may bring it',
    'file:/y unknown what /y will be is known only after exec:asks, which is unknown itself',
    'role:role0 unknown what /y will be is known only after file:/y, which is unknown itself',
  ])
})

test.run()
