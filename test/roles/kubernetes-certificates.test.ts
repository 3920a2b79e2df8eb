import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { caConfig, certificatesOf, type Wanted } from '../../roles/kubernetes/pki/certificates.ts'
import { play, type Sh } from 'rolecall'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import { faultOf, signed } from '../../roles/kubernetes/pki/sign.ts'
import { Prediction } from '../../lib/resources/prediction/prediction.ts'
import { textsIn } from '../../roles/kube-pki.ts'
import { evaluate, words } from '../../lib/testing/index.ts'
import { cluster } from './kubernetes-cluster.ts'
import { contentOf } from './played-resources.ts'

const [first, second] = [
  { name: 'node-01', address: '10.10.50.50' },
  { name: 'node-02', address: '10.10.50.20' },
]

test('a node has the user and the group by which the API server knows it', () => {
  const wanted = certificatesOf(first, { etcd: false, controlPlane: false, node: true }, cluster, [second])
  assert.equal(
    wanted.map(({ name, profile, commonName, organization }) => [name, profile, commonName, organization]),
    [
      ['kubelet', 'peer', 'system:node:node-01', 'system:nodes'],
      ['kube-proxy', 'client', 'system:kube-proxy', undefined],
    ],
  )
})

test('the API server answers by every name that it is reached by', () => {
  const [server] = certificatesOf(first, { etcd: false, controlPlane: true, node: false }, cluster, [first, second])
  for (const name of [
    'kubernetes.default.svc.cluster.local',
    'api.kube.internal',
    'node-02',
    '10.10.50.20',
    '10.96.0.1',
    '127.0.0.1',
  ])
    assert.ok(server?.names.includes(name), name)
})

test('the authority signs for servers, clients, both, and keys of tokens', () => {
  const { signing } = JSON.parse(caConfig(30)) as {
    signing: { profiles: Record<string, { expiry: string; usages: string[] }> }
  }
  assert.equal(Object.keys(signing.profiles), ['server', 'client', 'peer', 'signer'])
  assert.is(signing.profiles['peer']?.expiry, '720h')
})

const room = mkdtempSync(join(tmpdir(), 'certificates-'))
test.after(() => rmSync(room, { recursive: true }))
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, { cwd: room, stdio: ['ignore', 'pipe', 'ignore'] })
const text = (name: string) => readFileSync(join(room, name), 'utf8')

test('what is wrong with a certificate is said: none, key, authority, days, subject, names', () => {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const ca of ['ca', 'other'])
    openssl('req', '-x509', ...curve, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`, '-days', '30')
  writeFileSync(
    join(room, 'ext'),
    'subjectAltName=DNS:node-01,IP:10.10.50.50\nextendedKeyUsage=serverAuth,clientAuth\n',
  )
  for (const name of ['own', 'stranger'])
    openssl(
      'req',
      '-new',
      ...curve,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      '/O=system:nodes/CN=system:node:node-01',
    )
  openssl(
    'x509',
    '-req',
    '-in',
    'own.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '20',
    '-extfile',
    'ext',
    '-out',
    'own.pem',
  )
  const wanted: Wanted = {
    name: 'kubelet',
    directory: '/etc/kubernetes/pki',
    profile: 'peer',
    authority: 'site',
    commonName: 'system:node:node-01',
    organization: 'system:nodes',
    names: ['node-01', '10.10.50.50'],
  }
  const against = { request: text('own.csr'), root: text('ca.pem'), renewBefore: 10, now: Date.now() }
  assert.is(faultOf(text('own.pem'), wanted, against), undefined)
  assert.is(faultOf(text('own.pem'), wanted, { ...against, request: '' }), undefined)
  assert.is(faultOf(undefined, wanted, against), 'there is none')
  assert.is(faultOf('scribble', wanted, against), 'it is no certificate')
  assert.is(faultOf(text('own.pem'), wanted, { ...against, request: text('stranger.csr') }), 'it is of another key')
  assert.is(
    faultOf(text('own.pem'), wanted, { ...against, root: text('other.pem') }),
    'another authority has signed it',
  )
  assert.is(faultOf(text('own.pem'), wanted, { ...against, renewBefore: 21 }), 'fewer than 21 days are left')
  assert.is(faultOf(text('own.pem'), { ...wanted, organization: 'system:masters' }, against), 'it has another subject')
  assert.is(faultOf(text('own.pem'), { ...wanted, names: ['node-01'] }, against), 'it has other names')
  for (const profile of ['client', 'server', 'signer'] as const)
    assert.is(faultOf(text('own.pem'), { ...wanted, profile }, against), 'it is good for other uses', profile)
})

test('a request that asks for the rights of another is not signed, whatever cfssl would take from it', () => {
  const ca = mkdtempSync(join(room, 'ca-'))
  const inCa = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: ca, stdio: ['ignore', 'pipe', 'ignore'] })
  inCa(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=authority',
    '-days',
    '9',
  )
  inCa('genrsa', '-out', 'key.pem', '2048')
  // It takes all that the request says, as cfssl does for what it is not told.
  const tools = {
    cfssl:
      'while [ $# -gt 2 ]; do shift; done; openssl x509 -req -in "$1" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -copy_extensions copy -extfile ext -days 8 2>/dev/null',
    'cfssl-json': 'cat >"$2.pem"',
  }
  for (const [name, text] of Object.entries(tools))
    writeFileSync(join(ca, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  writeFileSync(join(ca, 'ext'), 'extendedKeyUsage=clientAuth\n')
  const proxy: Wanted = {
    name: 'kube-proxy',
    directory: '/x',
    profile: 'client',
    authority: 'site',
    commonName: 'system:kube-proxy',
    names: [],
  }
  const asked = (subject: string, ...more: readonly string[]) => {
    const request = inCa('req', '-new', '-key', 'key.pem', '-subj', subject, ...more).toString()
    const { run } = signed(proxy, 'node-05', { request, isNew: true }, ca, 1).want as { readonly run: Sh }
    const ran = spawnSync('/bin/sh', ['-c', run.text], {
      input: request,
      env: { PATH: `${ca}:${process.env['PATH'] ?? ''}` },
    })
    const file = join(ca, 'kubernetes/node-05/kube-proxy.pem')
    const isSigned = existsSync(file)
    rmSync(file, { force: true })
    return isSigned ? 'signed' : ran.stderr.toString()
  }
  assert.is(asked('/CN=system:kube-proxy'), 'signed')
  for (const [subject, ...more] of [
    ['/CN=system:kube-proxy/O=system:masters'],
    ['/CN=kubernetes-admin'],
    ['/CN=system:kube-proxy', '-addext', 'subjectAltName=DNS:kube-apiserver'],
  ] as const)
    assert.match(
      asked(subject, ...more),
      'the request of node-05 asks for another subject or other names than kube-proxy has',
    )
  assert.equal(
    readdirSync(ca).filter((name) => name.startsWith('.sign')),
    [],
    'nothing is left',
  )
})

test('tokens that a lost key has signed stay good: the authority keeps its public half, once', async () => {
  const ca = mkdtempSync(join(room, 'tokens-'))
  const inCa = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: ca, stdio: ['ignore', 'pipe', 'ignore'] })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  inCa('req', '-x509', ...curve, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=authority', '-days', '9')
  writeFileSync(join(ca, 'ext'), 'extendedKeyUsage=codeSigning\n')
  const tools = {
    cfssl:
      'while [ $# -gt 2 ]; do shift; done; openssl x509 -req -in "$1" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -days 8 2>/dev/null',
    'cfssl-json': 'cat >"$2.pem"',
  }
  for (const [name, text] of Object.entries(tools))
    writeFileSync(join(ca, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const wanted = certificatesOf(first, { etcd: false, controlPlane: true, node: false }, cluster, [first]).find(
    ({ name }) => name === 'service-account',
  )
  assert.ok(wanted !== undefined)
  const sign = (key: string) => {
    const request = inCa('req', '-new', '-key', key, '-subj', `/CN=${wanted.commonName}`).toString()
    const { run } = signed(wanted, 'node-01', { request, isNew: true }, ca, 1).want as { readonly run: Sh }
    const { status, stderr } = spawnSync('/bin/sh', ['-c', run.text], {
      input: request,
      env: { PATH: `${ca}:${process.env['PATH'] ?? ''}` },
    })
    assert.is(status, 0, stderr.toString())
  }
  const kept = () => {
    const file = join(ca, 'kubernetes/node-01/service-account.previous.pem')
    return existsSync(file) ? readFileSync(file, 'utf8').split('-----BEGIN').length - 1 : 0
  }
  const counts = ['one', 'one', 'two', 'two', 'three'].map((key) => {
    if (!existsSync(join(ca, key))) inCa('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key)
    sign(key)
    return kept()
  })
  assert.equal(counts, [0, 0, 1, 1, 2])
  const files = {
    '/opt/certs/kubernetes/node-01/service-account.pem': 'now\n',
    '/opt/certs/kubernetes/node-01/service-account.previous.pem': 'before\n',
  }
  const own = [{ ...first, files: {} }]
  const played = await play(kubeControlPlane, {
    host: { ...first, arch: 'x86_64' },
    site: { etcd: own, control_plane: own, kube_nodes: own, ca: [{ ...second, files }] },
  })
  assert.is(contentOf(played, 'file:/etc/kubernetes/pki/service-account-node-01.pem'), 'now\nbefore\n')
})

test('in check every certificate of a new key is signed anew, however many there are', () => {
  const prediction = new Prediction()
  prediction.record('privateKey:it', [
    { type: 'path', path: '/etc/kubernetes/pki/kubelet-key.pem', state: { type: 'file' } },
  ])
  const names = ['kube-proxy', 'kubelet']
  const foretold = names.map((name, turn) => {
    const [wanted] = certificatesOf(second, { etcd: false, controlPlane: false, node: true }, cluster, [first]).filter(
      (each) => each.name === name,
    )
    if (wanted === undefined) throw new Error(`a node has no certificate ${name}`)
    const resource = signed(wanted, second.name, { request: '', isNew: true }, '/opt/certs', 60)
    const evaluation = evaluate(resource, 'creates 1\nunless 1\n', { prediction })
    prediction.repeats.keep(resource.id, resource.want, turn)
    return words(evaluation)
  })
  assert.equal(
    foretold,
    names.map((name) => [`run sign ${name} of ${second.name} (unless says 1)`]),
  )
})

test('texts that tail shows are told from one another, with or without a line end', () => {
  const room = mkdtempSync(join(tmpdir(), 'texts-'))
  try {
    const texts: Readonly<Record<string, string>> = { a: 'one\ntwo\n', b: '', c: 'no end', d: '==> not a path <==\n\n' }
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(room, name), text)
    const paths = [...Object.keys(texts), 'missing'].map((name) => join(room, name))
    const { stdout } = spawnSync('tail', ['-v', '-n', '+1', '--', ...paths])
    assert.equal(
      [...textsIn(stdout.toString())],
      Object.entries(texts).map(([name, text]) => [join(room, name), text]),
    )
  } finally {
    rmSync(room, { recursive: true })
  }
})

test.run()
