// `npm run test:kubernetes -- life`: what happens to a cluster over the years. A second apply, certificates before their end, an upgrade, a snapshot that is
// restored, a member of etcd on a new host. A page is fetched all the time.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { reset } from '../../lib/lab/lab.ts'
import type { RunEvent } from '../../lib/events.ts'
import { changedBy, complaintsOf, controller, type Ended } from '../chaos/controller.ts'
import { addressOf, artifacts, inventory, kubectl, on, request, setUp, until } from './cluster.ts'
import { prepare } from '../support/prepare.ts'

const NEXT = '1.20.15'
const members = ['node-01', 'node-02', 'node-03']
const nodes = ['node-03', 'node-04', 'node-05']
const say = (line: string) => void process.stdout.write(`  ${line}\n`)

const rolecall = async (command: string, ...more: readonly string[]): Promise<Ended> => {
  const started = Date.now()
  const ended = await controller(process.cwd(), [command, 'kubernetes', '-i', inventory, '--wait', ...more]).ended
  assert.is(ended.code, 0, `${command} ${more.join(' ')}: ${complaintsOf(ended)}`)
  say(`${command} ${more.join(' ')}: ${(Date.now() - started) / 1000} s, ${changedBy(ended).length} changed`)
  return ended
}
const changes = ({ events }: Ended): string[] =>
  events.flatMap((event: RunEvent) =>
    event.type === 'resource' && event.status === 'changed' ? [`${event.host} ${event.resource}`] : [],
  )
const etcdctl = async (host: string, command: string): Promise<string> => {
  const pki = '/etc/etcd/pki'
  const by = `--endpoints=https://127.0.0.1:2379 --cacert=${pki}/ca.pem --cert=${pki}/etcd.pem --key=${pki}/etcd-key.pem`
  return await on(host, `ETCDCTL_API=3 etcdctl ${by} ${command}`)
}
const ready = async (): Promise<string> =>
  await kubectl(
    `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'`,
    'node-01',
  )
const allReady = (version: string) => (answer: string) =>
  answer === nodes.map((name) => `${name} v${version} True`).join('\n')

/** Fetches the page of the Service `web` by the port of a node again and again, as people do who use it. */
const fetching = {
  start: async () =>
    await on(
      'node-01',
      `rm -f /run/pages; nohup sh -c 'while :; do curl -s -o /dev/null -w "%{http_code}\\n" --max-time 2 http://${addressOf('node-05')}:30080/ >>/run/pages; sleep 0.2; done' >/dev/null 2>&1 & echo $! >/run/pages.pid`,
    ),
  end: async (): Promise<{ readonly good: number; readonly bad: number }> => {
    const text = await on('node-01', 'kill $(cat /run/pages.pid); sort /run/pages | uniq -c')
    const counted = text.split('\n').map((line) => line.trim().split(' '))
    const sum = (isGood: boolean) =>
      counted.reduce((all, [count, code]) => all + ((code === '200') === isGood ? Number(count) : 0), 0)
    const [good, bad] = [sum(true), sum(false)]
    say(`pages meanwhile: ${good} good, ${bad} not`)
    return { good, bad }
  },
}

prepare(test, async () => {
  await setUp()
})

test('a second apply changes nothing', async () => {
  assert.equal(changedBy(await rolecall('apply')), [])
})

test('certificates are signed anew before they end, and whatever has one is restarted, one host at a time', async () => {
  const serial = 'openssl x509 -noout -serial -in'
  const file = '/etc/kubernetes/pki/kubelet.pem'
  const before = await on('node-04', `${serial} ${file}`)
  await fetching.start()
  const longer = ['-e', 'kube-pki.days=400', '-e', 'kube-pki.renewBefore=366']
  const ended = await rolecall('apply', ...longer)
  const { good, bad } = await fetching.end()
  assert.is.not(await on('node-04', `${serial} ${file}`), before)
  const restarted = changes(ended).filter((line) => line.includes(' service:'))
  for (const name of members) assert.ok(restarted.includes(`${name} service:etcd`), name)
  for (const name of nodes) assert.ok(restarted.includes(`${name} service:kubelet`), name)
  assert.ok(bad * 20 < good, `${bad} of ${good + bad} pages were not there`)
  await until('all nodes are ready', ready, allReady('1.20.2'))
  assert.equal(changedBy(await rolecall('apply', ...longer)), [])
  await rolecall('verify')
})

test('an upgrade takes the control plane first, then one node after the other, drained, and pages stay', async () => {
  await fetching.start()
  const ended = await rolecall('apply', '-e', `kubernetesVersion=${NEXT}`)
  const { good, bad } = await fetching.end()
  const done = changes(ended)
  // Where a unit is written systemd is told of it at once, and the restart comes later.
  const at = (line: string): number => {
    const found = done.lastIndexOf(line)
    assert.ok(found >= 0, `${line} is among ${done.filter((each) => /service|nodeDrain/.test(each)).join(', ')}`)
    return found
  }
  const servers = ['node-01', 'node-02'].map((name) => at(`${name} service:kube-apiserver`))
  let last = Math.max(...servers)
  for (const name of nodes) {
    const drained = done.findIndex((line) => line.endsWith(`nodeDrain:${name} drained`))
    assert.ok(drained > last, `${name} is drained after what was before`)
    last = done.findIndex((line) => line.endsWith(`nodeDrain:${name} schedulable`))
    assert.ok(at(`${name} service:kubelet`) > drained && last > drained, `${name} takes Pods again`)
  }
  assert.ok(bad * 20 < good, `${bad} of ${good + bad} pages were not there`)
  await until('all nodes are of the next release', ready, allReady(NEXT))
  assert.equal(changedBy(await rolecall('apply', '-e', `kubernetesVersion=${NEXT}`)), [])
  await rolecall('verify', '-e', `kubernetesVersion=${NEXT}`)
})

test('a snapshot brings back what was there when it was made, on all members', async () => {
  await on('node-01', 'kubectl -n default create configmap before')
  await on('node-01', 'systemctl start etcd-snapshot')
  const file = await on('node-01', 'ls /var/backups/etcd/snapshot-*.db | tail -n 1')
  await on('node-01', 'kubectl -n default delete configmap before; kubectl -n default create configmap after')
  const copy = join(inventory, '../snapshot.db')
  for (const args of [
    [`node-01:${file}`, copy],
    [copy, 'etcd:/var/lib/snapshot.db', '--mode', '600'],
  ]) {
    const copied = await controller(process.cwd(), ['copy', ...args, '-i', inventory]).ended
    assert.is(copied.code, 0, complaintsOf(copied))
  }
  for (const name of ['node-01', 'node-02']) await on(name, 'systemctl stop kube-apiserver')
  for (const name of members) await on(name, 'systemctl stop etcd')
  const cluster = members.map((name) => `${name}=https://${addressOf(name)}:2380`).join(',')
  for (const name of members)
    await on(
      name,
      `set -e; cd /var/lib; ETCDCTL_API=3 etcdctl snapshot restore snapshot.db --data-dir etcd.new --name ${name} --initial-cluster ${cluster} --initial-cluster-token kubernetes --initial-advertise-peer-urls https://${addressOf(name)}:2380 2>/dev/null
rm -rf etcd/member; mv etcd.new/member etcd/member; rm -r etcd.new snapshot.db; chown -R etcd:etcd etcd`,
    )
  await rolecall('apply', '-e', `kubernetesVersion=${NEXT}`)
  const names = async (): Promise<string> => await on('node-01', 'kubectl -n default get configmaps -o name')
  await until('what was there', names, (answer) => answer.includes('configmap/before'))
  assert.not.match(await names(), 'configmap/after')
  await until('all nodes are ready', ready, allReady(NEXT))
  await rolecall('verify', '-e', `kubernetesVersion=${NEXT}`)
})

test('a member of etcd that is lost with its host is replaced by a new host of the same name', async () => {
  const before = await etcdctl('node-01', 'member list')
  await reset({ ...request, artifacts }, ['node-03'])
  const joined = await rolecall(
    'apply',
    '-e',
    `kubernetesVersion=${NEXT}`,
    '-e',
    'etcd.join=true',
    '--limit',
    'node-03',
  )
  assert.ok(changes(joined).some((line) => line.includes('exec:etcd takes node-03 in')))
  const after = await etcdctl('node-03', 'member list')
  const idOf = (list: string) => /^(\w+), started, node-03, /m.exec(list)?.[1]
  assert.ok(idOf(after) !== undefined && idOf(after) !== idOf(before), after)
  // It has the data: what another member says of a key, it says itself, without asking the others.
  const count = 'get /registry/namespaces/ --prefix --keys-only --consistency=s'
  assert.is(await etcdctl('node-03', count), await etcdctl('node-01', count))
  await until('all nodes are ready', ready, allReady(NEXT))
  await rolecall('apply', '-e', `kubernetesVersion=${NEXT}`)
  assert.equal(changedBy(await rolecall('apply', '-e', `kubernetesVersion=${NEXT}`)), [])
  await rolecall('verify', '-e', `kubernetesVersion=${NEXT}`)
})

test.run()
