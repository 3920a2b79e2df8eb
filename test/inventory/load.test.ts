import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../lib/inventory/load.ts'
import { directoryOf, hostIn, inventoryOf } from './support.ts'

test("the product's own inventory has the five nodes of the tutorial", () => {
  const inventory = loadInventory('inventory')
  const rows = inventory.hosts.map(({ name, groups, connection }) => [
    name,
    connection.kind === 'ssh' ? connection.address : connection.kind,
    groups.join(' '),
  ])
  assert.equal(rows, [
    ['node-01', '10.10.50.50', 'all dns kubernetes control_plane etcd'],
    ['node-02', '10.10.50.20', 'all ca kubernetes control_plane etcd'],
    ['node-03', '10.10.50.233', 'all docker kubernetes etcd kube_nodes'],
    ['node-04', '10.10.50.99', 'all docker kubernetes kube_nodes'],
    ['node-05', '10.10.50.40', 'all docker kubernetes registry kube_nodes'],
  ])
  assert.equal(inventory.hosts[0]?.connection, {
    kind: 'ssh',
    address: '10.10.50.50',
    user: 'ops',
    privateKeyFile: join(process.cwd(), '.rolecall/lab/default/id_ed25519'),
    args: { first: [], last: ['-o', `UserKnownHostsFile=${process.cwd()}/.rolecall/lab/default/known_hosts`] },
    become: { user: 'root' },
  })
})

test('groups nest at any depth, and may be beside all or under it', () => {
  const inventory = inventoryOf({
    'hosts.yml': `
all:
  children:
    prod:
      children:
        web:
          children:
            edge: { hosts: { e1: } }
          hosts: { w1: }
lone:
  hosts: { l1: , w1: }
`,
  })
  assert.equal(
    inventory.hosts.map(({ name, groups }) => `${name}: ${groups.join(' ')}`),
    ['l1: all lone', 'w1: all lone prod web', 'e1: all prod web edge'],
  )
  const group = inventory.groups.get('prod')
  assert.equal(
    group?.hosts.map(({ name }) => name),
    ['w1', 'e1'],
  )
  assert.equal(group?.children, ['web'])
  assert.equal(group?.parents, ['all'])
})

test('a group comes after all its parents, and groups of one depth are in alphabetical order', () => {
  const inventory = inventoryOf({
    'hosts.yml': `
all:
  children:
    zoo: { hosts: { h: } }
    ant: { hosts: { h: } }
    deep: { children: { deeper: { children: { both: { hosts: { h: } } } } } }
    flat: { children: { both: } }
`,
  })
  assert.is(hostIn(inventory, 'h').groups.join(' '), 'all ant deep flat zoo deeper both')
})

test('a host that only all names is in the group ungrouped', () => {
  const inventory = inventoryOf({
    'hosts.yml': 'all:\n  hosts:\n    a:\n    b:\n  children:\n    web: { hosts: { b: } }\n',
  })
  assert.equal(hostIn(inventory, 'a').groups, ['all', 'ungrouped'])
  assert.equal(hostIn(inventory, 'b').groups, ['all', 'web'])
  assert.equal(inventory.groups.get('ungrouped')?.hosts, [hostIn(inventory, 'a')])
  assert.equal(inventory.groups.get('all')?.children, ['ungrouped', 'web'])
})

test('the variables of a range are those of each of its hosts', () => {
  const inventory = inventoryOf({
    'hosts.yml': 'all:\n  hosts:\n    n[1:2]: { ansible_port: 2222 }\n    n2: { ansible_user: eve }\n',
  })
  const ports = inventory.hosts.map(({ connection }) => connection.kind === 'ssh' && connection.port)
  assert.equal(ports, [2222, 2222])
  assert.is(inventory.hosts.length, 2)
})

test('anchors, aliases and merge keys work; the map’s own keys win', () => {
  const inventory = inventoryOf({
    'hosts.yml': `
all:
  hosts:
    a: &first { ansible_host: 10.0.0.1, ansible_port: 2222 }
    b: *first
    c:
      <<: *first
      ansible_host: 10.0.0.3
    d:
      ansible_host: 10.0.0.4
      <<: [{ ansible_user: eve }, { ansible_user: bob, ansible_port: 22 }]
`,
  })
  const rows = inventory.hosts.map(({ connection: c }) => (c.kind === 'ssh' ? `${c.address}:${c.port}` : c.kind))
  assert.equal(rows, ['10.0.0.1:2222', '10.0.0.1:2222', '10.0.0.3:2222', '10.0.0.4:22'])
  const last = hostIn(inventory, 'd').connection
  assert.is(last.kind === 'ssh' && last.user, 'eve')
})

test('an inventory can be one file, with its variables beside it', () => {
  const directory = directoryOf({ 'lab.yaml': 'all:\n  hosts:\n    a:\n', 'group_vars/all.yml': 'ansible_user: eve\n' })
  const [host] = loadInventory(join(directory, 'lab.yaml')).hosts
  assert.is(host?.connection.kind === 'ssh' && host.connection.user, 'eve')
  assert.is(host?.place.file, join(directory, 'lab.yaml'))
})

test('hosts.yaml, group_vars/NAME.yaml and directories of files are read, hidden files and backups are not', () => {
  const inventory = inventoryOf({
    'hosts.yaml': 'all:\n  hosts:\n    a:\n',
    'group_vars/all/10-user.yml': 'ansible_user: eve\nansible_port: 1\n',
    'group_vars/all/20-port.yaml': 'ansible_port: 2\n',
    'group_vars/all/.hidden.yml': ':',
    'group_vars/all/10-user.yml~': ':',
    'group_vars/README.md': '# not variables',
    'group_vars/.gitkeep': '',
    'host_vars/a.yaml': '# nothing yet\n',
  })
  const { connection } = hostIn(inventory, 'a')
  assert.is(connection.kind === 'ssh' && `${connection.user}:${connection.port}`, 'eve:2')
})

test('the windows way of ending lines and a byte order mark do no harm', () => {
  const inventory = inventoryOf({ 'hosts.yml': '\uFEFFall:\r\n  hosts:\r\n    a:\r\n      ansible_port: 23\r\n' })
  const { connection, place } = hostIn(inventory, 'a')
  assert.is(connection.kind === 'ssh' && connection.port, 23)
  assert.is(`${place.line}:${place.column}`, '3:5')
})

test('a path with ~/ is in the home directory, a relative one beside the file that says it', () => {
  const directory = directoryOf({
    'hosts.yml': 'all:\n  vars: { ansible_ssh_private_key_file: ~/.ssh/id_x }\n  hosts:\n    a:\n    b:\n',
    'host_vars/b.yml': 'ansible_ssh_private_key_file: ../keys/b\n',
  })
  const keys = loadInventory(directory).hosts.map(({ connection: c }) => c.kind === 'ssh' && c.privateKeyFile)
  assert.equal(keys, [join(homedir(), '.ssh/id_x'), join(directory, 'keys/b')])
})

test.run()
