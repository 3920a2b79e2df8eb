import { userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SshConnection } from '../../lib/inventory/connection.ts'
import { hostIn, inventoryOf, problemsOf } from './support.ts'

function sshOf(vars: string): SshConnection {
  const { connection } = hostIn(inventoryOf({ 'hosts.yml': `all:\n  hosts:\n    a: ${vars}\n` }), 'a')
  if (connection.kind !== 'ssh') throw new Error('expected ssh')
  return connection
}

test('without any setting a host is reached by its name, as the user who runs Rolecall', () => {
  assert.equal(sshOf(''), { kind: 'ssh', address: 'a', port: 22, user: userInfo().username, unknownHostKey: 'refuse' })
})

test('every connection variable is understood', () => {
  const { password, become, ...rest } = sshOf(`
      ansible_host: 10.0.0.1
      ansible_port: 2222
      ansible_user: ops
      ansible_connection: ssh
      ansible_ssh_private_key_file: /keys/a
      ansible_password: one
      ansible_become: true
      ansible_become_user: app
      ansible_become_password: two
      ansible_ssh_common_args: >-
        -o UserKnownHostsFile=/known -oStrictHostKeyChecking=accept-new
        -o connecttimeout=5 -o "ServerAliveInterval=15"`)
  assert.equal(rest, {
    kind: 'ssh',
    address: '10.0.0.1',
    port: 2222,
    user: 'ops',
    unknownHostKey: 'accept-new',
    privateKeyFile: '/keys/a',
    knownHostsFile: '/known',
    connectTimeoutSeconds: 5,
    keepaliveSeconds: 15,
  })
  assert.is(password?.reveal(), 'one')
  assert.is(become?.user, 'app')
  assert.is(become?.password?.reveal(), 'two')
})

test('a local host needs no address', () => {
  const inventory = inventoryOf({
    'hosts.yml': 'all:\n  hosts:\n    me: { ansible_connection: local, ansible_become: true }\n',
  })
  assert.equal(hostIn(inventory, 'me').connection, { kind: 'local', become: { user: 'root' } })
})

test('the password to become another user means nothing until become is true', () => {
  assert.is(sshOf('{ ansible_become: false, ansible_become_password: x }').become, undefined)
})

test('a host overrides its group, group_vars override vars, a child overrides its parent, -e overrides all', () => {
  const files = {
    'hosts.yml': `
all:
  vars: { ansible_user: all-inline, ansible_port: 1 }
  children:
    web:
      vars: { ansible_user: web-inline }
      hosts: { a: { ansible_port: 3 } }
`,
    'group_vars/all.yml': 'ansible_user: all-file\nansible_port: 2\n',
  }
  const at = (inventory: ReturnType<typeof inventoryOf>): string => {
    const { connection } = hostIn(inventory, 'a')
    return connection.kind === 'ssh' ? `${connection.user}:${connection.port}` : connection.kind
  }
  assert.is(at(inventoryOf(files)), 'web-inline:3')
  assert.is(at(inventoryOf({ ...files, 'group_vars/web.yml': 'ansible_user: web-file\n' })), 'web-file:3')
  assert.is(at(inventoryOf({ ...files, 'host_vars/a.yml': 'ansible_port: 4\n' })), 'web-inline:4')
  assert.is(at(inventoryOf(files, ['ansible_user=root', 'ansible_port=5'])), 'root:5')
})

test('the options of ssh of a host replace those of its group as a whole', () => {
  const inventory = inventoryOf({
    'hosts.yml': `
all:
  vars: { ansible_ssh_common_args: -o UserKnownHostsFile=known -o ConnectTimeout=3 }
  hosts:
    a: { ansible_ssh_common_args: -o ConnectTimeout=5 }
    b:
`,
  })
  const [a, b] = inventory.hosts.map(({ connection }) => (connection.kind === 'ssh' ? connection : undefined))
  assert.is(a?.connectTimeoutSeconds, 5)
  assert.is(a?.knownHostsFile, undefined)
  assert.is(b?.knownHostsFile, join(inventory.path, 'known'))
})

const wrong: [vars: string, message: string, expected: RegExp, got: RegExp, hint?: RegExp][] = [
  ['ansible_port: 0', 'ansible_port has a wrong value', /from 1 to 65535/, /the number 0/],
  ['ansible_port: 65536', 'ansible_port has a wrong value', /from 1 to 65535/, /the number 65536/],
  ['ansible_port: "22"', 'ansible_port has a wrong value', /from 1 to 65535/, /the text "22"/, /remove the quotes/],
  ['ansible_port: 22.5', 'ansible_port has a wrong value', /whole number/, /22.5/],
  ['ansible_host: 10', 'ansible_host has a wrong value', /a host name or an address/, /the number 10/, /in quotes/],
  ['ansible_host: ops@x', 'ansible_host has a wrong value', /a host name or an address/, /"ops@x"/],
  ['ansible_host:', 'ansible_host has no value', /a host name or an address/, /nothing/],
  ['ansible_user: [a]', 'ansible_user has a wrong value', /a user name/, /a list of 1/],
  ['ansible_become: "yes"', 'ansible_become has a wrong value', /true or false/, /the text "yes"/],
  ['ansible_connection: docker', 'ansible_connection has a wrong value', /ssh or local/, /"docker"/],
  [
    'ansible_ssh_private_key_file: ~eve/k',
    'ansible_ssh_private_key_file has a wrong value',
    /a path/,
    /~eve/,
    /only ~\//,
  ],
  ['ansible_ssh_common_args: -A', 'ansible_ssh_common_args has a wrong value', /only -o Key=Value/, /-A/, /remove -A/],
  [
    'ansible_ssh_common_args: -o ProxyJump=x',
    'ansible_ssh_common_args has a wrong value',
    /only -o Key=Value/,
    /ProxyJump/,
    /remove -o ProxyJump=x/,
  ],
  [
    'ansible_ssh_common_args: -o UserKnowHostsFile=x',
    'ansible_ssh_common_args has a wrong value',
    /./,
    /./,
    /did you mean UserKnownHostsFile\?/,
  ],
  [
    'ansible_ssh_common_args: -o StrictHostKeyChecking=no',
    'ansible_ssh_common_args has a wrong value',
    /accept-new/,
    /./,
    /always checks who is at the other end/,
  ],
  [
    'ansible_ssh_common_args: -o UserKnownHostsFile=/dev/null',
    'ansible_ssh_common_args has a wrong value',
    /not \/dev\/null/,
    /./,
  ],
  [
    'ansible_ssh_common_args: -o ConnectTimeout=soon',
    'ansible_ssh_common_args has a wrong value',
    /a whole number of seconds/,
    /soon/,
  ],
  ['ansible_ssh_common_args: -o', 'ansible_ssh_common_args has a wrong value', /only -o/, /./],
]

for (const [vars, message, expected, got, hint] of wrong) {
  test(`refused: ${vars}`, () => {
    const [problem] = problemsOf(() => inventoryOf({ 'hosts.yml': `all:\n  hosts:\n    a:\n      ${vars}\n` }))
    assert.is(problem?.message, message)
    assert.is(problem?.place?.line, 4)
    assert.match(problem?.expected ?? '', expected)
    assert.match(problem?.got ?? '', got)
    if (hint !== undefined) assert.match(problem?.hint ?? '', hint)
  })
}

const unknown: [name: string, hint: RegExp][] = [
  ['ansible_hots', /did you mean "ansible_host"\?/],
  ['ansible_python_interpreter', /needs no Python/],
  ['ansible_ssh_user', /write ansible_user/],
  ['ansible_become_pass', /write ansible_become_password/],
  ['ansible_become_method', /through sudo/],
  ['ansible_winrm_transport', /remove it/],
]

for (const [name, hint] of unknown) {
  test(`unknown: ${name}`, () => {
    const [problem] = problemsOf(() => inventoryOf({ 'hosts.yml': `all:\n  hosts:\n    a: { ${name}: x }\n` }))
    assert.is(problem?.message, `the connection variable ${name} is unknown`)
    assert.match(problem?.hint ?? '', hint)
  })
}

test.run()
