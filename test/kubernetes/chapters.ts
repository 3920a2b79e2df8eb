// `npm run test:kubernetes`: chapters 4 and 5 of the tutorial on a real cluster. No part of `npm test`: it needs all five hosts for minutes, and
// Kubernetes compiled.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cutPower, up } from '../../lib/lab/lab.ts'
import { addressOf, applied, kubectl, on, request, setUp, until } from './cluster.ts'
import { prepare } from '../support/prepare.ts'

const image = 'nginx:1.22'
const ready = async (): Promise<string> => await kubectl('get deployment web -o jsonpath={.status.readyReplicas}')
const status = async (node: string): Promise<string> =>
  await kubectl(`get node ${node} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`)

const pod = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
})
const container = (resources: object = {}): object => ({ name: 'main', image, resources })

prepare(test, async () => {
  await setUp()
  await on('node-02', 'kubectl create namespace chapters --dry-run=client -o yaml | kubectl apply -f -')
  await applied(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [container({ requests: { cpu: '50m', memory: '16Mi' } })],
            tolerations: ['not-ready', 'unreachable'].map((name) => ({
              key: `node.kubernetes.io/${name}`,
              operator: 'Exists',
              effect: 'NoExecute',
              tolerationSeconds: 10,
            })),
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    },
  )
  await until('three of three', ready, (answer) => answer === '3')
})

test.after(async () => {
  await up(request)
  await on('node-02', 'kubectl delete namespace chapters --wait=false')
})

test('4.1 a Pod goes where its selector says and its requests fit, and waits where they fit nowhere', async () => {
  await on('node-02', 'kubectl label node node-05 disk=fast --overwrite')
  await applied(
    pod('chosen', { nodeSelector: { disk: 'fast' }, containers: [container()] }),
    pod('too-big', { containers: [container({ requests: { cpu: '64' } })] }),
  )
  const node = async (): Promise<string> => await kubectl('get pod chosen -o jsonpath={.spec.nodeName}')
  await until('a node for the chosen one', node, (answer) => answer === 'node-05')
  const reason = "get pod too-big -o jsonpath='{.status.phase} {.status.conditions[0].reason}'"
  await until(
    'the big one waits',
    async () => await kubectl(reason),
    (answer) => answer === 'Pending Unschedulable',
  )
  await kubectl('delete pod chosen too-big')
})

test('4.2 a container that is killed is started again', async () => {
  const name = await kubectl("get pods -l app=web -o jsonpath='{.items[0].metadata.name}'")
  await kubectl(`exec ${name} -- kill 1`)
  const restarts = `get pod ${name} -o jsonpath='{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}'`
  await until(
    'started again',
    async () => await kubectl(restarts),
    (answer) => answer === '1 true',
  )
})

test('4.2 all three Pods move after a node lost its power, and the node comes back by itself', async () => {
  const cutAt = Date.now()
  await cutPower(request, ['node-04'])
  await until(
    'node-04 counts as lost',
    async () => await status('node-04'),
    (answer) => answer === 'Unknown',
  )
  // The number of the Deployment counts those of the lost node for a moment still.
  const places = `get pods -l app=web -o jsonpath='{range .items[*]}{.spec.nodeName}={.status.conditions[?(@.type=="Ready")].status} {end}'`
  await until(
    'three ready elsewhere',
    async () => await kubectl(places),
    (answer) => answer.split(' ').filter((each) => /^node-0[35]=True$/.test(each)).length === 3,
  )
  process.stdout.write(`  from the cut on: ${(Date.now() - cutAt) / 1000} s\n`)
  await up(request)
  await until(
    'node-04 is ready again',
    async () => await status('node-04'),
    (answer) => answer === 'True',
  )
})

test('4.3 from three to six and back', async () => {
  await kubectl('scale deployment web --replicas=6')
  await until('six of six', ready, (answer) => answer === '6')
  await kubectl('scale deployment web --replicas=3')
  await until('three of three', ready, (answer) => answer === '3')
})

test('4.3 as many as the load needs: more under load, measured by what containers really use', async () => {
  await kubectl('autoscale deployment web --cpu-percent=50 --min=3 --max=5')
  const [address] = (await kubectl('get service web -o jsonpath={.spec.clusterIP}')).split(' ')
  const load = `while [ ! -e /tmp/enough ]; do wget -q -O /dev/null http://${address ?? ''}/; done`
  await applied(
    pod('load', {
      containers: [{ name: 'main', image: 'busybox:1.35', command: ['sh', '-c', `(${load}) & ${load}`] }],
    }),
  )
  const wanted = async (): Promise<string> => await kubectl('get deployment web -o jsonpath={.spec.replicas}')
  await until('more than three', wanted, (answer) => Number(answer) > 3)
  await kubectl('delete pod load --grace-period=1')
  await kubectl('delete hpa web')
  await kubectl('scale deployment web --replicas=3')
})

test('4.3 a rolling update, one with a missing image, and the rollback', async () => {
  const images = async (): Promise<string> =>
    await kubectl("get pods -l app=web -o jsonpath='{.items[*].spec.containers[0].image}'")
  await kubectl('set image deployment/web main=nginx:1.22.1')
  await kubectl('rollout status deployment/web --timeout=600s')
  await until('all updated', images, (answer) => answer === Array(3).fill('nginx:1.22.1').join(' '))
  await kubectl('set image deployment/web main=nginx:no-such-tag')
  await until('the bad one waits', images, (answer) => answer.includes('no-such-tag'))
  assert.is(Number(await ready()) >= 2, true, 'most go on')
  await kubectl('rollout undo deployment/web')
  await kubectl('rollout status deployment/web --timeout=600s')
})

test('5.1 without one API server the other answers', async () => {
  await on('node-02', 'systemctl stop kube-apiserver')
  await until(
    'an answer through node-01',
    async () => await kubectl('get deployment web -o name', 'node-01'),
    (answer) => answer === 'deployment.apps/web',
  )
  await on('node-02', 'systemctl start kube-apiserver')
})

test('5.1 without one member of etcd writes go on', async () => {
  await on('node-03', 'systemctl stop etcd')
  await until(
    'a write',
    async () => await kubectl('annotate deployment web written=now --overwrite'),
    (answer) => answer.includes('annotated'),
  )
  await on('node-03', 'systemctl start etcd')
})

for (const component of ['kube-scheduler', 'kube-controller-manager']) {
  test(`5.1 without the ${component} that is at work the other one takes over`, async () => {
    const holder = async (): Promise<string> =>
      (await kubectl(`-n kube-system get lease ${component} -o jsonpath={.spec.holderIdentity}`)).split('_')[0] ?? ''
    const first = await holder()
    await on(first, `systemctl stop ${component}`)
    await until('another one', holder, (answer) => /^node-0[12]$/.test(answer) && answer !== first)
    await on(first, `systemctl start ${component}`)
    const name = `after-${component}`
    await applied(pod(name, { containers: [container()] }))
    await until(
      'a Pod runs',
      async () => await kubectl(`get pod ${name} -o jsonpath={.status.phase}`),
      (answer) => answer === 'Running',
    )
  })
}

/** Waits until the scheduler and the controller manager of node-01 are the ones at work. */
async function leadersMoveToNode01(): Promise<void> {
  for (const component of ['kube-scheduler', 'kube-controller-manager']) {
    const lease = `-n kube-system get lease ${component} -o jsonpath={.spec.holderIdentity}`
    await until(
      `${component} of node-01`,
      async () => await kubectl(lease, 'node-01'),
      (answer) => answer.startsWith('node-01_'),
    )
  }
}

test('5.1 without the power of a host of the control plane, a member of etcd too, the other one makes Pods', async () => {
  const there = async (command: string): Promise<string> => await kubectl(command, 'node-01')
  await cutPower(request, ['node-02'])
  await leadersMoveToNode01()
  await there('scale deployment web --replicas=4')
  const replicas = 'get deployment web -o jsonpath={.status.readyReplicas}'
  await until(
    'four of four',
    async () => await there(replicas),
    (answer) => answer === '4',
  )
  await up(request)
  await until(
    'the API server of node-02 answers',
    async () => await kubectl(replicas),
    (answer) => answer === '4',
  )
  await kubectl('scale deployment web --replicas=3')
  await until('three of three', ready, (answer) => answer === '3')
})

test('5.1 a host of the control plane that is cut off from the others writes nothing, and is one of them again', async () => {
  const there = async (command: string): Promise<string> => await kubectl(command, 'node-01')
  const replicas = 'get deployment web -o jsonpath={.status.readyReplicas}'
  const own = `kubectl --server https://${addressOf('node-02')}:6443 --request-timeout=60s -n chapters`
  const routes = async (what: 'add' | 'del'): Promise<unknown> =>
    await on(
      'node-02',
      ['node-01', 'node-03', 'node-04', 'node-05']
        .map((name) => `ip route ${what} blackhole ${addressOf(name)}`)
        .join('; '),
    )
  await routes('add')
  try {
    await leadersMoveToNode01()
    // The request may be on its way to the member that is cut off, and is to be sent again then.
    await until(
      'a write',
      async () => await there('scale deployment web --replicas=4'),
      (answer) => answer.includes('scaled'),
    )
    await until(
      'four of four',
      async () => await there(replicas),
      (answer) => answer === '4',
    )
    const written = await on('node-02', `${own} annotate deployment web written=alone --overwrite 2>&1 || :`)
    assert.not.match(written, 'annotated', 'one member of etcd of three decides nothing')
  } finally {
    await routes('del')
  }
  await until(
    'the API server of node-02 knows what the others have done',
    async () => await on('node-02', `${own} ${replicas}`),
    (answer) => answer === '4',
  )
  assert.not.match(await there("get deployment web -o jsonpath='{.metadata.annotations}'"), 'alone')
  await kubectl('scale deployment web --replicas=3')
  await until('three of three', ready, (answer) => answer === '3')
})

test('5.2 without kubelet and kube-proxy of a node its containers and the ways to them go on', async () => {
  // Of the Pods that take requests: one that is ending is still told as running.
  const taking = '{.subsets[0].addresses[0].nodeName} {.subsets[0].addresses[0].ip}'
  const [node = '', address = ''] = (await kubectl(`get endpoints web -o jsonpath='${taking}'`)).split(' ')
  const service = await kubectl('get service web -o jsonpath={.spec.clusterIP}')
  await on(node, 'systemctl stop kubelet kube-proxy')
  for (const at of [address, service]) assert.match(await on(node, `curl -sS -m 60 http://${at}/`), 'Welcome to nginx')
  await on(node, 'systemctl start kubelet kube-proxy')
  await until(
    `${node} is ready`,
    async () => await status(node),
    (answer) => answer === 'True',
  )
})

test.run()
