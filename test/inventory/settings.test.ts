import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { SshConnection } from '../../lib/inventory/connections/connection.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { problemsOf } from '../support/problems.ts'
import { directoryOf, hostIn, inventoryOf } from './support.ts'

function sshOf(vars: string): SshConnection {
  const { connection } = hostIn(inventoryOf({ 'hosts.yml': `all:\n  hosts:\n    a: ${vars}\n` }), 'a')
  if (connection.kind !== 'ssh') throw new Error('expected ssh')
  return connection
}

test("without any setting a host is reached by its name, as ssh's configuration says", () => {
  assert.equal(sshOf(''), { kind: 'ssh', address: 'a' })
})

test('every connection variable is read', () => {
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
    privateKeyFile: '/keys/a',
    args: {
      first: [],
      last: [
        ...['-o', 'UserKnownHostsFile=/known', '-oStrictHostKeyChecking=accept-new', '-o', 'connecttimeout=5'],
        ...['-o', 'ServerAliveInterval=15'],
      ],
    },
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

test('containers are reached by name, and the program ssh can be chosen', () => {
  const of = (vars: string) => hostIn(inventoryOf({ 'hosts.yml': `all:\n  hosts:\n    a: ${vars}\n` }), 'a').connection
  assert.equal(of('{ ansible_connection: docker, ansible_host: web }'), { kind: 'docker', container: 'web' })
  assert.equal(of('{ ansible_connection: containers.podman.podman, ansible_user: app }'), {
    kind: 'podman',
    container: 'a',
    user: 'app',
  })
  assert.equal(
    of(
      '{ ansible_connection: podman, ansible_host: x, ansible_podman_host: web, ansible_podman_executable: /opt/podman, ansible_podman_extra_args: "--url ssh://h" }',
    ),
    {
      kind: 'podman',
      container: 'web',
      program: '/opt/podman',
      options: ['--url', 'ssh://h'],
    },
  )
  assert.equal(
    of(
      '{ ansible_connection: docker, ansible_docker_user: app, ansible_user: b, ansible_docker_extra_args: -H tcp://h:1 }',
    ),
    {
      kind: 'docker',
      container: 'a',
      user: 'app',
      options: ['-H', 'tcp://h:1'],
    },
  )
  assert.equal(of('{ ansible_connection: docker, ansible_become: yes, ansible_become_method: ansible.builtin.su }'), {
    kind: 'docker',
    container: 'a',
    become: { user: 'root', method: 'su' },
  })
  assert.equal(of('{ ansible_connection: openssh }'), { kind: 'ssh', address: 'a', client: 'openssh' })
  assert.equal(of('{ ansible_host_key_checking: false }'), { kind: 'ssh', address: 'a', unknownHostKey: 'accept-new' })
})

test('the become password has no effect until become is true', () => {
  assert.is(sshOf('{ ansible_become: false, ansible_become_password: x }').become, undefined)
})

test('variables of one become method count for this method alone, and win over those of all', () => {
  const become = (method: string) =>
    sshOf(`
      ansible_become: true
      ansible_become_method: ${method}
      ansible_become_user: all
      ansible_sudo_user: by-sudo
      ansible_su_user: by-su
      ansible_doas_user: by-doas
      ansible_sudo_flags: -H
      ansible_su_pass: of su
      ansible_doas_exe: /opt/doas`).become
  assert.equal(become('sudo'), { user: 'by-sudo', flags: '-H' })
  const { password, ...su } = become('ansible.builtin.su') ?? { user: '' }
  assert.equal([su, password?.reveal()], [{ user: 'by-su', method: 'su' }, 'of su'])
  assert.equal(become('community.general.doas'), { user: 'by-doas', method: 'doas', exe: '/opt/doas' })
  assert.equal(become('dzdo'), { user: 'all', method: 'dzdo' })
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
    return connection.kind === 'ssh' ? `${connection.user ?? ''}:${connection.port ?? ''}` : connection.kind
  }
  assert.is(at(inventoryOf(files)), 'all-file:3')
  assert.is(at(inventoryOf({ ...files, 'group_vars/web.yml': 'ansible_user: web-file\n' })), 'web-file:3')
  assert.is(at(inventoryOf({ ...files, 'host_vars/a.yml': 'ansible_port: 4\n' })), 'all-file:4')
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
  assert.equal(a?.args?.last, ['-o', 'ConnectTimeout=5'])
  assert.equal(b?.args?.last, ['-o', `UserKnownHostsFile=${join(inventory.path, 'known')}`, '-o', 'ConnectTimeout=3'])
})

const wrong: [vars: string, message: string, expected: RegExp, got: RegExp, hint?: RegExp][] = [
  ['ansible_port: 0', 'ansible_port has a wrong value', /from 1 to 65535/, /the number 0/],
  ['ansible_port: 65536', 'ansible_port has a wrong value', /from 1 to 65535/, /the number 65536/],
  ['ansible_port: 22.5', 'ansible_port has a wrong value', /whole number/, /22.5/],
  ['ansible_host: ops@x', 'ansible_host has a wrong value', /a host name or an address/, /"ops@x"/],
  ['ansible_user: [a]', 'ansible_user has a wrong value', /a user name/, /a list of 1/],
  ['ansible_become: maybe', 'ansible_become has a wrong value', /true or false/, /the text "maybe"/],
  [
    'ansible_ssh_private_key_file: ~eve/k',
    'ansible_ssh_private_key_file has a wrong value',
    /a path/,
    /~eve/,
    /only ~\//,
  ],
  [
    "ansible_ssh_common_args: -o 'ProxyCommand=nc",
    'ansible_ssh_common_args has a wrong value',
    /a second '/,
    /ProxyCommand/,
    /close the quotes/,
  ],
  ['ansible_ssh_extra_args: -N', 'ansible_ssh_extra_args has a wrong value', /how to connect/, /-N/, /remove -N/],
  ['ansible_ssh_args: -- evil', 'ansible_ssh_args has a wrong value', /how to connect/, /evil/, /remove --/],
  ['ansible_ssh_args: -o', 'ansible_ssh_args has a wrong value', /after -o/, /-o/],
]

test('an unsupported connection makes its own hosts unreachable, and no others', () => {
  const inventory = inventoryOf({ 'hosts.yml': 'all:\n  hosts:\n    a:\n    win: { ansible_connection: winrm }\n' })
  assert.is(hostIn(inventory, 'a').connection.kind, 'ssh')
  const [problem] = problemsOf(() => hostIn(inventory, 'win').connection)
  assert.is(problem?.message, 'ansible_connection has a wrong value')
  assert.is(problem?.host, 'win')
  assert.is(problem?.place?.line, 4)
  assert.match(problem?.expected ?? '', /ssh, openssh, local, docker/)
})

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

test('values that INI and old habits write as texts are accepted', () => {
  const connection = sshOf(`
      ansible_host: 10
      ansible_port: "2222"
      ansible_user:
      ansible_password: 4711
      ansible_become: "yes"`)
  assert.is(connection.address, '10')
  assert.is(connection.port, 2222)
  assert.is(connection.user, undefined, 'a variable without a value is none')
  assert.is(connection.password?.reveal(), '4711')
  assert.equal(connection.become, { user: 'root' })
})

test('all of Ansible’s names for a connection variable are accepted, with Ansible’s precedence', () => {
  const connection = sshOf(`
      ansible_host: 10.0.0.1
      ansible_ssh_host: 10.0.0.2
      ansible_port: 1
      ansible_ssh_port: 2
      ansible_user: one
      ansible_ssh_user: two
      ansible_password: one
      ansible_ssh_pass: two
      ansible_private_key_file: /one
      ansible_ssh_private_key_file: /two
      ansible_timeout: 30
      ansible_become: 1
      ansible_become_method: su
      ansible_become_user: app
      ansible_become_password: one
      ansible_become_pass: two
      ansible_become_exe: /bin/su
      ansible_become_flags: -l
      ansible_ssh_extra_args: -o ServerAliveInterval=5 -o ConnectTimeout=9
      ansible_ssh_args: -o ServerAliveInterval=7`)
  const { password, become, ...rest } = connection
  assert.equal(rest, {
    kind: 'ssh',
    address: '10.0.0.2',
    port: 2,
    user: 'two',
    privateKeyFile: '/two',
    connectTimeoutSeconds: 30,
    args: {
      first: ['-o', 'ServerAliveInterval=7'],
      last: ['-o', 'ServerAliveInterval=5', '-o', 'ConnectTimeout=9'],
    },
  })
  assert.is(password?.reveal(), 'two')
  assert.is(become?.password?.reveal(), 'two')
  assert.equal(
    { ...become, password: undefined },
    { user: 'app', method: 'su', exe: '/bin/su', flags: '-l', password: undefined },
  )
})

test('a template in a connection variable is evaluated for its host when the connection is needed', () => {
  const directory = directoryOf({
    'hosts.yml':
      'all:\n  vars: { who: "{{ inventory_hostname }}-user", at: 77, ansible_user: "{{ who }}", ansible_port: "{{ at }}" }\n  hosts: { a: , b: { ansible_port: 5 } }\n',
  })
  const [a, b] = loadInventory(directory).hosts.map(({ connection }) => connection)
  assert.is(a?.kind === 'ssh' && `${a.user}:${a.port}`, 'a-user:77')
  assert.is(b?.kind === 'ssh' && `${b.user}:${b.port}`, 'b-user:5')
})

test('a template that cannot be evaluated is an error when the connection is needed, with its place', () => {
  const directory = directoryOf({ 'hosts.yml': 'all:\n  vars:\n    ansible_user: "{{ who }}"\n  hosts: { a: }\n' })
  const [host] = loadInventory(directory).hosts
  const [problem] = problemsOf(() => host?.connection)
  assert.is(problem?.message, "the template cannot be evaluated: 'who' is not defined")
  assert.is(problem?.place?.line, 3)
})

test.run()
