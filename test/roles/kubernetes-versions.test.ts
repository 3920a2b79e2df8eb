import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nth, podNetworkOf } from '../../roles/kubernetes/cluster.ts'
import { traitsOf, upgradeFault, type Traits } from '../../roles/kubernetes/versions.ts'

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
  ['1.26.15', { runtimeFlags: true, cri: ['v1'], containerd: '1.7.27' }],
  ['1.27.0', { runtimeFlags: false, insecurePortFlags: false, failCgroupV1: false }],
  ['1.30.4', { runtimeFlags: false, etcd: '3.5.21', failCgroupV1: false }],
  ['1.35.0', { runtimeFlags: false, failCgroupV1: true, etcd: '3.6.5' }],
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
