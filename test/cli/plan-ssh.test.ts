import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectOf, rolecall } from '../support/project.ts'

const test = suite('a saved plan and the configuration of ssh')
// Nothing listens on port 1: the hosts are not reached, and it is known where they would be.
const CONFIG = `Host afar
  HostName 127.0.0.1
  Port 1
  User ops
  HostKeyAlias afar-key
Host behind
  HostName 127.0.0.2
  ProxyJump bastion
Host bastion
  HostName 127.0.0.1
  Port 1
`
const project = projectOf({
  ssh_config: CONFIG,
  'playbooks/site.ts': `import { file, playbook, role } from 'rolecall'
const app = role({ name: 'app', apply: ({ ensure }) => ensure(file(process.cwd() + '/made', { content: 'made' })) })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [app] }] })
`,
})
writeFileSync(
  join(project, 'hosts.yml'),
  `all:
  vars: { ansible_ssh_common_args: -F ${join(project, 'ssh_config')} }
  hosts:
    here: { ansible_connection: local }
    afar: {}
    behind: {}
`,
)
const apply = (plan: string) => rolecall(project, ['apply', plan, '--no-types'])
const change = (from: string, to: string) => {
  rmSync(join(project, 'made'), { force: true })
  writeFileSync(join(project, 'ssh_config'), CONFIG.replace(from, to))
}

test('a plan is made first', async () => {
  const { code, out, err } = await rolecall(project, [
    ...['check', 'site', '--no-types', '-i', 'hosts.yml', '--out', 'site.plan'],
  ])
  assert.is(code, 4, out + err)
  assert.not.match(readFileSync(join(project, 'site.plan'), 'utf8'), /afar-key/)
})

const stale: readonly [what: string, host: string, from: string, to: string][] = [
  ['address', 'afar', 'HostName 127.0.0.1', 'HostName 127.0.0.9'],
  ['port', 'afar', 'Port 1', 'Port 2'],
  ['user', 'afar', 'User ops', 'User eve'],
  ['name of its key', 'afar', 'afar-key', 'other-key'],
  ['command for the way', 'afar', 'HostKeyAlias afar-key', 'HostKeyAlias afar-key\n  ProxyCommand nc 127.0.0.1 2'],
  ['jump host', 'behind', 'ProxyJump bastion', 'ProxyJump eve@bastion'],
  ['address of its jump host', 'behind', 'bastion\n  HostName 127.0.0.1', 'bastion\n  HostName 127.0.0.9'],
  ['jump host before its jump host', 'behind', 'Host bastion\n', 'Host bastion\n  ProxyJump afar\n'],
  ['circle of jump hosts', 'behind', 'Host bastion\n', 'Host bastion\n  ProxyJump behind\n'],
]
for (const [what, host, from, to] of stale)
  test(`a host with another ${what} makes it stale, before any host is touched`, async () => {
    change(from, to)
    const { code, err } = await apply('site.plan')
    assert.match(
      err,
      new RegExp(
        `${host} {2}app {2}role app ssh's configuration leads to another host, port, user or jump host, since`,
      ),
    )
    assert.is(code, 5, err)
    assert.not(existsSync(join(project, 'made')))
  })

test('another key, another time to wait or a comment does not', async () => {
  change('User ops', 'User ops # as before\n  IdentityFile ~/.ssh/other\n  ConnectTimeout 7')
  const { out, err } = await apply('site.plan')
  assert.not.match(out + err, /ssh's configuration/)
  assert.ok(existsSync(join(project, 'made')), out + err)
})

test.run()
