import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeHost, keys } from '../hostile/fake-host.ts'
import { projectOf, rolecall, write } from '../support/project.ts'

test('a new key that cannot be kept is told with its file, and the run ends', async () => {
  const host = await fakeHost({})
  const project = projectOf({
    key: keys.private,
    'package.json': '{ "type": "module" }',
    'playbooks/site.ts': `import { playbook, role } from 'rolecall'
const idle = role({ name: 'idle', apply: () => Promise.resolve() })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [idle] }] })
`,
  })
  // A file stands where its directory would have to be made.
  const unwritable = join(project, 'key/known_hosts')
  write(project, {
    'inventory/hosts.yml': `all:
  hosts:
    web-01:
      ansible_host: 127.0.0.1
      ansible_port: ${host.port}
      ansible_user: anybody
      ansible_ssh_private_key_file: ${project}/key
      ansible_ssh_common_args: -o UserKnownHostsFile=${unwritable} -o StrictHostKeyChecking=accept-new
`,
  })
  chmodSync(join(project, 'key'), 0o600)
  try {
    const { code, out, err } = await rolecall(project, ['check', 'site', '--no-types'])
    assert.is(code, 4, out + err)
    assert.match(out + err, unwritable)
  } finally {
    host.close()
  }
})

test.run()
