import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { totalmem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dir, file, play, playbook, role, run, z, type AnyRole, type Mode, type RunEvent } from '../../lib/index.ts'

const room = mkdtempSync(join(tmpdir(), 'details-'))
test.after(() => rmSync(room, { recursive: true }))

const rack = z.object({ 'rolecall-rack': z.object({ row: z.number() }).optional() })

async function ran(one: AnyRole, mode: Mode) {
  const inventory = join(room, 'hosts.yml')
  writeFileSync(inventory, 'all: { hosts: { a: { ansible_connection: local }, b: { ansible_connection: local } } }\n')
  const book = playbook({ name: 'test', plays: [{ name: 'test', hosts: 'a', roles: [one] }] })
  const events: RunEvent[] = []
  for await (const event of run(book, { mode, inventory, journal: false })) events.push(event)
  return events.flatMap((event) => {
    if (event.type === 'note') return [event.message]
    if (event.type === 'resource' && event.status === 'unknown') return [`unknown: ${event.reason ?? ''}`]
    return event.type === 'problem' ? [event.problem.message] : []
  })
}

test('a role asks its host and another one for details, and so does verify', async () => {
  const asks = role({
    name: 'asks',
    async apply({ details, site, note }) {
      const own = await details({ custom: rack })
      const other = await site.host('b').details()
      note(`${own.memory.total === totalmem()} ${own.kernel === other.kernel} ${JSON.stringify(own.custom)}`)
    },
    async verify({ details, expect, note }) {
      expect((await details()).memory.total).toBeAtLeast(1)
      note('verified')
    },
  })
  assert.equal(await ran(asks, 'check'), ['true true {}'])
  assert.equal(await ran(asks, 'verify'), ['verified'])
})

test('check knows nothing of custom facts whose files are to come, and hardware all the same', async () => {
  if (process.getuid?.() !== 0) return void process.stdout.write('skipped: only root may plan files in /etc/ansible\n')
  const brings = role({
    name: 'brings',
    async apply({ details, ensure, note }) {
      await ensure(
        dir('/etc/ansible/facts.d'),
        file('/etc/ansible/facts.d/rolecall-rack.fact', { content: '{"row": 3}' }),
      )
      note(`${(await details()).memory.total > 0}`)
      note(JSON.stringify((await details({ custom: rack })).custom))
    },
  })
  const [first, second, ...others] = await ran(brings, 'check')
  assert.is(first, 'true')
  assert.match(second ?? '', /^unknown: custom facts are known only after (dir|file):\/etc\/ansible\/facts\.d/)
  assert.equal(others, [])
})

test('in the test of a role details are those that the test names, and custom facts have their types', async () => {
  const sizes = role({
    name: 'sizes',
    async apply({ details, note }) {
      const { processors, codename, custom } = await details({ custom: rack.required() })
      note(`${processors.count} ${codename} ${custom['rolecall-rack'].row}`)
    },
  })
  const processors = { count: 16, cores: 8, sockets: 1, model: '' }
  const { notes } = await play(sizes, { details: { processors, custom: { 'rolecall-rack': { row: 3 } } } })
  assert.equal(notes, ['16 bookworm 3'])
})

test.run()
