import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import etcd from '../../roles/etcd.ts'
import kubeAddons from '../../roles/kube-addons.ts'
import kubeAuthorities from '../../roles/kube-authorities.ts'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import { certificateFile, certificatesOf, rootsOf, type Parts } from '../../roles/kubernetes/pki/certificates.ts'
import { rights } from '../../roles/kubernetes/pki/rights.ts'
import { contentOf, ids } from './played-resources.ts'
import { cluster } from './kubernetes-cluster.ts'

const member = { name: 'node-04', address: '10.10.50.99' }
const nothing: Parts = { etcd: false, controlPlane: false, node: false }
const certificates = (parts: Partial<Parts>) => certificatesOf(member, { ...nothing, ...parts }, cluster, [member])

for (const [what, parts, expected] of [
  ['a node', { node: true }, []],
  ['a member of etcd', { etcd: true }, ['etcd: /etc/etcd/pki/etcd.pem']],
  [
    'a host of the control plane',
    { controlPlane: true },
    ['etcd: /etc/kubernetes/pki/apiserver-etcd-client.pem', 'front-proxy: /etc/kubernetes/pki/front-proxy-client.pem'],
  ],
] as const)
  test(`${what} has ${expected.length === 0 ? 'nothing' : String(expected.length)} that an authority but the site's has signed`, () => {
    const others = certificates(parts).filter(({ authority }) => authority !== 'site')
    assert.equal(
      others.map((each) => `${each.authority}: ${certificateFile(each)}`),
      expected,
    )
  })

test('whatever has a certificate has the authority that it is checked by, and a node no other', () => {
  for (const parts of [{ etcd: true }, { controlPlane: true }, { node: true }, { etcd: true, node: true }]) {
    const roots = rootsOf({ ...nothing, ...parts }).map(([, authority]) => authority)
    for (const { name, authority } of certificates(parts)) assert.ok(roots.includes(authority), name)
  }
  assert.equal(rootsOf({ ...nothing, node: true }), [['/etc/kubernetes/pki/ca.pem', 'site']])
})

test('the key of tokens is good for neither a server nor a client', () => {
  const found = certificates({ controlPlane: true }).find(({ name }) => name === 'service-account')
  assert.is(found?.profile, 'signer')
})

const members = ['node-01', 'node-02', 'node-03'].map((name, at) => ({ name, address: `10.10.50.${at + 1}` }))
const site = {
  etcd: members,
  control_plane: members.slice(0, 2),
  kube_nodes: members.slice(2),
  ca: members.slice(1, 2),
}
const host = { ...members[0], arch: 'x86_64' }

test('etcd knows clients and members by its own authority, and so does the API server know etcd', async () => {
  const unit = contentOf(await play(etcd, { host, site }), 'file:/etc/systemd/system/etcd.service')
  for (const option of ['trusted-ca-file', 'peer-trusted-ca-file'])
    assert.match(unit, `--${option}=/etc/etcd/pki/ca.pem`)
  for (const option of ['client-cert-auth', 'peer-client-cert-auth']) assert.match(unit, `--${option}=true`)
  const server = contentOf(
    await play(kubeControlPlane, { host, site, checking: true }),
    'file:/etc/systemd/system/kube-apiserver.service',
  )
  for (const option of [
    '--etcd-cafile=/etc/kubernetes/pki/etcd-ca.pem',
    '--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.pem',
    '--requestheader-allowed-names=front-proxy-client',
    '--anonymous-auth=false',
    '--insecure-port=0',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
  ])
    assert.match(server, ` ${option} `)
})

test('each authority has a directory, a key and a name of its own', async () => {
  const played = await play(kubeAuthorities, { host: { ...members[1], arch: 'x86_64' }, site })
  const names = ['/opt/certs/kubernetes-etcd', '/opt/certs/kubernetes-front-proxy'].map((directory) => {
    assert.ok(ids(played).includes(`dir:${directory}`), directory)
    const { CN } = JSON.parse(contentOf(played, `file:${directory}/ca-csr.json`)) as { CN: string }
    return CN
  })
  assert.equal(names, ['kubernetes etcd', 'kubernetes front-proxy'])
})

test('nobody but the super-administrator of the first host has rights that cannot be taken away', () => {
  const [first, second] = members
  assert.ok(first !== undefined && second !== undefined)
  const groups = (host: typeof first) =>
    certificatesOf(host, { etcd: true, controlPlane: true, node: true }, cluster, [first, second]).flatMap(
      ({ name, organization }) => (organization === undefined ? [] : [`${name}: ${organization}`]),
    )
  const usual = ['admin: kubeadm:cluster-admins', 'kubelet: system:nodes']
  assert.equal(groups(second), usual)
  assert.equal(groups(first).sort(), [...usual, 'super-admin: system:masters'])
})

test('who is known by a certificate alone has the rights of a role', () => {
  const bindings = rights.filter(({ kind }) => kind === 'ClusterRoleBinding')
  const subjects = bindings.map(({ metadata, roleRef, subjects: of }) => [metadata.name, roleRef, of])
  const apiGroup = 'rbac.authorization.k8s.io'
  const role = (name: string) => ({ apiGroup, kind: 'ClusterRole', name })
  const admins = 'kubeadm:cluster-admins'
  const [server, client] = ['kube-apiserver-kubelet-client', 'kubelet-client']
  assert.equal(subjects, [
    [admins, role('cluster-admin'), [{ apiGroup, kind: 'Group', name: admins }]],
    [client, role(client), [{ apiGroup, kind: 'User', name: server }]],
  ])
})

test('the API server, as a client of kubelets, may ask them and read no node', () => {
  const [role] = rights.filter(({ kind }) => kind === 'ClusterRole')
  assert.equal(role?.['rules'], [
    {
      apiGroups: [''],
      resources: ['nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/spec', 'nodes/stats'],
      verbs: ['*'],
    },
  ])
})

test('rights are given from the first host of the control plane, by the super-administrator', async () => {
  const asked = async (at: number) =>
    ids(await play(kubeControlPlane, { host: { ...members[at], arch: 'x86_64' }, site, checking: true }))
  const own = ['file:/etc/kubernetes/super-admin.kubeconfig', 'kubeObject:rights']
  assert.equal(
    (await asked(0)).filter((id) => own.includes(id)),
    own,
  )
  assert.equal(
    (await asked(1)).filter((id) => own.includes(id)),
    [],
  )
})

test('addons run where they may, and Services as they did', async () => {
  const of = async (nodeSelector: Readonly<Record<string, string>>) =>
    JSON.stringify((await play(kubeAddons, { host, site, vars: { nodeSelector } })).asked.map(({ want }) => want))
  assert.is((await of({ trusted: 'yes' })).split('"nodeSelector":{"trusted":"yes"}').length - 1, 3)
  assert.not.match(await of({}), 'nodeSelector')
})

test.run()
