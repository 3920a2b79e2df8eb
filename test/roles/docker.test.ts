import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from '../../lib/index.ts'
import { Prediction, type Effect } from '../../lib/resources/prediction/prediction.ts'
import { debian, reply, rocky, words } from '../support/converge-locally.ts'
import docker from '../../roles/docker.ts'
import { bridge } from '../../roles/docker/bridge.ts'
import { bipOf, objectionsTo, overlap, ownOverlap } from '../../roles/docker/bip.ts'
import { daemonJson, dataRootKey } from '../../roles/docker/daemon-json.ts'

const base = { bipBase: '172.7' }
const host = (name: string, address: string, more = {}) => ({ name, address, groups: [], vars: { ...base, ...more } })
const judge = (...hosts: readonly ReturnType<typeof host>[]) => objectionsTo({ hosts, everyone: hosts })

test('The last number of the address is the third of the bridge network, as the tutorial has it', () => {
  assert.is(bipOf('10.10.50.21', base), '172.7.21.1/24')
  assert.is(bipOf('10.10.50.233', { bipBase: '10.200' }), '10.200.233.1/24')
  assert.is(bipOf('10.10.50.21', { ...base, bip: '192.168.7.1/25' }), '192.168.7.1/25')
  assert.is(bipOf('node-03.example', base), undefined)
})

test('The five nodes have nothing against one another', () => {
  const addresses = ['10.10.50.50', '10.10.50.20', '10.10.50.233', '10.10.50.99', '10.10.50.40']
  assert.equal(judge(...addresses.map((address, at) => host(`node-0${at + 1}`, address))), [])
})

test('Two hosts with one network are named, with the variable to set', () => {
  const [objection, ...more] = judge(host('a', '10.10.50.21'), host('b', '10.10.50.22'), host('c', '10.10.51.21'))
  assert.equal(more, [])
  assert.equal(objection?.hosts, ['a', 'c'])
  assert.match(objection?.message ?? '', 'a and c would have the same bridge network')
  assert.match(objection?.got ?? '', '172.7.21.1/24 on a (10.10.50.21), 172.7.21.1/24 on c (10.10.51.21)')
  assert.match(objection?.hint ?? '', 'set docker.bip for c')
  assert.equal(judge(host('a', '10.10.50.21'), host('c', '10.10.51.21', { bip: '172.8.0.1/24' })), [])
  assert.is(judge(host('a', '10.10.50.21'), host('c', '10.10.51.22', { bip: '172.7.0.1/16' })).length, 1)
})

test('A network with a host of the site in it is refused, and a host without an address must have one said', () => {
  const [inside] = judge(host('a', '172.7.50.21'), host('b', '172.7.21.9'))
  assert.match(inside?.message ?? '', 'the bridge network 172.7.21.1/24 of a has the address of b in it')
  const [nameless] = judge(host('a', 'a.example'))
  assert.match(nameless?.message ?? '', 'the bridge network of a cannot be derived')
  assert.equal(judge(host('a', 'a.example', { bip: '172.7.1.1/24' })), [])
})

test('Networks overlap when they share an address', () => {
  assert.ok(overlap('172.7.21.1/24', '172.7.21.200/32'))
  assert.ok(overlap('172.7.21.1/24', '172.0.0.0/8'))
  assert.not.ok(overlap('172.7.21.1/24', '172.7.22.1/24'))
  assert.not.ok(overlap('255.255.255.0/24', '0.0.0.0/32'))
})

const networks = [
  { device: 'eth0', cidr: '10.10.50.21/24' },
  { device: 'docker0', cidr: '172.7.21.1/24' },
  { device: 'tun0', cidr: '172.9.0.5/32' },
]
test("The host's own networks are looked through, but for docker0", () => {
  assert.is(ownOverlap('172.7.21.1/24', networks), undefined)
  assert.is(ownOverlap('10.10.0.1/16', networks), 'eth0 10.10.50.21/24')
  assert.is(ownOverlap('172.9.0.1/24', networks), 'tun0 172.9.0.5/32')
})

test('Engines before 17.05 call the data root graph', () => {
  for (const version of ['1.13.1', '17.04.0-ce']) assert.is(dataRootKey(`Docker version ${version}, build x`), 'graph')
  for (const version of ['17.05.0-ce', '18.09.9', '20.10.24+dfsg1', '27.1.1'])
    assert.is(dataRootKey(`Docker version ${version}, build x`), 'data-root')
  assert.is(dataRootKey(''), 'data-root')
})

const daemon = {
  dataRoot: '/data/docker',
  storageDriver: 'overlay2',
  cgroupDriver: 'systemd',
  liveRestore: true,
  insecureRegistries: ['harbor.thtf.com'],
  registryMirrors: [],
} as const

test('daemon.json has what the tutorial has, and lists that are empty are taken out', () => {
  assert.equal(daemonJson(daemon, '172.7.21.1/24', 'graph'), {
    set: {
      graph: '/data/docker',
      'storage-driver': 'overlay2',
      'insecure-registries': ['harbor.thtf.com'],
      bip: '172.7.21.1/24',
      'exec-opts': ['native.cgroupdriver=systemd'],
      'live-restore': true,
    },
    remove: ['data-root', 'registry-mirrors'],
  })
})

const answers = () => ({ stdout: 'none' })

test('The configuration stands before the engine, which starts with it; the engine is restarted after it', async () => {
  const { asked } = await play(docker, { host: { address: '10.10.50.21' }, answers })
  assert.equal(
    asked.map(({ id }) => id),
    [
      'exec:directory /etc/docker',
      'jsonFile:/etc/docker/daemon.json',
      'pkg:docker.io',
      'service:docker',
      'dockerBridge:docker0',
    ],
  )
  assert.equal((asked[3]?.want as { inputs: unknown }).inputs, ['/etc/docker/daemon.json'])
  assert.equal(asked[4]?.want, { bip: '172.7.21.1/24', dataRoot: '/data/docker' })
})

const unit = { type: 'unit', name: 'docker.service', running: true } as const
const other = 'address 192.168.77.1/24\nsurviving 0\n'
const restart = ['restart docker, so that docker0 has 172.7.21.1/24 (has 192.168.77.1/24)']
const bridges: readonly (readonly [says: string, have: string, pending: readonly Effect[], then: readonly string[]])[] =
  [
    ['right: nothing to do', 'address 172.7.21.1/24\nsurviving 3\nrunning\n', [], []],
    ['another: restart', `${other}running\n`, [], restart],
    ['another, and the engine is to be restarted: that does it', `${other}running\n`, [unit], []],
    [
      'another, and the engine is only to be enabled: restart',
      `${other}running\n`,
      [{ ...unit, stays: true }],
      restart,
    ],
    [
      'another, and an engine that is gone comes with its package: its start does it',
      other,
      [{ type: 'package', name: 'docker.io', installed: true }],
      [],
    ],
    [
      'another, and an active unit takes its containers along: the restart of the engine does it',
      'address 192.168.77.1/24\nsurviving 2\nled 2\nrunning\n',
      [unit],
      [],
    ],
    [
      'another, a container lives on through the restart: restart it as well',
      'address 192.168.77.1/24\nsurviving 1\nrunning\n',
      [unit],
      ['restart docker and its container, so that docker0 has 172.7.21.1/24 (has 192.168.77.1/24)'],
    ],
  ]
for (const [says, have, pending, then] of bridges)
  test(`The address of docker0 is ${says}`, () => {
    const prediction = new Prediction()
    prediction.record('earlier', pending)
    assert.equal(words(bridge('172.7.21.1/24', '/data/docker').evaluate(reply(have), debian, prediction)), then)
  })

test("Docker's own repository is a source with its key, then its packages, on both families", async () => {
  const vars = { engine: { kind: 'repository' as const, url: 'https://mirror.example/linux' } }
  const onDebian = await play(docker, { vars, host: { address: '10.10.50.21' }, answers })
  assert.equal(
    onDebian.asked.slice(2, 6).map(({ id }) => id),
    [
      'pkg:ca-certificates,curl',
      'dir:/etc/apt/keyrings',
      'repository:docker',
      'pkg:docker-ce,docker-ce-cli,containerd.io',
    ],
  )
  assert.equal(onDebian.asked[4]?.want, {
    apt: {
      uris: 'https://mirror.example/linux/debian',
      suites: 'bookworm',
      components: 'stable',
      key: {
        source: 'https://mirror.example/linux/debian/gpg',
        sha256: '1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570',
      },
    },
  })
  const onRocky = await play(docker, { vars, host: { ...rocky, address: '10.10.50.21' }, answers })
  assert.equal(onRocky.asked[2]?.want, {
    yum: {
      description: 'Docker CE stable',
      baseurl: 'https://mirror.example/linux/centos/$releasever/$basearch/stable',
      gpgkey: { source: 'https://mirror.example/linux/centos/gpg' },
    },
  })
  const byDefault = await play(docker, { host: { ...rocky, address: '10.10.50.21' }, answers })
  assert.is(byDefault.asked[2]?.id, 'pkg:docker-ce,docker-ce-cli,containerd.io')
})

test('A network of the host itself in the way is refused before anything is asked for', async () => {
  try {
    await play(docker, { vars: { bip: '10.10.50.1/25' }, host: { address: '10.10.50.21', networks }, answers })
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'overlaps a network of the host itself, eth0 10.10.50.21/24: set docker.bip')
  }
})

test('Variables that cannot be meant are refused', () => {
  for (const vars of [
    { bip: '172.7.21.1' },
    { bip: '172.7.21.1/33' },
    { bipBase: '172' },
    { dataRoot: 'data' },
    { registryMirrors: ['x'] },
  ])
    assert.not.ok(docker.vars.safeParse(vars).success, JSON.stringify(vars))
})

test.run()
