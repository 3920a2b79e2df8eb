import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf } from '../support/project.ts'

const test = suite('agents that go away, and two at once')
const command = resolve(import.meta.dirname, '../../bin/rolecall.js')
const project = projectOf({
  'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n',
  'playbooks/slow.ts': `import { exec, file, playbook, role } from 'rolecall'
const at = process.cwd()
const slow = role({
  name: 'slow',
  async apply({ ensure }) {
    await ensure(file(at + '/first', { content: 'first' }))
    await ensure(exec('wait', { run: 'echo $$ > ' + at + '/begun; [ -e ' + at + '/quick ] || sleep 600; touch ' + at + '/waited', unless: 'test -e ' + at + '/waited' }))
    await ensure(file(at + '/last', { content: 'last' }))
  },
})
export default playbook({ name: 'slow', plays: [{ name: 'all', hosts: 'all', roles: [slow] }] })
`,
})
const at = (name: string) => join(project, name)
const clients: Client[] = []
test.after(async () => {
  for (const client of clients) await client.close()
})

async function agent(...args: readonly string[]) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, 'mcp', '-i', 'inventory', ...args],
    cwd: project,
    stderr: 'ignore',
  })
  const client = new Client({ name: 'test', version: '1' })
  clients.push(client)
  await client.connect(transport)
  const call = async (name: string, given: Record<string, unknown> = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: given }, undefined, { timeout: 300_000 })
    const text = (content as readonly { readonly text: string }[]).map((part) => part.text).join('')
    return { text, isError: isError === true }
  }
  return { client, call, pid: transport.pid ?? 0 }
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isTrue()) return
    await pause(100)
  }
  assert.unreachable(`${what} did not come`)
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

/** Checks with a plan, begins to apply it, and waits until its second step runs. */
async function begunApply() {
  for (const name of ['first', 'begun', 'waited', 'last', 'quick', '.rolecall/runs'])
    rmSync(at(name), { recursive: true, force: true })
  const one = await agent('--allow-apply')
  const made = JSON.parse((await one.call('check', { playbook: 'slow', savePlan: true })).text) as {
    plan: string
    digest: string
  }
  const apply = { plan: made.plan, digest: made.digest }
  const answer = one.call('apply', apply).then(
    ({ text }) => text,
    (error: unknown) => String(error),
  )
  await until('the step', () => existsSync(at('begun')) && readFileSync(at('begun'), 'utf8').trim() !== '')
  return { one, apply, answer, step: Number(readFileSync(at('begun'), 'utf8')) }
}

for (const [way, leave] of [
  ['closes its end', ({ client }: Awaited<ReturnType<typeof agent>>) => client.close()],
  ['is killed with the server', ({ pid }: Awaited<ReturnType<typeof agent>>) => void process.kill(pid, 'SIGKILL')],
] as const)
  test(`an agent that ${way} in the middle of an apply: the step is ended, the run is told, and the plan can be finished`, async () => {
    const { one, apply, answer, step } = await begunApply()
    const two = await agent('--allow-apply')
    await leave(one)
    assert.match(await answer, /closed/i)
    await until('the end of the step', () => !isAlive(step))
    assert.not(existsSync(at('waited')))
    await until('the end of the run', async () => (await two.call('runs')).text.includes('interrupted'))
    const run = await two.call('run')
    assert.match(run.text, /"mode":"apply"/)
    assert.match(run.text, /"stoppedAt":\[\{"role":"slow","during":"exec:wait: /)
    writeFileSync(at('quick'), '')
    const rest = await two.call('apply', apply)
    assert.is(rest.isError, false, rest.text)
    assert.match(rest.text, /began this plan and was interrupted: what it left undone is done now/)
    assert.is(readFileSync(at('last'), 'utf8'), 'last')
    await two.client.close()
  })

test('of two agents that apply one plan at the same time, one is told that the other is at it', async () => {
  const { one, apply, answer } = await begunApply()
  const two = await agent('--allow-apply')
  const refused = await two.call('apply', apply)
  assert.ok(refused.isError)
  assert.match(refused.text, /run \S+ is applying the plan now/)
  // It reads meanwhile.
  assert.match((await two.call('runs')).text, /"end":"running"/)
  assert.match((await two.call('explain', { host: 'here', variable: 'nothing.here' })).text, /nothing/)
  await one.client.close()
  await answer
  await two.client.close()
})

test('an answer to a call that nobody waits for any more harms no other call', async () => {
  const one = await agent()
  const stopping = new AbortController()
  const gone = one.client
    .callTool({ name: 'check', arguments: { playbook: 'slow' } }, undefined, { signal: stopping.signal })
    .then(() => 'answered', String)
  stopping.abort('no longer wanted')
  const [lists, runs, kinds] = await Promise.all([
    one.call('project'),
    one.call('runs'),
    one.call('reference', { name: 'file' }),
  ])
  assert.match(await gone, 'no longer wanted')
  for (const { isError, text } of [lists, runs, kinds]) assert.is(isError, false, text)
  await one.client.close()
})

test.run()
