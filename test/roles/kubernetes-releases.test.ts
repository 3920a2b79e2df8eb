// What each release of Kubernetes takes, as its own documentation says: options that are gone, versions of the API that are served.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import kubeAddons from '../../roles/kube-addons.ts'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import kubeNode from '../../roles/kube-node.ts'
import { dns, ingress, metrics } from '../../roles/kubernetes/objects/addon-objects.ts'
import { chapterObjects } from '../../roles/kubernetes/objects/chapter-objects.ts'
import { clusterOf } from '../../roles/kubernetes/cluster.ts'
import { traitsOf } from '../../roles/kubernetes/versions.ts'
import { contentOf } from './played-resources.ts'

const RELEASES = Array.from({ length: 17 }, (_, at) => 20 + at)
const [LAST, NEVER] = [99, 0]
const members = ['node-01', 'node-02', 'node-03'].map((name, at) => ({ name, address: `10.10.50.${at + 1}` }))
const site = { etcd: members, control_plane: members, kube_nodes: members, ca: members }
const host = { ...members[0], arch: 'x86_64' }

/** The units of all components of a release, and the kubelet's configuration. */
async function written(minor: number): Promise<Readonly<Record<string, string>>> {
  const vars = { kubernetesVersion: `1.${minor}.0` }
  const [control, node] = [
    await play(kubeControlPlane, { vars, host, site, checking: true }),
    await play(kubeNode, { vars, host, site }),
  ]
  const unit = (name: string) => `file:/etc/systemd/system/${name}.service`
  return {
    'kube-apiserver': contentOf(control, unit('kube-apiserver')),
    'kube-controller-manager': contentOf(control, unit('kube-controller-manager')),
    'kube-scheduler': contentOf(control, unit('kube-scheduler')),
    kubelet: contentOf(node, unit('kubelet')),
    'kubelet.json': contentOf(node, 'file:/etc/kubernetes/kubelet.json'),
    'kube-proxy.json': contentOf(node, 'file:/etc/kubernetes/kube-proxy.json'),
  }
}

/** A component, what may stand in its unit or configuration, and the releases that take it: from, and the first that refuses it. */
const options: readonly (readonly [component: string, words: string, from: number, until: number])[] = [
  ['kube-apiserver', '--insecure-port=', 20, 24],
  ['kube-apiserver', '--insecure-bind-address', 20, 24],
  ['kube-apiserver', '--basic-auth-file', NEVER, NEVER],
  ['kube-apiserver', '--token-auth-file', NEVER, NEVER],
  ['kube-apiserver', '--feature-gates', NEVER, NEVER],
  ['kube-controller-manager', '--port=', 20, 24],
  ['kube-controller-manager', '--address=', 20, 24],
  ['kube-controller-manager', '--pod-eviction-timeout', 20, 27],
  ['kube-controller-manager', '--enable-taint-manager', 20, 27],
  ['kube-scheduler', '--port=', 20, 24],
  ['kube-scheduler', '--policy-config-file', 20, 23],
  ['kubelet', '--container-runtime=', 20, 27],
  ['kubelet', '--network-plugin', 20, 24],
  ['kubelet', '--cni-', 20, 24],
  ['kubelet', '--docker', 20, 24],
  ['kubelet', '--pod-infra-container-image', 20, 35],
  ['kubelet', '--dynamic-config-dir', 20, 24],
  ['kubelet.json', '"containerRuntimeEndpoint"', 27, LAST],
  ['kubelet.json', '"failCgroupV1"', 31, LAST],
  ['kubelet.json', '"kubelet.config.k8s.io/v1beta1"', 20, LAST],
  ['kube-proxy.json', '"kubeproxy.config.k8s.io/v1alpha1"', 20, LAST],
]

test('no component gets an option that its release refuses', async () => {
  for (const minor of RELEASES) {
    const texts = await written(minor)
    for (const [component, words, from, until] of options)
      if ((texts[component] ?? '').includes(words))
        assert.ok(minor >= from && minor < until, `1.${minor}: ${component} ${words}`)
  }
})

test('and gets what the release needs in its place', async () => {
  const [old, middle, late, last] = [await written(20), await written(24), await written(27), await written(35)]
  assert.match(old['kube-apiserver'] ?? '', '--insecure-port=0')
  for (const name of ['kube-controller-manager', 'kube-scheduler']) assert.match(old[name] ?? '', '--port=0')
  assert.match(middle['kubelet'] ?? '', '--container-runtime=remote')
  assert.match(late['kubelet.json'] ?? '', '"containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock"')
  assert.match(last['kubelet.json'] ?? '', '"failCgroupV1": false')
})

/** What an API server serves: from, and the first release that does so no more. "Deprecated API Migration Guide". */
const served: Readonly<Record<string, readonly [from: number, until: number]>> = {
  'batch/v1beta1 CronJob': [20, 25],
  'batch/v1 CronJob': [21, LAST],
  'batch/v1 Job': [20, LAST],
  'networking.k8s.io/v1 Ingress': [20, LAST],
  'networking.k8s.io/v1 IngressClass': [20, LAST],
  'apiregistration.k8s.io/v1 APIService': [20, LAST],
  'policy/v1beta1 PodDisruptionBudget': [20, 25],
  'policy/v1 PodDisruptionBudget': [21, LAST],
  'autoscaling/v2beta2 HorizontalPodAutoscaler': [20, 26],
  'autoscaling/v2 HorizontalPodAutoscaler': [23, LAST],
  ...Object.fromEntries(
    [
      ...['Namespace', 'Pod', 'Service', 'ServiceAccount', 'ConfigMap'].map((kind) => `v1 ${kind}`),
      ...['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'].map((kind) => `apps/v1 ${kind}`),
      ...['ClusterRole', 'ClusterRoleBinding', 'RoleBinding'].map((kind) => `rbac.authorization.k8s.io/v1 ${kind}`),
    ].map((name) => [name, [20, LAST]] as const),
  ),
}
const isServed = (name: string, minor: number): boolean => {
  const [from, until] = served[name] ?? [NEVER, NEVER]
  return minor >= from && minor < until
}

test('every object is of a version of the API that its release serves', () => {
  for (const minor of RELEASES) {
    const kubernetesVersion = `1.${minor}.0`
    const traits = traitsOf(kubernetesVersion)
    const cluster = clusterOf(kubeAddons.vars.parse({ kubernetesVersion }))
    const chapters = { namespace: 't', image: 'i', sideCarImage: 's', replicas: 3, nodePort: 30_080, hostname: 'h' }
    const objects = [
      ...chapterObjects(chapters, traits),
      ...dns(cluster, 'i', 2),
      ...metrics('i'),
      ...ingress('i', 30_880),
    ]
    for (const { apiVersion, kind } of objects)
      assert.ok(isServed(`${apiVersion} ${kind}`, minor), `1.${minor}: ${apiVersion} ${kind}`)
    for (const name of [
      `${traits.disruptionBudget} PodDisruptionBudget`,
      `${traits.autoscaler} HorizontalPodAutoscaler`,
      `${traits.cronJob} CronJob`,
    ])
      assert.ok(isServed(name, minor), `1.${minor}: ${name}`)
  }
})

test('the label of a host of the control plane is the one that its release sets', () => {
  for (const minor of RELEASES)
    assert.is(
      traitsOf(`1.${minor}.0`).controlPlaneLabel.split('/')[1],
      minor < 24 ? 'master' : 'control-plane',
      String(minor),
    )
})

test.run()
