import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec, playbook, role, run, type RunEvent } from '../../lib/index.ts'
import { projectOf } from '../support/project.ts'

const inventory = () =>
  join(projectOf({ 'hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n' }), 'hosts.yml')

function touching(path: string) {
  const touch = role({
    name: 'touch',
    apply: async ({ ensure }) => {
      await ensure(exec('t', { run: ['touch', path], creates: path }))
    },
  })
  return playbook({ name: 'p', plays: [{ name: 'p', hosts: 'all', roles: [touch] }] })
}

async function eventsOf(events: AsyncIterable<RunEvent>): Promise<string[]> {
  const types: string[] = []
  for await (const { type } of events) types.push(type)
  return types
}

test('a run that is refused while it connects throws that error, does nothing, and keeps no journal', async () => {
  const directory = projectOf({})
  const path = join(directory, 'touched')
  const journal = join(directory, 'runs')
  const readyWhen = Promise.reject(new Error('no leave'))
  const events = run(touching(path), { mode: 'apply', inventory: inventory(), journal, readyWhen })
  try {
    await eventsOf(events)
    assert.unreachable('it has to throw')
  } catch (error) {
    assert.match(error instanceof Error ? error.message : '', 'no leave')
  }
  assert.not(existsSync(path))
  assert.not(existsSync(journal))
})

test('a run that may begin uses the connections that were opened while it waited', async () => {
  const path = join(projectOf({}), 'touched')
  const readyWhen = new Promise((resolve) => setTimeout(resolve, 50))
  const types = await eventsOf(
    run(touching(path), { mode: 'apply', inventory: inventory(), journal: false, readyWhen }),
  )
  assert.is(types[0], 'run')
  assert.is(types.at(-1), 'summary')
  assert.ok(existsSync(path))
})

test.run()
