import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, lab, onLab, project, put, rolecall, ssh } from '../support/lab.ts'

const BASTION = 'node-01'
const INNER = ['node-02', 'node-03', 'node-04', 'node-05']
const MARK = '# of the bastion test'
/** A name that only the bastion can resolve: whoever arrives has come through it. */
const inner = (host: string) => `inner-${host}`

/** Where everything about the way stands: in a file of ssh(1), as operators have it. */
async function sshConfig(): Promise<string> {
  const { nodes, privateKey, knownHosts, user } = await lab()
  const address = (name: string) => nodes.find((node) => node.name === name)?.address ?? ''
  const known = `User ${user}\n  IdentityFile ${privateKey}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${knownHosts}\n`
  put(
    'ssh_config',
    [
      `Host bastion\n  HostName ${address(BASTION)}\n  ${known}`,
      ...INNER.map((host) => `Host ${inner(host)}\n  HostKeyAlias ${address(host)}\n`),
      `Host inner-*\n  ProxyJump bastion\n  ${known}`,
    ].join(''),
  )
  const names = INNER.map((host) => `${address(host)} ${inner(host)} ${MARK}\\n`).join('')
  await ssh(BASTION, `printf '${names}' >>/etc/hosts`)
  return join(project, 'ssh_config')
}

function inventory(config: string, connection: 'ssh' | 'openssh'): string {
  const file = `inventory/${connection}.yml`
  const host = (name: string, way: string) => `    ${name}: { ansible_host: ${way} }\n`
  const all = host(BASTION, 'bastion') + INNER.map((name) => host(name, inner(name))).join('')
  put(
    file,
    `all:\n  hosts:\n${all}  vars:\n    ansible_become: true\n    ansible_connection: ${connection}\n    ansible_ssh_common_args: -F ${config}\n`,
  )
  return file
}

onLab('four hosts that only the bastion can name are set up through it, by the library and by ssh', async () => {
  put(
    'playbooks/through.ts',
    `import { file, playbook, role } from 'rolecall'
const through = role({ name: 'through', async apply({ ensure }) { await ensure(file('/run/through', { content: 'x'.repeat(100_000) })) } })
export default playbook({ name: 'through', plays: [{ name: 'all', hosts: 'all', roles: [through] }] })
`,
  )
  try {
    const config = await sshConfig()
    for (const connection of ['ssh', 'openssh'] as const) {
      const file = inventory(config, connection)
      for (const host of [BASTION, ...INNER]) await ssh(host, 'rm -f /run/through')
      const check = await rolecall('check', 'through', '-i', file)
      const apply = await rolecall('apply', 'through', '-i', file)
      assert.is(apply.code, 0, complaints(apply))
      assert.is(changes(apply).length, 5, connection)
      assert.equal(changes(check).sort(), changes(apply).sort())
      for (const host of INNER) assert.is(await ssh(host, 'wc -c </run/through'), '100000')
      const again = await rolecall('apply', 'through', '-i', file)
      assert.equal([again.code, changes(again)], [0, []], complaints(again))
    }
  } finally {
    await ssh(BASTION, `sed -i '/${MARK}/d' /etc/hosts`)
  }
})

test.run()
