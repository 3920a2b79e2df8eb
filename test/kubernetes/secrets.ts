// `npm run test:kubernetes -- secrets`: a cluster that runs has its Secrets in clear text, is encrypted, gets another key, and is read in clear text again. At
// every step old Secrets are read, new ones are written, by both API servers, and etcd has what the role says.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changedBy, complaintsOf, controller } from '../chaos/controller.ts'
import { addressOf, inventory, on, setUp } from './cluster.ts'
import { prepare } from '../support/prepare.ts'

const key = (name: string) => `k8s:enc:secretbox:v1:${name}:`
const say = (line: string) => void process.stdout.write(`  ${line}\n`)

const rolecall = async (command: string, ...more: readonly string[]) => {
  const started = Date.now()
  const ended = await controller(process.cwd(), [command, 'kubernetes', '-i', inventory, '--wait', ...more]).ended
  assert.is(ended.code, 0, `${command} ${more.join(' ')}: ${complaintsOf(ended)}`)
  say(`${command} ${more.join(' ')}: ${(Date.now() - started) / 1000} s, ${changedBy(ended).length} changed`)
  return changedBy(ended)
}

/** How many Secrets begin in etcd with each key, and how many with none. */
const inEtcd = async (): Promise<ReadonlyMap<string, number>> => {
  const pki = '/etc/etcd/pki'
  const by = `--endpoints=https://127.0.0.1:2379 --cacert=${pki}/ca.pem --cert=${pki}/etcd.pem --key=${pki}/etcd-key.pem`
  const etcdctl = `ETCDCTL_API=3 etcdctl ${by}`
  const lines = await on(
    'node-03',
    `for k in $(${etcdctl} get /registry/secrets/ --prefix --keys-only); do ${etcdctl} get $k --print-value-only | head -c 40 | tr -dc '[:print:]' | sed 's/^\\(k8s:enc:secretbox:v1:[a-z0-9-]*:\\).*/\\1/; t; s/.*/plain/'; echo; done | sort | uniq -c`,
  )
  const counted = lines.split('\n').map((line) => line.trim().split(/\s+/))
  return new Map(
    counted.flatMap(([count = '', start]) => (start === undefined ? [] : [[start, Number(count)] as const])),
  )
}

let written = 0
/** A new Secret by each API server, each read by the other one, and all that were written before. */
const readAndWritten = async (): Promise<void> => {
  for (const [own, other] of [
    ['node-01', 'node-02'],
    ['node-02', 'node-01'],
  ] as const) {
    const at = (node: string) => `kubectl --server https://${addressOf(node)}:6443 -n default`
    const name = `migrated-${written++}`
    await on(own, `${at(own)} create secret generic ${name} --from-literal=it=value-of-${name}`)
    for (let which = 0; which < written; which++)
      assert.is(
        await on(other, `${at(other)} get secret migrated-${which} -o jsonpath={.data.it} | base64 -d`),
        `value-of-migrated-${which}`,
      )
  }
}

prepare(test, async () => {
  await setUp()
  await on('node-01', `kubectl -n default delete secret $(seq -f migrated-%g 0 20) --ignore-not-found >/dev/null`)
})

test.after(async () => {
  await on('node-01', `kubectl -n default delete secret $(seq -f migrated-%g 0 20) --ignore-not-found >/dev/null`)
})

const plain = ['-e', 'kube-control-plane.encryptSecrets=false']
const other = ['-e', 'kube-control-plane.secretsKey=key-2']

for (const [says, options, start] of [
  ['Secrets of a running cluster are written in clear text', plain, 'plain'],
  ['a running cluster whose Secrets are in clear text is encrypted', [], key('key-1')],
  ['all Secrets are written with another key', other, key('key-2')],
  ['and with the key before', [], key('key-1')],
] as const)
  test(`${says}, and a second apply has nothing to do`, async () => {
    await readAndWritten()
    await rolecall('apply', ...options)
    const found = await inEtcd()
    assert.equal([...found.keys()], [start], [...found].map((each) => each.join(' ')).join(', '))
    say(`in etcd: ${[...found].map(([name, count]) => `${count} ${name}`).join(', ')}`)
    assert.equal(await rolecall('apply', ...options), [])
    await readAndWritten()
    await rolecall('verify', ...options)
  })

test('a key that is used no more goes with its line, and nothing is written with it', async () => {
  await on('node-02', "sed -i '/^key-2 /d' /opt/certs/kubernetes-secrets.keys")
  await rolecall('apply')
  for (const node of ['node-01', 'node-02'])
    assert.is(await on(node, 'grep -c key-2 /etc/kubernetes/encryption.json || :'), '0')
  await readAndWritten()
  assert.equal(await rolecall('apply'), [])
  await rolecall('verify')
})

test.run()
