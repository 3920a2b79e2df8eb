import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { localProject, rolecall, write } from '../support/project.ts'

const test = suite('a server for agents')
const command = resolve(import.meta.dirname, '../../bin/rolecall.js')
const secret = 'correct-horse-battery-9'
const project = localProject()
write(project, {
  'inventory/hosts.yml': `all:\n  children:\n    web:\n      hosts:\n        here: { ansible_connection: local, ansible_become_password: ${secret} }\n`,
  'inventory/group_vars/web.yml': 'motd: { text: hello from the group }\n',
})
const motd = join(project, 'motd')

test('without an agent at the other end it says who starts it, and ends with 1', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'mcp'], {
    cwd: project,
    input: '',
    encoding: 'utf8',
  })
  assert.equal([status, stdout], [1, ''])
  assert.match(stderr, /standard input ended before a message came[^]*claude mcp add rolecall/)
})

const clients: Client[] = []
// Without this a test that fails leaves a server that keeps the process from ending.
test.after(async () => {
  for (const client of clients) await client.close()
})

/** An agent: the SDK's own client, and the server as it starts it. */
async function agent(...args: readonly string[]) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, 'mcp', ...args],
    cwd: project,
    stderr: 'pipe',
  })
  const client = new Client({ name: 'test', version: '1' })
  clients.push(client)
  await client.connect(transport)
  const progress: number[] = []
  const call = async (name: string, given: Record<string, unknown> = {}) => {
    const onprogress = ({ progress: ended }: { progress: number }) => void progress.push(ended)
    const { content, isError } = await client.callTool({ name, arguments: given }, undefined, {
      onprogress,
      // A loaded machine takes longer than the minute that the client waits by itself.
      timeout: 300_000,
    })
    const text = (content as readonly { readonly text: string }[]).map((part) => part.text).join('')
    return { text, isError: isError === true, data: () => JSON.parse(text) as Record<string, never> }
  }
  return { client, call, progress }
}

const reader = await agent()
const { client, call, progress } = reader

test('the server says what it is, and without leave it has no tool that changes hosts', async () => {
  assert.is(client.getServerVersion()?.name, 'rolecall')
  assert.match(client.getInstructions() ?? '', /Never guess a variable/)
  const { tools } = await client.listTools()
  const names = tools.map(({ name }) => name)
  assert.equal(names.sort(), [
    'check',
    'explain',
    'facts',
    'history',
    'plan',
    'project',
    'reference',
    'run',
    'runs',
    'units',
  ])
  for (const each of tools) {
    assert.is(each.annotations?.readOnlyHint, true, each.name)
    assert.is(each.inputSchema.type, 'object', each.name)
  }
  const playbook = tools.find(({ name }) => name === 'check')?.inputSchema.properties?.['playbook']
  assert.match(JSON.stringify(playbook), 'a name in playbooks/')
  const refused = await call('apply', { plan: 'x.plan', digest: '0'.repeat(64) }).catch((error: unknown) =>
    String(error),
  )
  assert.match(typeof refused === 'string' ? refused : refused.text, /apply not found/)
})

test('it reads the project, explains a variable, and shows how to write a kind', async () => {
  const { text } = await call('project')
  assert.match(text, '"playbooks":["site"]')
  assert.match(text, '"here"')
  assert.not.match(text, secret)
  assert.match((await call('units', { playbook: 'site' })).text, '"role":"motd"')
  const explained = await call('explain', { variable: 'motd.text', host: 'here' })
  assert.match(explained.text, /hello from the group/)
  assert.match(explained.text, 'group_vars/web.yml:1')
  assert.match((await call('reference', { name: 'file' })).text, /file\('\/etc\/motd', \{ content/)
  assert.match((await call('reference', { name: 'flie' })).text, /did you mean .*file/)
  assert.match((await call('reference')).text, '"name":"service"')
})

test('mistakes are answered with what to do next, and values cannot inject options', async () => {
  for (const [name, given, expected] of [
    ['check', { playbook: 'sit' }, /there is no playbook "sit".*\n.*one of site.*\n.*did you mean site/],
    ['check', { playbook: '../../tmp/evil.ts' }, /there is no playbook/],
    ['check', { playbook: 'site', limit: '--diff' }, /matches no host|pattern/],
    ['check', { playbook: 'site', values: { '@/etc/passwd': '' } }, /is not a variable/],
    // A program would run here, passwords would go elsewhere, a file of this machine would be read.
    ['check', { playbook: 'site', values: { ansible_ssh_common_args: '-o ProxyCommand=id' } }, /an agent may not set/],
    ['check', { playbook: 'site', values: { ansible_host: 'evil.example' } }, /an agent may not set/],
    ['check', { playbook: 'site', values: { secrets: '{ motd.text: { command: [id] } }' } }, /an agent may not set/],
    ['check', { playbook: 'site', values: { 'secrets.x': '{ command: [id] }' } }, /an agent may not set/],
    ['check', { playbook: 'site', limit: '@/etc/passwd' }, /a file of patterns \(@FILE\) is not read here/],
    ['check', { playbook: 'site', limit: 'web,@/etc/passwd' }, /is not read here/],
    ['facts', { host: '@/etc/passwd' }, /is not read here/],
    ['check', { playbook: 'site', values: { 'motd.txt': 'x' } }, /no variable ..?"txt/],
    ['explain', { variable: 'motd.text', host: '--help' }, /--help/],
    ['plan', { plan: '/etc/passwd' }, /not a saved plan/],
    ['plan', { plan: '../x.plan' }, /not a saved plan/],
    ['facts', { host: 'nowhere' }, /nowhere/],
    ['check', { playbook: 'site', unknown: 1 }, /unknown|[Uu]nrecognized/],
  ] as const) {
    const answer = await call(name, given).catch((error: unknown) => ({ text: String(error), isError: true }))
    assert.ok(answer.isError, JSON.stringify(given))
    assert.match(answer.text, expected)
  }
})

test('a value from an agent is never a template', async () => {
  for (const value of ["{{ lookup('env', 'HOME') }}", `"\\x7b\\x7b lookup('env', 'HOME') }}"`]) {
    const { text } = await call('check', { playbook: 'site', diff: true, values: { 'motd.text': value } })
    assert.match(text, "{{ lookup('env', 'HOME') }}")
  }
})

test('a whole story: check, a saved plan, an approval, apply, and the result', async () => {
  const check = await call('check', { playbook: 'site', diff: true, savePlan: true })
  assert.is(check.isError, false, check.text)
  const checked = check.data() as unknown as Checked
  assert.is(checked.sums.changed, 1)
  assert.equal(checked.wouldChange[0]?.hosts, ['here'])
  assert.match(checked.wouldChange[0]?.diff ?? '', 'hello from the group')
  assert.equal(progress.slice(-1), [1])
  assert.match((await call('plan', { plan: checked.plan })).text, checked.digest)
  assert.throws(() => readFileSync(motd))

  const other = await agent('--allow-apply', 'f'.repeat(64))
  const refused = await other.call('apply', { plan: checked.plan, digest: checked.digest })
  assert.match(refused.text, `rolecall mcp --allow-apply ${checked.digest}`)
  await other.client.close()

  const allowed = await agent('--allow-apply', checked.digest)
  const wrong = await allowed.call('apply', { plan: checked.plan, digest: '0'.repeat(64) })
  assert.match(wrong.text, 'not the plan with this digest')
  const applied = await allowed.call('apply', { plan: checked.plan, digest: checked.digest })
  assert.is(applied.isError, false, applied.text)
  assert.is(readFileSync(motd, 'utf8'), 'hello from the group\n')
  const twice = await allowed.call('apply', { plan: checked.plan, digest: checked.digest })
  assert.match(twice.text, 'a plan applies once')
  await allowed.client.close()

  assert.match((await call('runs')).text, '"mode":"apply"')
  assert.match((await call('run')).text, /"changed":\[\{"resource":"file:/)
  const history = await call('history', { host: 'here' })
  assert.match(history.text, 'file:', history.text)
})

test('a plan that was changed is refused, and one that is stale is told why', async () => {
  rmSync(motd)
  const { plan, digest } = (await call('check', { playbook: 'site', savePlan: true })).data() as unknown as Checked
  const every = await agent('--allow-apply')
  const file = join(project, plan)
  const whole = readFileSync(file, 'utf8')
  writeFileSync(file, whole.replaceAll('hello', 'hullo'))
  assert.match((await every.call('apply', { plan, digest })).text, 'not the plan with this digest')
  writeFileSync(file, whole)
  writeFileSync(motd, 'changed by somebody\n')
  const stale = await every.call('apply', { plan, digest })
  assert.ok(stale.isError)
  assert.match(stale.text, /they are: write .*motd, since/, stale.text)
  assert.is(readFileSync(motd, 'utf8'), 'changed by somebody\n')
  await every.client.close()
})

test('a host that fails, one that cannot be reached, and a run that was interrupted are answers with what to do', async () => {
  write(project, {
    'broken.yml':
      'all:\n  hosts:\n    here: { ansible_connection: local }\n    away: { ansible_connection: local, ansible_become: true, ansible_become_exe: /nonexistent/sudo }\n',
    'roles/broken.ts': `import { role } from 'rolecall'
export default role({ name: 'broken', async apply({ $ }) { await $.read\`echo no space left >&2; exit 7\` } })
`,
    'roles/slow.ts': `import { role } from 'rolecall'
export default role({ name: 'slow', async apply({ $ }) { await $.read\`echo begun > ${join(project, 'begun')}; sleep 600\` } })
`,
    'playbooks/broken.ts': `import { playbook } from 'rolecall'
import broken from '../roles/broken.ts'
export default playbook({ name: 'broken', plays: [{ name: 'all', hosts: 'all', roles: [broken] }] })
`,
    'playbooks/slow.ts': `import { playbook } from 'rolecall'
import slow from '../roles/slow.ts'
export default playbook({ name: 'slow', plays: [{ name: 'all', hosts: 'all', roles: [slow] }] })
`,
  })
  const other = await agent('-i', 'broken.yml')
  const failed = await other.call('check', { playbook: 'broken' })
  assert.ok(failed.isError, failed.text)
  for (const words of ['roles/broken.ts', 'status 7', 'no space left', 'away', '/nonexistent/sudo'])
    assert.match(failed.text, words)
  const stopping = new AbortController()
  const slow = other.client
    .callTool({ name: 'check', arguments: { playbook: 'slow', limit: 'here' } }, undefined, { signal: stopping.signal })
    .then(({ content }) => JSON.stringify(content), String)
  for (let tries = 0; tries < 2400 && !existsSync(join(project, 'begun')); tries++)
    await new Promise((done) => setTimeout(done, 50))
  stopping.abort('no longer wanted')
  assert.match(await slow, 'no longer wanted')
  // The server is there as before, and the run that it stopped is in the journal as what it is.
  const isInterrupted = async () => (await other.call('runs')).text.includes('interrupted')
  let isThere = await isInterrupted()
  for (let tries = 0; tries < 600 && !isThere; tries++) {
    await new Promise((done) => setTimeout(done, 100))
    isThere = await isInterrupted()
  }
  assert.ok(isThere)
  await other.client.close()
})

test('its own errors at the start look like those of any command', async () => {
  const { code, err } = await rolecall(project, ['mcp', '--allow-apply', 'abc'])
  assert.is(code, 1)
  assert.match(err, /"abc" is not the digest of a plan/)
})

test('rolecall serve --mcp is the same, and it ends with its input', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, 'serve', '--mcp'],
    cwd: project,
  })
  const second = new Client({ name: 'test', version: '1' })
  await second.connect(transport)
  assert.is(second.getServerVersion()?.title, 'Rolecall')
  await second.close()
  await client.close()
})

interface Checked {
  readonly plan: string
  readonly digest: string
  readonly sums: { readonly changed: number }
  readonly wouldChange: readonly { readonly hosts: readonly string[]; readonly diff?: string }[]
}

test.run()
