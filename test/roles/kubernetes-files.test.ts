import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import etcd from '../../roles/etcd.ts'
import kubeAddons from '../../roles/kube-addons.ts'
import kubeNode from '../../roles/kube-node.ts'
import { pathOf } from '../../lib/resources/kubernetes/manifest.ts'
import { chapterObjects } from '../../roles/kubernetes/objects/chapter-objects.ts'
import { containerdConfig, registryHosts } from '../../roles/kubernetes/node/node-files.ts'
import { traitsOf } from '../../roles/kubernetes/versions.ts'
import { contentOf, ids } from './played-resources.ts'

const members = [
  { name: 'node-01', address: '10.10.50.50' },
  { name: 'node-02', address: '10.10.50.20' },
  { name: 'node-03', address: '10.10.50.233' },
]
const site = { etcd: members, control_plane: members.slice(0, 2), kube_nodes: members }
const on = (name: string) => ({ ...members.find((each) => each.name === name), arch: 'x86_64' })

for (const [version, flag, endpoint] of [
  ['1.20.2', true, false],
  ['1.26.1', true, false],
  ['1.27.3', false, true],
  ['1.35.0', false, true],
] as const)
  test(`the kubelet of ${version} finds its runtime ${flag ? 'by a flag' : 'in its configuration'}`, async () => {
    const played = await play(kubeNode, { vars: { kubernetesVersion: version }, host: on('node-02'), site })
    assert.is(
      contentOf(played, 'file:/etc/systemd/system/kubelet.service').includes('--container-runtime=remote'),
      flag,
    )
    assert.is(contentOf(played, 'file:/etc/kubernetes/kubelet.json').includes('containerRuntimeEndpoint'), endpoint)
    assert.ok(ids(played).includes(`download:/opt/kubernetes/v${version}/kubelet`))
    assert.match(contentOf(played, 'file:/etc/cni/net.d/10-pods.conflist'), '10.244.1.0/24')
    const routes = contentOf(played, 'file:/etc/kubernetes/pod-network')
    assert.match(routes, 'route 10.244.2.0/24 10.10.50.233')
    assert.not.match(routes, 'route 10.244.1.0/24')
  })

test('where there is no package of containerd its release is taken', async () => {
  const os = { family: 'el', id: 'rocky', version: '9', name: 'Rocky Linux 9' } as const
  const asked = ids(await play(kubeNode, { host: { ...on('node-03'), os }, site }))
  for (const id of [
    'archive:/opt/containerd/v1.6.20',
    'download:/usr/local/sbin/runc',
    'file:/etc/systemd/system/containerd.service',
  ])
    assert.ok(asked.includes(id), id)
})

test('members of etcd know one another from their first start, and their unit does not change with the others', async () => {
  const three = await play(etcd, { host: on('node-01'), site })
  const four = await play(etcd, {
    host: on('node-01'),
    site: { ...site, etcd: [...members, { name: 'node-04', address: '10.10.50.99' }] },
  })
  assert.match(contentOf(three, 'file:/etc/etcd/first-start.env'), 'node-03=https://10.10.50.233:2380')
  const unit = 'file:/etc/systemd/system/etcd.service'
  assert.is(contentOf(four, unit), contentOf(three, unit))
})

test('addons are applied once, from the first host of the control plane', async () => {
  const first = await play(kubeAddons, { host: on('node-01'), site })
  assert.ok(ids(first).includes('kubeObject:addons'))
  assert.equal(ids(await play(kubeAddons, { host: on('node-02'), site })), [])
})

test('every kind of object that the tutorial names is there, in the words of the release', () => {
  const settings = {
    namespace: 't',
    image: 'nginx:1.22',
    sideCarImage: 'busybox:1.35',
    replicas: 3,
    nodePort: 30_080,
    hostname: 'web.thtf.com',
  }
  const kinds = (version: string) =>
    chapterObjects(settings, traitsOf(version)).map(({ kind, apiVersion }) => `${apiVersion} ${kind}`)
  for (const kind of [
    'Namespace',
    'Pod',
    'Deployment',
    'ReplicaSet',
    'DaemonSet',
    'StatefulSet',
    'Job',
    'CronJob',
    'Service',
    'Ingress',
  ])
    assert.ok(
      kinds('1.20.2').some((each) => each.endsWith(` ${kind}`)),
      kind,
    )
  assert.ok(kinds('1.20.2').includes('batch/v1beta1 CronJob'))
  assert.ok(kinds('1.25.0').includes('batch/v1 CronJob'))
})

test('an object has the path by which the API knows it', () => {
  const of = (apiVersion: string, kind: string, namespace?: string) =>
    pathOf({ apiVersion, kind, metadata: { name: 'a', ...(namespace === undefined ? {} : { namespace }) } })
  assert.is(of('v1', 'Service', 't'), '/api/v1/namespaces/t/services/a')
  assert.is(of('v1', 'Namespace'), '/api/v1/namespaces/a')
  assert.is(of('apps/v1', 'Deployment', 't'), '/apis/apps/v1/namespaces/t/deployments/a')
  assert.is(of('networking.k8s.io/v1', 'Ingress', 't'), '/apis/networking.k8s.io/v1/namespaces/t/ingresses/a')
  assert.is(of('networking.k8s.io/v1', 'IngressClass'), '/apis/networking.k8s.io/v1/ingressclasses/a')
})

test('what Docker runs stays known: containerd keeps its directory, and file systems alone are elsewhere', async () => {
  const played = await play(kubeNode, { vars: { kubernetesVersion: '1.20.2' }, host: on('node-02'), site })
  const config = contentOf(played, 'file:/etc/containerd/config.toml')
  assert.match(config, /^root = "\/var\/lib\/containerd"$/m)
  assert.match(config, '[plugins."io.containerd.snapshotter.v1.overlayfs"]\nroot_path = "/data/containerd"\n')
})

test('containerd 2 has its keys under other names', () => {
  const settings = {
    pause: 'registry.k8s.io/pause:3.10',
    root: '/var/lib/containerd',
    snapshots: '/data/containerd',
    plugins: '/opt/cni',
    systemdCgroup: true,
    restrictOomScoreAdj: false,
    disableCgroups: false,
  }
  assert.match(containerdConfig({ ...settings, version: 2 }), 'sandbox_image = "registry.k8s.io/pause:3.10"')
  assert.match(containerdConfig({ ...settings, version: 3 }), 'sandbox = "registry.k8s.io/pause:3.10"')
  assert.match(
    registryHosts('docker.io', ['https://mirror.example']),
    'server = "https://registry-1.docker.io"\n\n[host."https://mirror.example"]',
  )
})

test.run()
