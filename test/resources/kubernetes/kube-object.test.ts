import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kubeObject, type KubeObjectOptions, type Manifest } from '../../../lib/resources/kubernetes/kube-object.ts'
import { pathOf } from '../../../lib/resources/kubernetes/manifest.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { secret } from '../../../lib/secret.ts'
import { ask, converge, debian, probe, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 3 },
}
const config = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'config.d', namespace: 'shop' },
  data: { a: 'b' },
}
const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const wanted: KubeObjectOptions = { manifest: [shop, web, config], owner: 'shop', ready: true }

const diffOf = (name: string, ...rest: readonly string[]) =>
  [
    `diff -u -N /tmp/LIVE-1/${name} /tmp/MERGED-1/${name}`,
    `--- /tmp/LIVE-1/${name}`,
    `+++ /tmp/MERGED-1/${name}`,
    ...rest,
  ]
    .map((line) => `|${line}\n`)
    .join('')
const changed = diffOf(
  'apps.v1.Deployment.shop.web',
  '@@ -1,2 +1,2 @@',
  '-  generation: 1',
  '+  generation: 2',
  '-  replicas: 2',
  '+  replicas: 3',
)
const created = diffOf('v1.ConfigMap.shop.config.d', '@@ -0,0 +1,2 @@', '+data:', '+  a: b')
const standing = '# pods Deployment|shop|web|2|2|3|3|3|3|||\n'
const moving = '# pods Deployment|shop|web|2|1|3|3|2|3|||\n'

const table: readonly (readonly [
  says: string,
  options: KubeObjectOptions,
  have: string,
  then: readonly string[] | string,
])[] = [
  ['all as it was', wanted, '# same\n', []],
  ['as wanted', wanted, `# diff 0 \n|\n# diff 0 shop\n|\n${standing}`, []],
  ['one differs', { manifest: [web] }, `# diff 1 shop\n${changed}`, ['change Deployment shop/web']],
  ['one is new', { manifest: [config] }, `# diff 1 shop\n${created}`, ['create ConfigMap shop/config.d']],
  [
    'one differs, one is new, and Pods are waited for',
    wanted,
    `# diff 0 \n|\n# diff 1 shop\n${changed}${created}${standing}`,
    ['create ConfigMap shop/config.d; change Deployment shop/web', 'wait for Deployment shop/web'],
  ],
  ['Pods are not there yet', wanted, `# diff 0 shop\n|\n${moving}`, ['wait for Deployment shop/web']],
  [
    'without its namespace all of it is new',
    wanted,
    '# diff 1 \n' + diffOf('v1.Namespace..shop', '@@ -0,0 +1 @@', '+kind: Namespace') + '# missing shop\n',
    ['create Deployment shop/web, ConfigMap shop/config.d, Namespace shop', 'wait for Deployment shop/web'],
  ],
  [
    'what is wanted no more goes, and what something else owns stays',
    wanted,
    `# diff 0 shop\n|\n# owned apps/v1|Deployment|shop|old|\n# owned v1|ConfigMap|shop|config.d|\n# owned rbac.authorization.k8s.io/v1|ClusterRole||old|\n${standing}`,
    ['delete Deployment shop/old, which shop has no more', 'delete ClusterRole old, which shop has no more'],
  ],
  [
    'what the API server does not take is refused in its words',
    wanted,
    '# diff 2 shop\n|Warning: old\n|The Job "once" is invalid: spec.template: field is immutable\n',
    'refused: the API server does not accept the objects: The Job "once" is invalid: spec.template: field is immutable',
  ],
  [
    'an API that is slow is no fault of the objects',
    wanted,
    '# diff 2 shop\n|Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)\n',
    'refused: the API does not answer: Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)',
  ],
  ['no kubectl: refused', wanted, '# none kubectl\n', 'refused: this host has no kubectl'],
  ['no kubeconfig: refused', wanted, '# none kubeconfig\n', 'refused: there is no /root/.kube/config'],
  [
    'no answer: refused',
    wanted,
    '# silent\n|connection refused\n',
    'refused: the API does not answer: connection refused',
  ],
  [
    'to go',
    { manifest: config, state: 'absent' },
    '# owned v1|ConfigMap|shop|config.d|\n',
    ['delete ConfigMap shop/config.d'],
  ],
  ['gone', { manifest: config, state: 'absent' }, '', []],
]
for (const [says, options, have, then] of table) {
  test(says, () =>
    assert.equal(words(kubeObject('shop', options).evaluate(reply(have), debian, new Prediction())), then),
  )
}

test('Pods, and resources that wait for Pods, are unknown while Pods leave a node', () => {
  const prediction = new Prediction()
  prediction.record('nodeDrain:node-05', [{ type: 'object', of: 'Kubernetes', name: 'Pods', exists: false }])
  const evaluated = (options: KubeObjectOptions, have: string) =>
    words(kubeObject('shop', options).evaluate(reply(have), debian, prediction))
  const pod: Manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', namespace: 'shop' } }
  const why = 'unknown: Pods leave their nodes by nodeDrain:node-05'
  assert.is(evaluated(wanted, '# same\n'), why)
  assert.is(evaluated({ manifest: pod }, '# same\n'), why)
  assert.equal(evaluated({ manifest: config }, '# same\n'), [])
  assert.equal(evaluated({ manifest: pod, state: 'absent' }, ''), [])
  assert.equal(evaluated(wanted, `# diff 1 shop\n${changed}${standing}`), [
    'change Deployment shop/web',
    'wait for Deployment shop/web',
  ])
})

test('a host that is to join is predicted, and an API that is to start is unknown', () => {
  const prediction = new Prediction()
  prediction.record('service:kube-apiserver', [{ type: 'unit', name: 'kube-apiserver.service', running: true }])
  const evaluated = (have: string) => words(kubeObject('shop', wanted).evaluate(reply(have), debian, prediction))
  assert.equal(evaluated('# none kubectl fresh\n'), [
    'create Namespace shop, Deployment shop/web, ConfigMap shop/config.d',
    'wait for Deployment shop/web',
  ])
  assert.is(evaluated('# silent\n|refused\n'), 'unknown: the API answers only after service:kube-apiserver')
  for (const have of [
    '# none kubectl\n',
    '# none kubeconfig\n',
    '# diff 2 shop\n|Error from server (Forbidden): deployments.apps "web" is forbidden: User "a" cannot get resource\n',
    '# diff 2 shop\n|error: unable to recognize "STDIN": no matches for kind "Shop" in version "shop/v1"\n',
    '# diff 2 shop\n|Unable to connect to the server: EOF\n',
  ])
    assert.is(evaluated(have), 'unknown: the API answers only after service:kube-apiserver', have)
  assert.match(
    String(evaluated('# diff 2 shop\n|The Job "once" is invalid: spec.template: field is immutable\n')),
    'refused: the API server does not accept the objects',
  )
  assert.equal(evaluated(`# diff 1 shop\n${changed}${standing}`), [
    'change Deployment shop/web',
    'wait for Deployment shop/web',
  ])
})

test('objects that are to come may bring the rights that later ones lack', () => {
  const rights = kubeObject('rights', {
    manifest: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'admins' },
    },
    owner: 'rights',
  })
  const binding = diffOf('rbac.authorization.k8s.io.v1.ClusterRoleBinding..admins', '@@ -0,0 +1 @@', '+kind: it')
  const gone = '# owned rbac.authorization.k8s.io/v1|ClusterRole||old|\n'
  const evaluation = rights.evaluate(reply(`# diff 1 \n${binding}${gone}`), debian, new Prediction())
  const effect = { type: 'object', of: 'Kubernetes' } as const
  assert.ok('effects' in evaluation)
  assert.equal(evaluation.effects, [
    { ...effect, name: 'ClusterRoleBinding admins', exists: true },
    { ...effect, name: 'ClusterRole old', exists: false },
  ])
  const prediction = new Prediction()
  const forbidden = reply('# diff 2 shop\n|Error from server (Forbidden): pods is forbidden: User "a" cannot list\n')
  const later = () => words(kubeObject('shop', wanted).evaluate(forbidden, debian, prediction))
  assert.match(String(later()), /^refused: the API server does not accept the objects/)
  prediction.record('kubeObject:rights', evaluation.effects)
  assert.is(later(), 'unknown: the API answers only after kubeObject:rights')
})

test('a difference is shown without what changes by itself, and none of a Secret', () => {
  const password = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'shop' },
    stringData: { password: secret('correct horse') },
  }
  const resource = kubeObject('shop', { manifest: [web, password] })
  const kept = diffOf('v1.Secret.shop.login', '@@ -1 +1 @@', '-  password: YQ==', '+  password: Yg==')
  const evaluation = resource.evaluate(reply(`# diff 1 shop\n${changed}${kept}`), debian, new Prediction())
  assert.equal('plan' in evaluation && evaluation.plan.changes, [
    { label: 'Deployment shop/web', before: '  replicas: 2\n', after: '  replicas: 3\n' },
    { hidden: 'Secret shop/login is secret' },
  ])
  assert.not.match(resource.probe(debian).shown, 'correct horse')
})

test('invalid options are refused', () => {
  for (const [options, why] of [
    [{ manifest: [] }, /objects with apiVersion, kind and metadata.name/],
    [{ manifest: { apiVersion: 'v1', kind: 'Pod', metadata: {} } }, /objects with apiVersion/],
    [{ manifest: { ...web, metadata: { name: 'a b' } } }, /objects with apiVersion/],
    [{ manifest: web, owner: 'a b' }, /owner/],
    [{ manifest: web, owner: 'a', state: 'absent' }, /neither ready nor owner/],
    [{ manifest: web, server: 'api' }, /a URL/],
  ] as const)
    assert.throws(() => kubeObject('it', options as unknown as KubeObjectOptions), why)
})

test('the API has an object where its kind says', () => {
  for (const [apiVersion, kind, path] of [
    ['v1', 'Service', '/api/v1/namespaces/t/services/a'],
    ['networking.k8s.io/v1', 'Ingress', '/apis/networking.k8s.io/v1/namespaces/t/ingresses/a'],
    ['networking.k8s.io/v1', 'NetworkPolicy', '/apis/networking.k8s.io/v1/namespaces/t/networkpolicies/a'],
    ['v1', 'Endpoints', '/api/v1/namespaces/t/endpoints/a'],
  ] as const)
    assert.is(pathOf({ apiVersion, kind, metadata: { name: 'a', namespace: 't' } }), path)
})

/** As much of kubectl as a cluster of one file takes. */
const FAKE = `#!/bin/sh
while case $1 in --kubeconfig | --server | --context) shift 2;; --request-timeout*) shift;; --cache-dir=*) echo "\${1#*=}" >>"$STORE/caches"; shift;; *) false;; esac; do :; done
echo "$1" >>"$STORE/asked"
case $1 in
version) [ ! -e "$STORE/down" ] || { echo 'connection refused' >&2; exit 1; };;
diff) cat >"$STORE/given"; cmp -s "$STORE/given" "$STORE/kept" && exit 0
[ -e "$STORE/kept" ] && h='@@ -1 +1 @@' || h='@@ -0,0 +1 @@'
printf '%s\\n' 'diff -u -N /tmp/LIVE-1/v1.ConfigMap.default.a /tmp/MERGED-1/v1.ConfigMap.default.a' "$h" '+x'; exit 1;;
apply) [ ! -e "$STORE/busy" ] || { cat "$STORE/busy" >&2; rm "$STORE/busy"; exit 1; }; cp "$3" "$STORE/kept"; echo >>"$STORE/kept";;
get) case $* in *-l*) [ ! -e "$STORE/left" ] || echo 'v1|ConfigMap|default|left|';; *) [ ! -e "$STORE/kept" ] || echo 'v1|ConfigMap|default|a|';; esac;;
delete) case $* in *left*) rm "$STORE/left";; *) rm "$STORE/kept";; esac;;
esac
`

/** Whether answers are kept here: by root alone. */
const isKept = process.getuid?.() === 0
if (isKept) mkdirSync('/run/rolecall', { recursive: true, mode: 0o700 })
else process.stdout.write('skipped: what is kept between two questions is kept by root\n')

const quick = (says: string, work: () => Promise<void>) => (isKept ? test(says, work) : test.skip(says))

for (const shell of shells()) {
  test(`${shell.name}: objects are made, changed, and deleted when they are wanted no more`, async () => {
    const at = scratch()
    const kubeconfig = join(at, 'config')
    mkdirSync(join(at, 'bin'))
    writeFileSync(join(at, 'bin/kubectl'), FAKE)
    chmodSync(join(at, 'bin/kubectl'), 0o755)
    writeFileSync(kubeconfig, '{}')
    const env = { HOME: at, PATH: `${join(at, 'bin')}:${process.env['PATH'] ?? ''}`, STORE: at }
    const of = (value: string) =>
      kubeObject("the shop's", {
        manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { value } },
        owner: 'shop',
        kubeconfig,
      })
    const lost = async (environment: typeof env) =>
      (await probe(shell, kubeObject('it', { manifest: config, kubeconfig: join(at, 'none') }), { env: environment }))
        .lines[0]
    assert.is(await lost(env), '# none kubeconfig', 'what the cluster has is not known')
    assert.is(await lost({ ...env, PATH: join(at, 'none') }), '# none kubectl fresh')
    const first = await converge(shell, of("it's"), { env })
    assert.equal([first.did, words(first.again)], [['create ConfigMap default/a'], []])
    assert.match(readFileSync(join(at, 'kept'), 'utf8'), `"labels":{"rolecall/owner":"shop"}`)
    writeFileSync(join(at, 'left'), '')
    // What the API server says of an etcd that is gone for a moment.
    writeFileSync(join(at, 'busy'), 'Error from server: rpc error: code = Unavailable desc = transport is closing\n')
    const second = await converge(shell, of('other'), { env })
    assert.equal(
      [second.did, words(second.again)],
      [['change ConfigMap default/a', 'delete ConfigMap default/left, which shop has no more'], []],
    )
    const gone = kubeObject('gone', {
      manifest: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      state: 'absent',
      kubeconfig,
    })
    assert.equal((await converge(shell, gone, { env })).did, ['delete ConfigMap default/a'])
    assert.is(existsSync(join(at, 'kept')), false)
    writeFileSync(join(at, 'down'), '')
    assert.match(String(words(await ask(shell, of('x'), { env }))), /does not answer: connection refused/)
    assert.is(stepsOf(of('x').evaluate(await probe(shell, of('x'), { env }), debian, new Prediction())).length, 0)
    const caches = new Set(readFileSync(join(at, 'caches'), 'utf8').trim().split('\n'))
    assert.equal(caches.has(join(at, '.kube/cache')), !isKept, 'where answers are kept, nothing is written in a home')
  })

  quick(`${shell.name}: one curl says whether all is as it was, and whether all replicas are there`, async () => {
    const at = scratch()
    const [kubeconfig, key, bin] = [join(at, 'config'), join(at, 'key'), join(at, 'bin')]
    mkdirSync(bin)
    writeFileSync(key, '')
    writeFileSync(
      kubeconfig,
      `certificate-authority: ca\nclient-certificate: cert\nclient-key: ${key}\nserver: https://api\n`,
    )
    // A dry run changes nothing.
    writeFileSync(join(bin, 'kubectl'), '#!/bin/sh\n:\n')
    writeFileSync(join(bin, 'curl'), '#!/bin/sh\necho >>"$STORE/curls"; cat "$STORE/answers"\n')
    for (const name of ['kubectl', 'curl']) chmodSync(join(bin, name), 0o755)
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, STORE: at }
    const name = `quick ${at}`
    const object = kubeObject(name, { manifest: [web, config], owner: 'shop', ready: true, kubeconfig })
    const isSame = async (ready: number, kind = 'Deployment') => {
      const status = { observedGeneration: 2, replicas: 3, readyReplicas: ready, updatedReplicas: 3 }
      const answers = [
        { kind, metadata: { generation: 2 }, spec: { replicas: 3 }, status },
        { kind: 'ConfigMap', data: {} },
      ]
      writeFileSync(join(at, 'answers'), answers.map((each) => `${JSON.stringify(each, null, 2)}\n`).join(''))
      writeFileSync(join(at, 'curls'), '')
      const { lines } = await probe(shell, object, { env })
      assert.is(readFileSync(join(at, 'curls'), 'utf8'), '\n', 'one process, and so one connection')
      return lines.join() === '# same'
    }
    const of = createHash('sha256').update(`${name} ${kubeconfig} `).digest('hex').slice(0, 16)
    try {
      assert.equal([await isSame(3), await isSame(3)], [false, true], 'it is remembered')
      assert.is(await isSame(2), false, 'a replica is missing')
      assert.is(await isSame(3), true)
      assert.is(await isSame(3, 'Status'), false, 'the Deployment is not there')
    } finally {
      rmSync(`/run/rolecall/objects-${of}`, { force: true })
    }
  })
}

test.run()
