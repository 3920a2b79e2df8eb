import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file, playbook, role, run, using, z, type Mode, type Play, type RunEvent } from '../../lib/index.ts'

const room = mkdtempSync(join(tmpdir(), 'recovery-'))
test.after(() => rmSync(room, { recursive: true }))
const hosts = ['a', 'b', 'c', 'd']
const of = (name: string) => join(room, `release-${name}`)
test.before.each(() => hosts.forEach((name) => rmSync(of(name), { force: true })))

const app = role({
  name: 'app',
  vars: z.object({ release: z.string().default('new'), healthy: z.boolean().default(true) }),
  async apply({ ensure, host, vars }) {
    await ensure(file(of(host.name), { content: `${vars.release}${vars.healthy ? '' : ' unhealthy'}` }))
  },
  verify: ({ host, vars, expect }) =>
    Promise.resolve(expect(!vars.healthy || (vars.release === 'new' && host.name === 'b'), 'broken').toBe(false)),
})
const later = role({
  name: 'later',
  apply: ({ host, note }) => Promise.resolve(note(`later ${host.name} ${read(host.name)}`)),
})

function read(name: string): string {
  return existsSync(of(name)) ? readFileSync(of(name), 'utf8') : 'none'
}

async function ran(mode: Mode, more: Partial<Play>, others: readonly Play[] = [], extra: readonly string[] = []) {
  const inventory = join(room, 'hosts.yml')
  writeFileSync(
    inventory,
    `all: { hosts: { ${hosts.map((name) => `${name}: { ansible_connection: local }`).join(', ')} } }\n`,
  )
  const book = playbook({ name: 'test', plays: [{ ...more, name: 'web', hosts: 'all', roles: [app] }, ...others] })
  const events: RunEvent[] = []
  for await (const event of run(book, { mode, inventory, extra, journal: false })) events.push(event)
  return {
    notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])),
    ok: events.some((event) => event.type === 'summary' && event.ok),
  }
}

const back = { serial: 1, gate: 'verify', onFailure: [using(app, { release: 'old' })] } as const

test('a play that failed is rolled back on the hosts that were begun, also on the one where it failed, and on no other', async () => {
  const { ok } = await ran('apply', back)
  assert.equal(hosts.map(read), ['old', 'old', 'none', 'none'])
  assert.not.ok(ok)
})

test('roles for failures have the variables of the playbook, even when the command line selects the failed role', async () => {
  const { ok } = await ran('apply', back, [], ['app.release=newer', 'app.healthy=false'])
  assert.equal(hosts.map(read), ['old unhealthy', 'none', 'none', 'none'])
  assert.not.ok(ok)
})

test('a play that has failed on no more hosts than it allows is not rolled back', async () => {
  await ran('apply', { ...back, maxFailures: 1 })
  assert.equal(hosts.map(read), ['new', 'new', 'new', 'new'])
})

test('plays behind it on the same hosts begin when the roll back is over', async () => {
  const { notes } = await ran('apply', back, [{ name: 'later', hosts: 'a', roles: [later] }])
  assert.equal(notes, ['later a old'])
})

test('check mentions roles for failures, and runs none', async () => {
  const { notes } = await ran('check', back)
  assert.match(notes[0] ?? '', /roles for hosts that were begun when the play has failed/)
  assert.equal(hosts.map(read), ['none', 'none', 'none', 'none'])
})

test('variables of roles for failures are checked before any host is touched', async () => {
  const wrong = { ...back, onFailure: [using(app, { release: 7 } as never)] }
  let refused: unknown
  await ran('apply', wrong).catch((error: unknown) => (refused = error))
  assert.match(String(refused), /release/)
  assert.equal(hosts.map(read), ['none', 'none', 'none', 'none'])
})

test.run()
