import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeHost, keys } from '../hostile/fake-host.ts'
import { projectOf, rolecall, write } from '../support/project.ts'

test('a RemoteCommand of ssh is not run and a RemoteForward not set up, a line of output says so, and ssh with a command leaves it out', async () => {
  const host = await fakeHost({})
  const project = projectOf({
    key: keys.private,
    ssh_config:
      'Host web\n  RemoteCommand tmux attach\n  RequestTTY yes\n  RemoteForward 3128 127.0.0.1:3128\n  LocalForward 127.0.0.1:1 127.0.0.1:1\n',
    'package.json': '{ "type": "module" }',
    'playbooks/site.ts': `import { playbook, role } from 'rolecall'
const idle = role({ name: 'idle', apply: () => Promise.resolve() })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [idle] }] })
`,
  })
  write(project, {
    'inventory/hosts.yml': `all:
  hosts:
    web: {}
    plain: {}
  vars:
    ansible_user: anybody
    ansible_ssh_private_key_file: ${project}/key
    ansible_ssh_common_args: -F ${project}/ssh_config -o HostName=127.0.0.1 -o Port=${host.port} -o UserKnownHostsFile=${project}/known -o StrictHostKeyChecking=accept-new
`,
  })
  chmodSync(join(project, 'key'), 0o600)
  try {
    const { out, err } = await rolecall(project, ['check', 'site', '--no-types'])
    const noted = (out + err).split('\n').filter((line) => line.includes('RemoteCommand'))
    assert.is(noted.length, 1, out + err)
    assert.match(noted[0] ?? '', /^web {2}.*RemoteCommand in ssh's configuration is not used: Rolecall starts a shell/)
    const forwards = (out + err).split('\n').filter((line) => /\wForward/.test(line))
    assert.is(forwards.length, 1, out + err)
    assert.match(
      forwards[0] ?? '',
      /^web {2}.*RemoteForward in ssh's configuration is not used: a run forwards no ports/,
    )
    writeFileSync(join(project, 'ssh'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 })
    const env = { PATH: `${project}:${process.env['PATH'] ?? ''}` }
    assert.match(
      (await rolecall(project, ['ssh', 'web', 'uptime'], env)).out,
      /^-o\nRemoteCommand=none\n[^]*\nweb\nuptime\n$/,
    )
    assert.not.match((await rolecall(project, ['ssh', 'web'], env)).out, /RemoteCommand/)
  } finally {
    host.close()
  }
})

test.run()
