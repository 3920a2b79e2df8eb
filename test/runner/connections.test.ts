import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exec, playbook, role, run, type RunEvent } from '../../lib/index.ts'
import { projectOf } from '../support/project.ts'
import { startSshd, whyNoSshd } from '../support/sshd.ts'

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

test('a host whose connection variables are wrong fails alone', async () => {
  const path = join(projectOf({}), 'touched')
  const text = 'all: { hosts: { here: { ansible_connection: local }, wrong: { ansible_connection: winrm } } }\n'
  const inventory = join(projectOf({ 'hosts.yml': text }), 'hosts.yml')
  const types = await eventsOf(run(touching(path), { mode: 'apply', inventory, journal: false }))
  assert.is(types.filter((type) => type === 'problem').length, 1)
  assert.is(types.at(-1), 'summary')
  assert.ok(existsSync(path))
})

if (whyNoSshd === undefined)
  test('a host that lets us in because of an earlier play is reached when its turn comes', async () => {
    const room = projectOf({})
    for (const [type, file] of [
      ['ed25519', 'host_ed25519'],
      ['rsa', 'host_rsa'],
      ['ed25519', 'id'],
    ] as const)
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(room, file)])
    const sshd = await startSshd(room, 'sshd')
    try {
      const late = `{ ansible_host: 127.0.0.1, ansible_port: ${sshd.port}, ansible_ssh_private_key_file: ${room}/id }`
      const args = `ansible_ssh_common_args: -F none -o UserKnownHostsFile=${room}/known_hosts -o IdentitiesOnly=yes`
      const text = `all: { hosts: { here: { ansible_connection: local }, late: ${late} }, vars: { ${args} } }\n`
      const letIn = role({
        name: 'let-in',
        apply: async () => {
          // Until the first attempt to log in has been refused.
          for (let tries = 0; tries < 1200 && !sshd.said().includes('authenticating user'); tries++) await sleep(50)
          copyFileSync(join(room, 'id.pub'), join(room, 'authorized_keys'))
        },
      })
      const look = role({ name: 'look', apply: async ({ $ }) => void (await $.read`true`) })
      const first = { name: 'first', hosts: 'here', roles: [letIn] }
      const plays = [first, { name: 'then', hosts: 'late', roles: [look], after: [first.name] }]
      const inventory = join(projectOf({ 'hosts.yml': text }), 'hosts.yml')
      // Other tests may hold this machine for a run of their own.
      const options = { mode: 'apply', inventory, journal: false, acceptNewHostKeys: true, wait: 120 } as const
      const types = await eventsOf(run(playbook({ name: 'p', plays }), options))
      assert.not(types.includes('unreachable'))
      assert.is(types.filter((type) => type === 'waiting').length, 1, 'why the first attempt failed')
      assert.is(types.filter((type) => type === 'connected').length, 2)
    } finally {
      sshd.stop()
    }
  })
else process.stdout.write(`skipped: a host that lets us in later: ${whyNoSshd}\n`)

test.run()
