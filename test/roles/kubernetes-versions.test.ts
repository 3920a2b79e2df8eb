import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nth, podNetworkOf } from '../../roles/kubernetes/cluster.ts'
import { runtimeFault, traitsOf, upgradeFault, type Traits } from '../../roles/kubernetes/versions.ts'

const table: readonly (readonly [string, Partial<Traits>])[] = [
  [
    '1.20.2',
    {
      runtimeFlags: true,
      insecurePortFlags: true,
      failCgroupV1: false,
      cri: ['v1alpha2'],
      cronJob: 'batch/v1beta1',
      autoscaler: 'autoscaling/v2beta2',
      tokenSecrets: true,
      etcd: '3.4.23',
    },
  ],
  [
    '1.23.17',
    {
      runtimeFlags: true,
      insecurePortFlags: true,
      cri: ['v1alpha2', 'v1'],
      cronJob: 'batch/v1',
      autoscaler: 'autoscaling/v2',
      disruptionBudget: 'policy/v1',
    },
  ],
  [
    '1.24.0',
    {
      runtimeFlags: true,
      insecurePortFlags: false,
      tokenSecrets: false,
      controlPlaneLabel: 'node-role.kubernetes.io/control-plane',
      containerd: '1.6.20',
    },
  ],
  ['1.26.15', { runtimeFlags: true, cri: ['v1'], containerd: '1.7.28' }],
  ['1.27.0', { runtimeFlags: false, insecurePortFlags: false, failCgroupV1: false }],
  ['1.30.4', { runtimeFlags: false, etcd: '3.5.26', failCgroupV1: false }],
  ['1.35.0', { runtimeFlags: false, failCgroupV1: true, etcd: '3.6.6' }],
]

for (const [version, expected] of table)
  test(`what is particular to ${version}`, () => {
    const traits = traitsOf(version)
    for (const [name, value] of Object.entries(expected))
      assert.equal(Object.entries(traits).find(([key]) => key === name)?.[1], value, name)
  })

test('images have the registry and the tag of their release', () => {
  const pauses = ['1.20.2', '1.22.0', '1.24.1', '1.25.0', '1.30.0', '1.31.2'].map(
    (version) => traitsOf(version).images.pause,
  )
  assert.equal(pauses, [
    'k8s.gcr.io/pause:3.2',
    'k8s.gcr.io/pause:3.5',
    'k8s.gcr.io/pause:3.7',
    'registry.k8s.io/pause:3.8',
    'registry.k8s.io/pause:3.9',
    'registry.k8s.io/pause:3.10',
  ])
})

// Kubernetes, containerd, and why they do not go together.
const runtimes: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['1.20.2', '1.6.20', undefined],
  ['1.22.0', '1.7.28', undefined],
  ['1.22.0', '2.0.0', /v1alpha2 .* the last is 1\.7/],
  ['1.23.0', '2.0.0', undefined],
  ['1.25.0', '1.5.9', undefined],
  ['1.26.0', '1.5.9', /1\.5\.9 is too old/],
  ['1.35.0', '1.7.28', undefined],
  ['1.36.0', '1.7.28', /1\.35 is the last/],
  ['1.36.0', '2.1.5', undefined],
]
for (const [version, containerd, expected] of runtimes)
  test(`${version} with containerd ${containerd}: ${expected === undefined ? 'goes' : 'is refused'}`, () => {
    const fault = runtimeFault(containerd, traitsOf(version))
    if (expected === undefined) assert.is(fault, undefined)
    else assert.match(fault ?? '', expected)
  })

test('each release goes with the containerd that is written for it', () => {
  for (let minor = 20; minor <= 36; minor++) {
    const traits = traitsOf(`1.${minor}.0`)
    assert.is(runtimeFault(traits.containerd, traits), undefined, traits.containerd)
  }
})

// The releases that ingress-nginx itself names for each of its own.
const ingresses: readonly (readonly [string, number, number])[] = [
  ['v1.1.1', 20, 22],
  ['v1.6.4', 23, 23],
  ['v1.8.4', 24, 24],
  ['v1.9.6', 25, 25],
  ['v1.11.8', 26, 27],
  ['v1.12.8', 28, 29],
  ['v1.14.5', 30, 30],
  ['v1.15.1', 31, 35],
]
for (const [version, first, last] of ingresses)
  test(`ingress-nginx ${version} serves 1.${first} to 1.${last}`, () => {
    for (let minor = first; minor <= last; minor++)
      assert.ok(traitsOf(`1.${minor}.0`).images.ingress.endsWith(`:${version}`), String(minor))
  })

test('no release of etcd is skipped on the way: 3.4, then a 3.5 that may become 3.6', () => {
  const versions = Array.from({ length: 16 }, (_, at) => traitsOf(`1.${at + 20}.0`).etcd)
  assert.equal([...new Set(versions)], ['3.4.23', '3.5.26', '3.6.6'])
})

test('releases that nobody knows are refused', () => {
  assert.throws(() => traitsOf('1.19.4'), /these roles know 1\.20 and later/)
  assert.throws(() => traitsOf('v1.20.2'))
})

const upgrades: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['1.20.2', '1.20.2', undefined],
  ['1.20.2', '1.20.15', undefined],
  ['1.20.15', '1.20.2', undefined],
  ['1.20.15', '1.21.0', undefined],
  ['1.20.15', '1.22.0', /1\.21 comes first/],
  ['1.21.0', '1.20.15', /cannot go back/],
]
for (const [from, to, expected] of upgrades)
  test(`${from} to ${to}: ${expected === undefined ? 'goes' : 'is refused'}`, () => {
    const fault = upgradeFault(from, to)
    if (expected === undefined) assert.is(fault, undefined)
    else assert.match(fault ?? '', expected)
  })

test('addresses of services and networks of nodes', () => {
  assert.is(nth('10.96.0.0/16', 10), '10.96.0.10')
  assert.is(podNetworkOf('10.244.0.0/16', 2), '10.244.2.0/24')
  assert.is(podNetworkOf('172.16.252.0/22', 3), '172.16.255.0/24')
  assert.throws(() => podNetworkOf('10.244.0.0/23', 2), /set podNetwork/)
})

test.run()
