import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readSettings, readSources } from '../../lib/lab/machine/archive.ts'
import { cacheDirectory } from '../../lib/lab/machine/files.ts'
import { knownHosts, sshConfig } from '../../lib/lab/ownership/keys.ts'
import { inventoryFor, sshArguments } from '../../lib/lab/lab.ts'
import { checkedName, chosenNodes, describeLab } from '../../lib/lab/model.ts'
import { markedRules, occupiedSubnets } from '../../lib/lab/nspawn/network.ts'
import { checkMachine, type Machine } from '../../lib/lab/machine/requirements.ts'
import { withoutLoopback } from '../../lib/lab/machine/resolvers.ts'
import { checkedLabel } from '../../lib/lab/disks/labels.ts'
import { chooseSubnet } from '../../lib/lab/ownership/subnet.ts'
import { RolecallError } from '../../lib/errors.ts'

const lab = describeLab('default', '/srv/site', 50)
const none: ReadonlySet<number> = new Set()

function refusal(work: () => unknown): RolecallError {
  try {
    work()
  } catch (error) {
    if (error instanceof RolecallError) return error
    throw error
  }
  throw new Error('Expected a RolecallError, got none')
}

test('a lab has the addresses of the tutorial', () => {
  const addresses = lab.nodes.map((node) => `${node.name} ${node.address}`)
  assert.equal(addresses, [
    'node-01 10.10.50.50',
    'node-02 10.10.50.20',
    'node-03 10.10.50.233',
    'node-04 10.10.50.99',
    'node-05 10.10.50.40',
  ])
  assert.is(lab.gateway, '10.10.50.254')
})

test('the names that the kernel limits to 15 characters fit, for the highest subnet too', () => {
  const { bridge } = describeLab('a-name-of-20-letters', '/srv/site', 254)
  assert.ok(bridge.length <= 15, bridge)
})

test('the name of a lab that could not be part of a file name is refused', () => {
  for (const name of ['', '../x', 'Default', '1st', 'a'.repeat(21), 'a b', 'a"b']) {
    assert.is(refusal(() => checkedName({ project: '/', name })).problems[0]?.code, 'lab', name)
  }
  assert.is(checkedName({ project: '/' }), 'default')
})

test('a label of saved disks that could not be the name of a directory is refused', () => {
  for (const label of ['', '..', '../x', '.', '-x', 'After', 'a b', 'a/b', 'a:b', 'a'.repeat(41)]) {
    assert.is(refusal(() => checkedLabel(label)).problems[0]?.got, label)
  }
  assert.is(checkedLabel('after-site-2'), 'after-site-2')
})

test('all unknown hosts are reported at once', () => {
  const { problems } = refusal(() => chosenNodes(lab, ['node-06', 'node-01', 'nod-02']))
  assert.equal(
    problems.map((problem) => problem.got),
    ['node-06', 'nod-02'],
  )
  assert.is(chosenNodes(lab, []).length, 5)
})

test('the default lab gets subnet 50 or none', () => {
  assert.is(chooseSubnet({ name: 'default', before: undefined, labs: none, machine: none }), 50)
  const taken = refusal(() => chooseSubnet({ name: 'default', before: 50, labs: none, machine: new Set([50]) }))
  assert.match(taken.message, '10.10.50.0/24')
  assert.ok(taken.problems[0]?.hint)
})

test('any other lab gets the subnet it had before, or the lowest free one', () => {
  const other = { name: 'other', labs: new Set([51]), machine: new Set([50, 52]) }
  assert.is(chooseSubnet({ ...other, before: undefined }), 53)
  assert.is(chooseSubnet({ ...other, before: 60 }), 60)
  assert.is(chooseSubnet({ ...other, before: 51 }), 53)
  assert.is(chooseSubnet({ name: 'other', before: undefined, labs: none, machine: none }), 51)
})

test('when every subnet is taken, the lab is refused', () => {
  const all = new Set(Array.from({ length: 255 }, (_, third) => third))
  assert.match(refusal(() => chooseSubnet({ name: 'x', before: undefined, labs: all, machine: none })).message, 'free')
})

test('a route occupies the subnets it reaches into, a company-wide one does not', () => {
  const occupied = occupiedSubnets([
    'default',
    '10.0.0.0/8',
    '10.10.51.0/24',
    '10.10.60.7',
    '10.10.64.0/22',
    '10.11.70.0/24',
  ])
  assert.equal([...occupied], [51, 60, 64, 65, 66, 67])
})

test('only the rules marked as the lab is named are its own', () => {
  const listed = [
    '-P POSTROUTING ACCEPT',
    '-A POSTROUTING -s 10.10.51.0/24 ! -d 10.10.51.0/24 -m comment --comment rolecall-x -j MASQUERADE',
    '-A POSTROUTING -s 10.10.52.0/24 -m comment --comment "rolecall-x-2" -j MASQUERADE',
    '-A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE',
  ].join('\n')
  assert.is(markedRules(listed, 'x').length, 1)
  assert.is(markedRules(listed, 'x')[0]?.join(' '), listed.split('\n')[1]?.slice(3))
  assert.is(markedRules(listed, 'x-2')[0]?.includes('rolecall-x-2'), true)
})

test('the inventory has the groups of the tutorial and says how to reach the hosts', () => {
  const text = inventoryFor(describeLab('default', '/srv/my "site"', 50))
  assert.match(text, '    node-03:\n      ansible_host: 10.10.50.233\n')
  assert.match(text, '    dns:\n      hosts:\n        node-01:\n    ca:\n      hosts:\n        node-02:\n')
  assert.match(text, '    docker:\n      hosts:\n        node-03:\n        node-04:\n        node-05:\n')
  assert.match(text, '    ansible_become: true\n')
  assert.match(text, '    ansible_ssh_private_key_file: "/srv/my \\"site\\"/.rolecall/lab/default/id_ed25519"\n')
  assert.match(text, `"-o 'UserKnownHostsFile=/srv/my \\"site\\"/.rolecall/lab/default/known_hosts'"`)
  assert.match(inventoryFor(lab), '"-o UserKnownHostsFile=/srv/site/.rolecall/lab/default/known_hosts"')
})

test('known_hosts names every host by name and address, without the comment of its key', () => {
  const lines = knownHosts(lab, ['ssh-ed25519 AAAA1 me@here', 'ssh-ed25519 AAAA2']).split('\n')
  assert.is(lines[0], 'node-01,10.10.50.50 ssh-ed25519 AAAA1')
  assert.is(lines[1], 'node-02,10.10.50.20 ssh-ed25519 AAAA2')
})

test('the ssh_config checks host keys and survives a path with spaces and percent signs', () => {
  const text = sshConfig(describeLab('default', '/srv/100% mine', 50))
  assert.match(text, 'StrictHostKeyChecking yes')
  assert.match(text, '"/srv/100%% mine/.rolecall/lab/default/id_ed25519"')
  assert.equal(sshArguments(lab, 'node-02'), ['-F', '/srv/site/.rolecall/lab/default/ssh_config', 'node-02'])
})

test('only the distribution’s own sources of apt are used', () => {
  const targets = [
    'http://mirror.example/debian/ bookworm bookworm main Debian',
    'http://mirror.example/debian/ bookworm bookworm contrib Debian',
    'http://mirror.example/security/ stable-security bookworm-security main Debian',
    'https://vendor.example/linux/ bookworm bookworm stable Docker',
    'https://other.example/ bookworm bookworm main Other',
    'cdrom:[disc]/ bookworm bookworm main Debian',
    '',
  ].join('\n')
  assert.equal(readSources(targets, 'debian', 'bookworm'), [
    { uri: 'http://mirror.example/debian/', suite: 'bookworm', components: ['main', 'contrib'] },
    { uri: 'http://mirror.example/security/', suite: 'bookworm-security', components: ['main'] },
  ])
})

test('sources whose lists were never fetched are recognised by their suite', () => {
  const targets = 'http://mirror.example/debian/ bookworm $(CODENAME) main $(ORIGIN)\n'
  assert.is(readSources(targets, 'debian', 'bookworm')[0]?.suite, 'bookworm')
})

test('only those settings of apt are used that are about reaching the archive', () => {
  const dump = [
    'Acquire "";',
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::GzipIndexes "true";',
    'Acquire::IndexTargets::deb::Packages::MetaKey "x";',
    'DPkg::Post-Invoke:: "/usr/bin/only-here";',
    'Acquire::Languages:: "none";',
  ].join('\n')
  const expected = 'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::Languages:: "none";\n'
  assert.is(readSettings(dump), expected)
})

test('a name server on the machine’s loopback is not given to the hosts', () => {
  assert.is(withoutLoopback('nameserver 127.0.0.53\nnameserver 192.0.2.1\n'), 'nameserver 192.0.2.1\n')
  assert.is(withoutLoopback('nameserver ::1\nsearch example.org\n'), 'search example.org\n')
})

test('the cache is where XDG says, unless that is not an absolute path', () => {
  assert.is(cacheDirectory({}, '/home/me'), '/home/me/.cache/rolecall')
  assert.is(cacheDirectory({ XDG_CACHE_HOME: '/var/tmp/c' }, '/home/me'), '/var/tmp/c/rolecall')
  assert.is(cacheDirectory({ XDG_CACHE_HOME: 'c' }, '/home/me'), '/home/me/.cache/rolecall')
})

const fine: Machine = { platform: 'linux', root: true, families: ['debian'], missing: [], cgroup2: true }

test('a machine that has everything needs nothing', () => {
  assert.equal(checkMachine(fine), { install: [] })
})

test('missing programs are installed by the names of their packages, each once', () => {
  assert.equal(checkMachine({ ...fine, missing: ['unshare', 'systemd-nspawn', 'nsenter'] }), {
    install: ['systemd-container', 'util-linux'],
  })
})

test('without root, the error has the command that installs what is missing', () => {
  const verdict = checkMachine({ ...fine, root: false, missing: ['debootstrap'] })
  assert.match('hint' in verdict ? verdict.hint : '', 'sudo apt-get install debootstrap')
})

test('another system, another distribution and a kernel without control groups 2 are refused in one sentence', () => {
  const wrong: readonly Partial<Machine>[] = [{ platform: 'darwin' }, { families: ['fedora'] }, { cgroup2: false }]
  for (const machine of wrong) {
    const verdict = checkMachine({ ...fine, ...machine })
    assert.ok('refuse' in verdict && verdict.hint !== '' && !verdict.refuse.includes('. '), JSON.stringify(verdict))
  }
})

test.run()
