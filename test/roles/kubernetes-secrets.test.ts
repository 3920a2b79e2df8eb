import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, type Secret } from 'rolecall'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import kubeSecrets from '../../roles/kube-secrets.ts'
import { encryptionConfig, keysIn, providersIn, providersOf } from '../../roles/kubernetes/control-plane/encryption.ts'
import { Random } from '../support/random.ts'
import { contentOf, ids, resourceOf } from './played-resources.ts'

const plain = ['identity']
const [a, b] = ['key-1 QQ==', 'key-2 Qg==']

for (const [says, keys, wanted, own, others, then] of [
  ['a fresh cluster encrypts from its first Secret on', [a], 'key-1', plain, [undefined], [a, 'identity']],
  ['a single API server has nobody to wait for', [a], 'key-1', plain, [], [a, 'identity']],
  [
    'one that runs learns the key first, while the other does not know it',
    [a],
    'key-1',
    plain,
    [plain],
    ['identity', a],
  ],
  ['the last one to learn a key writes by it', [a], 'key-1', plain, [['identity', a]], [a, 'identity']],
  ['then the first one does', [a], 'key-1', ['identity', a], [[a, 'identity']], [a, 'identity']],
  ['one whose neighbour has lost all goes on', [a], 'key-1', [a, 'identity'], [plain], [a, 'identity']],
  ['another key is learned first', [a, b], 'key-2', [a, 'identity'], [[a, 'identity']], [a, b, 'identity']],
  ['and used when all know it', [a, b], 'key-2', [a, b, 'identity'], [[a, b, 'identity']], [b, a, 'identity']],
  ['one that has lost all writes as the others do', [a, b], 'key-2', plain, [[a, 'identity']], [a, b, 'identity']],
  [
    'a key that somebody writes by stays, even where it is not among all keys',
    [b],
    'key-2',
    [a, 'identity'],
    [plain],
    ['identity', b, a],
  ],
  [
    'without encryption keys are for reading alone',
    [a],
    undefined,
    [a, 'identity'],
    [[a, 'identity']],
    ['identity', a],
  ],
] as const)
  test(says, () => assert.equal(providersOf(keys, wanted, own, others), then))

test('no API server ever writes what another one cannot read, whatever is wanted and wherever a run ends', () => {
  const random = new Random(500140)
  for (let round = 0; round < 300; round++) {
    const servers: (readonly string[] | undefined)[] = Array.from(
      { length: random.between(1, 3) },
      () => random.pick([[undefined], [plain]])[0],
    )
    const keys: string[] = []
    let wanted: string | undefined
    for (let run = 0; run < 6; run++) {
      if (random.between(0, 1) === 0) keys.push(`key-${keys.length} ${keys.length}`)
      wanted = random.pick(['', ...keys.map((key) => key.split(' ')[0] ?? '')]) || undefined
      // The two plays, each one host after the other; a run may end anywhere.
      const steps = [...servers.keys(), ...servers.keys()].slice(0, random.between(1, 2 * servers.length))
      for (const at of steps) {
        const others = servers.filter((_, other) => other !== at)
        const before = others.filter((each) => each !== undefined)
        servers[at] = providersOf(keys, wanted, servers[at] ?? plain, others)
        const [writes = ''] = servers[at]
        for (const other of before) assert.ok(other.includes(writes), `${writes} is read by ${other.join(', ')}`)
      }
      if (steps.length === 2 * servers.length)
        for (const each of servers)
          assert.is(each?.[0]?.split(' ')[0], wanted ?? 'identity', 'all write by the wanted key')
    }
  }
})

test('a configuration is read as it was written, and nothing is known of one that nobody can read', () => {
  for (const providers of [
    [a, b, 'identity'],
    ['identity', a],
  ])
    assert.equal(providersIn(encryptionConfig(providers).reveal()), providers)
  for (const text of [undefined, '', '{', '{}', encryptionConfig([a, 'identity']).reveal().slice(0, 90)])
    assert.equal(providersIn(text), plain)
  assert.equal(keysIn(`${a}\n\nscribble\n${b}\n`), [a, b])
})

const members = ['node-01', 'node-02'].map((name, at) => ({ name, address: `10.0.0.${at + 1}` }))
const unit = '/etc/systemd/system/kube-apiserver.service'
const [config, keys] = ['/etc/kubernetes/encryption.json', '/opt/certs/kubernetes-secrets.keys']
const text = (...providers: readonly string[]) => encryptionConfig(providers).reveal()

async function played(
  role: typeof kubeControlPlane | typeof kubeSecrets,
  files: {
    readonly own?: Readonly<Record<string, string>>
    readonly other?: Readonly<Record<string, string>>
    readonly ca?: string
  },
  vars: object = {},
) {
  const ca = { name: 'node-09', address: '10.0.0.9', files: files.ca === undefined ? {} : { [keys]: files.ca } }
  const all = [members[0], { ...members[1], files: files.other ?? {} }].map((each) => ({
    name: '',
    address: '',
    ...each,
    vars: { 'kube-control-plane': vars },
  }))
  return await play(role as typeof kubeControlPlane, {
    host: { ...members[0], arch: 'x86_64' },
    site: { etcd: members, control_plane: all, kube_nodes: members, ca: [ca], 'node-01': all },
    files: files.own ?? {},
    checking: true,
    vars: role.name === 'kube-control-plane' ? vars : {},
  })
}
const known = (of: Awaited<ReturnType<typeof played>>) => {
  const { content } = resourceOf(of, `file:${config}`).want
  assert.type(content, 'object')
  return providersIn((content as Secret).reveal())
}
const elsewhere = ({ elsewhere: all }: Awaited<ReturnType<typeof played>>) =>
  all.map(({ host, resource }) => `${host} ${resource.id}`)

test('a key is made once, on the host of the authority, and stays a Secret on its way', async () => {
  const fresh = await played(kubeControlPlane, {})
  assert.equal(elsewhere(fresh), ['node-09 exec:key key-1 of Secrets'])
  assert.equal(known(fresh), ['key-1 pending', 'identity'])
  assert.match(contentOf(fresh, `file:${unit}`), ` --encryption-provider-config=${config} `)
  const again = await played(kubeControlPlane, { ca: `${a}\n` })
  assert.equal([elsewhere(again), known(again)], [[], [a, 'identity']])
})

test('keys that the host of the authority has lost come back from the API servers', async () => {
  const lost = await played(kubeControlPlane, {
    own: { [config]: text(a, 'identity'), [unit]: 'it' },
    other: { [config]: text(a, 'identity') },
  })
  assert.equal(elsewhere(lost), [`node-09 file:${keys}`])
  assert.equal(known(lost), [a, 'identity'])
})

test('a cluster that runs without encryption learns the key before it is written by', async () => {
  const first = await played(kubeControlPlane, { own: { [unit]: 'it' }, other: { [unit]: 'it' }, ca: `${a}\n` })
  assert.equal(known(first), ['identity', a])
  const second = await played(kubeSecrets, {
    own: { [config]: text('identity', a) },
    other: { [config]: text(a, 'identity') },
    ca: `${a}\n`,
  })
  assert.equal(known(second), [a, 'identity'])
})

test('without encryption there is neither key nor option, and a configuration of a person’s own is left alone', async () => {
  for (const vars of [
    { encryptSecrets: false },
    { options: { 'kube-apiserver': ['--encryption-provider-config=/etc/own.yaml'] } },
  ]) {
    const found = await played(kubeControlPlane, {}, vars)
    assert.equal(elsewhere(found), [])
    assert.not.ok(ids(found).includes(`file:${config}`))
    assert.not.match(contentOf(found, `file:${unit}`), `=${config}`)
  }
})

test('requests are noted where that is wanted, and nothing is written of them by default', async () => {
  const policy = '/etc/kubernetes/audit-policy.json'
  const without = await played(kubeControlPlane, {})
  assert.not.match(contentOf(without, `file:${unit}`), '--audit')
  assert.not.ok(ids(without).includes(`file:${policy}`))
  const noted = await played(kubeControlPlane, {}, { audit: { days: 7 } })
  assert.match(contentOf(noted, `file:${policy}`), '"level": "Metadata"')
  assert.ok(ids(noted).includes('dir:/var/log/kubernetes'))
  assert.match(
    contentOf(noted, `file:${unit}`),
    ` --audit-policy-file=${policy} --audit-log-path=/var/log/kubernetes/audit.log --audit-log-maxage=7 --audit-log-maxbackup=10 `,
  )
})

test.run()
