// `npm run test:kubernetes -- worker`: what somebody reaches who is root on one node, with all keys that are there. node-04 is a node and nothing else.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { addressOf, applied, apply, kubectl, on, setUp, until } from './cluster.ts'
import { prepare } from '../support/prepare.ts'

const [own, other] = ['node-04', 'node-05']
const PKI = '/etc/kubernetes/pki'
const marked = 'this-is-hidden'
const api = 'https://api.kube.internal:6443'

const pod = (name: string, node: string, secret: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'nginx:1.22' }],
    volumes: [{ name: 'it', secret: { secretName: secret } }],
  },
})
const secret = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { it: marked },
})

prepare(test, async () => {
  await setUp()
  await on('node-02', 'kubectl create namespace chapters --dry-run=client -o yaml | kubectl apply -f -')
  await applied(secret('here'), secret('there'), pod('here', own, 'here'), pod('there', other, 'there'))
  await until(
    'both Pods run',
    async () => await kubectl("get pods here there -o jsonpath='{.items[*].status.phase}'"),
    (answer) => answer === 'Running Running',
  )
})

test.after(async () => {
  await kubectl('delete pod here there --wait=false')
  await kubectl('delete secret here there')
})

/** What a request from the node ends in: the status of HTTP, or 000 where there is no answer at all. */
async function asked(url: string, certificate: string | undefined, more = ''): Promise<string> {
  const by = certificate === undefined ? '' : `--cert ${PKI}/${certificate}.pem --key ${PKI}/${certificate}-key.pem `
  return await on(own, `curl -s -k -o /dev/null -w '%{http_code}' --max-time 60 ${by}${more} '${url}' || :`)
}

const put = (method: string, body: object, type = 'application/json'): string =>
  `-X ${method} -H 'Content-Type: ${type}' -d '${JSON.stringify(body)}'`
const merge = (body: object): string => put('PATCH', body, 'application/merge-patch+json')
const secrets = `${api}/api/v1/namespaces/chapters/secrets`
const node = (name: string): string => `${api}/api/v1/nodes/${name}`
const asAdmin = "-H 'X-Remote-User: kubernetes-admin' -H 'X-Remote-Group: system:masters'"
const roleLabel = merge({ metadata: { labels: { 'node-role.kubernetes.io/master': '' } } })
const token = put('POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['a'] } })
const account = `${api}/api/v1/namespaces/kube-system/serviceaccounts`

/** What the node needs is answered; nothing else is. */
const requests: readonly (readonly [
  what: string,
  url: string,
  certificate: string | undefined,
  more: string,
  code: string,
])[] = [
  ['the secret of a Pod on this node', `${secrets}/here`, 'kubelet', '', '200'],
  ['the secret of a Pod on another node', `${secrets}/there`, 'kubelet', '', '403'],
  ['all secrets', `${api}/api/v1/secrets`, 'kubelet', '', '403'],
  ['all secrets, by the certificate of kube-proxy', `${api}/api/v1/secrets`, 'kube-proxy', '', '403'],
  ['all secrets, in the name of an administrator', `${api}/api/v1/secrets`, 'kubelet', asAdmin, '403'],
  ['the API without a certificate', `${api}/version`, undefined, '', '401'],
  ['the API without a certificate, in the name of an administrator', `${api}/version`, undefined, asAdmin, '401'],
  ['a label of another node', node(other), 'kubelet', merge({ metadata: { labels: { a: 'b' } } }), '403'],
  ['the role of the control plane for itself', node(own), 'kubelet', roleLabel, '403'],
  ['its own taints', node(own), 'kubelet', merge({ spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }), '403'],
  ['the removal of another node', node(other), 'kubelet', '-X DELETE', '403'],
  [
    'the removal of a Pod of another node',
    `${api}/api/v1/namespaces/chapters/pods/there`,
    'kubelet',
    '-X DELETE',
    '403',
  ],
  ['a token of an account of another node', `${account}/namespace-controller/token`, 'kubelet', token, '403'],
  ['rights for itself', `${api}/apis/rbac.authorization.k8s.io/v1/clusterrolebindings`, 'kubelet', '', '403'],
]
for (const [what, url, certificate, more, code] of requests)
  test(`${what}: ${code}`, async () => assert.is(await asked(url, certificate, more), code))

const ports: readonly (readonly [
  what: string,
  host: string,
  port: string,
  certificate: string | undefined,
  code: string,
])[] = [
  ['etcd, with the certificate of the kubelet', 'node-01', '2379/version', 'kubelet', '000'],
  ['etcd, with the certificate of kube-proxy', 'node-03', '2379/version', 'kube-proxy', '000'],
  ['etcd, without one', 'node-02', '2379/version', undefined, '000'],
  ['etcd as a member', 'node-01', '2380/version', 'kubelet', '000'],
  ['the kubelet of another node', other, '10250/pods', 'kubelet', '403'],
  ['the kubelet of another node, without a certificate', other, '10250/pods', undefined, '401'],
  ['the kubelet of another node, read only', other, '10255/pods', 'kubelet', '000'],
  ['the controller manager', 'node-02', '10257/metrics', 'kubelet', '000'],
  ['the scheduler', 'node-02', '10259/metrics', 'kubelet', '000'],
  ['the API server without TLS', 'node-02', '8080/version', 'kubelet', '000'],
  ['kube-proxy of another node', other, '10249/configz', undefined, '000'],
]
for (const [what, host, port, certificate, code] of ports)
  test(`${what}: ${code === '000' ? 'no answer' : code}`, async () =>
    assert.is(await asked(`https://${addressOf(host)}:${port}`, certificate), code))

test('the control plane itself reaches etcd by the address and the port that a node does not', async () => {
  const by = `--cacert ${PKI}/etcd-ca.pem --cert ${PKI}/apiserver-etcd-client.pem --key ${PKI}/apiserver-etcd-client-key.pem`
  const answer = await on('node-02', `curl -s --max-time 60 ${by} https://${addressOf('node-01')}:2379/version`)
  assert.match(answer, 'etcdserver')
})

test('a Secret is not to be read in etcd, nor in a snapshot of it', async () => {
  const pki = '/etc/etcd/pki'
  const by = `--endpoints=https://127.0.0.1:2379 --cacert=${pki}/ca.pem --cert=${pki}/etcd.pem --key=${pki}/etcd-key.pem`
  const etcdctl = `ETCDCTL_API=3 etcdctl ${by}`
  const begins = await on('node-03', `${etcdctl} get /registry/secrets/chapters/here --print-value-only | head -c 27`)
  assert.is(begins, 'k8s:enc:secretbox:v1:key-1:')
  const snapshot = `f=$(mktemp -d)/it; ${etcdctl} snapshot save $f >/dev/null 2>&1; grep -c ${marked} $f || :; rm $f`
  assert.is(await on('node-03', snapshot), '0')
  assert.is(await kubectl("get secret here -o jsonpath='{.data.it}' | base64 -d"), marked)
})

test('the API server’s own certificate for kubelets reads nothing at the API', async () => {
  const by = `--cert ${PKI}/apiserver-kubelet-client.pem --key ${PKI}/apiserver-kubelet-client-key.pem`
  for (const what of ['secrets', 'pods', 'nodes'])
    assert.is(await on('node-02', `curl -s -k -o /dev/null -w '%{http_code}' ${by} ${api}/api/v1/${what}`), '403', what)
  assert.match(await kubectl('logs here --tail=1 && echo read'), /read$/)
})

test('the rights of administrators can be taken away, and one apply gives them back', async () => {
  await on('node-02', 'kubectl delete clusterrolebinding kubeadm:cluster-admins')
  const mayRead = async () => await kubectl('auth can-i get secrets || :')
  await until('no rights', mayRead, (answer) => answer === 'no')
  await apply('kubernetes', '--tags', 'kube-control-plane')
  await until('rights', mayRead, (answer) => answer === 'yes')
})

test('the token of a Pod, which is on its node, reads nothing', async () => {
  const token = await kubectl('exec here -- cat /var/run/secrets/kubernetes.io/serviceaccount/token')
  const read = `curl -s -k -o /dev/null -w '%{http_code}' --max-time 60 -H 'Authorization: Bearer ${token}'`
  for (const what of ['secrets', 'configmaps', 'pods'])
    assert.is(await on(own, `${read} ${api}/api/v1/namespaces/chapters/${what}`), '403', what)
})

// It shows its token to every kubelet, so that a node has it whoever it was.
for (const what of ['secrets', 'configmaps'])
  test(`the account of metrics-server reads no ${what}`, async () => {
    const as = '--as=system:serviceaccount:kube-system:metrics-server'
    assert.is(await kubectl(`auth can-i list ${what} -A ${as} || :`), 'no')
  })

test('on the node there are the keys of the node alone, readable by root alone', async () => {
  const keys = await on(own, `find /etc /opt /root /data -xdev -name '*-key.pem' -not -path '*/overlayfs/*' | sort`)
  assert.equal(keys.split('\n'), [`${PKI}/kube-proxy-key.pem`, `${PKI}/kubelet-key.pem`])
  const modes = await on(own, `stat -c '%a %U %n' ${PKI}/*-key.pem /etc/kubernetes/*.kubeconfig`)
  for (const line of modes.split('\n')) assert.match(line, /^600 root /)
  assert.is(await on(own, 'ls -A /root/.kube 2>/dev/null || :'), '')
})

test.run()
