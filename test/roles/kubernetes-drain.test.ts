import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import { nodeDrain } from '../../roles/kubernetes/node/drain.ts'
import { ask, evaluate, pending, scratch, shells, words } from '../../lib/testing/index.ts'
import { contentOf } from './played-resources.ts'

const of = (state: 'drained' | 'schedulable', deleteBarePods = false) =>
  nodeDrain('it', { node: 'node-03', state, deleteBarePods })
const free = 'held \n'
const held = 'held true\n'
const heldByRole = 'held true\nby-role true\n'
const made = 'pod|t/web-1|ReplicaSet|||Running\npod|kube-system/proxy|DaemonSet|||Running\n'
const bare = 'pod|t/alone||||Running\n'
/** Both answers of kubectl came to their ends. */
const whole = 'node end\npods end\n'

for (const [says, resource, have, then] of [
  ['Pods that are made anew may go', of('drained'), `${free}${made}`, ['drain node-03']],
  [
    'a Pod that a role of the site keeps comes back by it',
    of('drained'),
    `${free}pod|t/side-car|||chapters|Running\n`,
    ['drain node-03'],
  ],
  [
    'a Pod that the node itself keeps stays',
    of('drained'),
    `${free}pod|kube-system/static||file||Running\n`,
    ['drain node-03'],
  ],
  ['a Pod that has ended is no loss', of('drained'), `${free}pod|t/done||||Succeeded\n`, ['drain node-03']],
  [
    'a Pod that nothing makes anew is not deleted',
    of('drained'),
    `${free}${made}${bare}`,
    'refused: to restart node-03, its Pods must leave, and nothing recreates these: t/alone',
  ],
  ['unless that is wanted', of('drained', true), `${free}${bare}`, ['drain node-03']],
  ['one that is drained stays so', of('drained'), `${heldByRole}pod|kube-system/proxy|DaemonSet|||Running\n`, []],
  ['one that a person has cordoned is drained', of('drained'), `${held}${made}`, ['drain node-03']],
  ['one whose drain was ended half-way is drained', of('drained'), `${heldByRole}${made}`, ['drain node-03']],
  [
    'one that this role keeps Pods off takes them again',
    of('schedulable'),
    heldByRole,
    ['let node-03 take Pods again'],
  ],
  ['one that a person has cordoned stays so', of('schedulable'), held, []],
  [
    'the note goes from one that a person lets take Pods meanwhile',
    of('schedulable'),
    `${free}by-role true\n`,
    ['let node-03 take Pods again'],
  ],
  ['one that takes Pods is left alone', of('schedulable'), free, []],
] as const)
  test(says, () => assert.equal(words(evaluate(resource, `${have}${whole}`)), then))

const forbidden =
  'Error from server (Forbidden): pods is forbidden: User "kubernetes-admin" cannot list resource "pods"'
const unknownPods = (why: string) => `refused: whether node-03 has Pods that must leave is not known: ${why}`

for (const [says, resource, answer, then] of [
  ['a list of Pods that is forbidden', of('drained'), `${free}node end\nfailed ${forbidden}\n`, unknownPods(forbidden)],
  ['a list that breaks off', of('drained'), `${free}node end\n${made}`, unknownPods('kubectl says nothing')],
  ['a node alone', of('drained'), `${held}node end\n`, unknownPods('kubectl says nothing')],
  ['nothing at all', of('drained'), '', unknownPods('kubectl says nothing')],
  ['a failure without words', of('drained'), 'failed \n', unknownPods('kubectl says nothing')],
  [
    'an API that does not answer',
    of('schedulable'),
    'failed Unable to connect to the server: EOF\n',
    'refused: whether node-03 takes Pods is not known: Unable to connect to the server: EOF',
  ],
  [
    'another host’s answer of what is not there',
    of('schedulable'),
    'failed Error from server (NotFound): the server could not find the requested resource\n',
    'refused: whether node-03 takes Pods is not known: Error from server (NotFound): the server could not find the requested resource',
  ],
] as const)
  test(`${says} is no node without Pods`, () => assert.equal(words(evaluate(resource, answer)), then))

test('a node that the API does not know has no Pods, and takes none', () => {
  const answer = 'failed Error from server (NotFound): nodes "node-03" not found\n'
  for (const state of ['drained', 'schedulable'] as const) assert.equal(words(evaluate(of(state), answer)), [])
})

test('an API that something pending may bring back is unknown', () => {
  const prediction = pending({
    'service:kube-apiserver': [{ type: 'unit', name: 'kube-apiserver.service', running: true }],
  })
  assert.is(
    words(evaluate(of('drained'), `failed ${forbidden}\n`, { prediction })),
    'unknown: the API answers only after service:kube-apiserver',
  )
})

const FAKE = `#!/bin/sh
[ ! -e "$AT/down" ] || { echo 'Unable to connect to the server: EOF' >&2; exit 1; }
case $* in
*' get node '*) printf 'held \\nby-role \\n'; echo 'Warning: a word on the side' >&2;;
*' get pods '*) [ ! -e "$AT/forbidden" ] || { echo 'E1129 memcache' >&2; cat "$AT/forbidden" >&2; exit 1; }; cat "$AT/pods";;
esac
`
for (const shell of shells())
  test(`${shell.name}: the answer of kubectl is told from its failure`, async () => {
    const at = scratch()
    const write = (name: string, text: string) => writeFileSync(join(at, name), text)
    mkdirSync(join(at, 'bin'))
    write('bin/kubectl', FAKE)
    chmodSync(join(at, 'bin/kubectl'), 0o755)
    const env = { PATH: `${join(at, 'bin')}:${process.env['PATH'] ?? ''}`, AT: at }
    const asked = async (state: 'drained' | 'schedulable') => words(await ask(shell, of(state), { env }))
    write('pods', bare)
    assert.match(String(await asked('drained')), /nothing recreates these: t\/alone$/)
    assert.equal(await asked('schedulable'), [])
    write('pods', '')
    assert.equal(await asked('drained'), ['drain node-03'], 'one that takes Pods is cordoned')
    write('forbidden', `${forbidden}\n`)
    assert.is(await asked('drained'), unknownPods(forbidden))
    write('down', '')
    assert.is(await asked('drained'), unknownPods('Unable to connect to the server: EOF'))
  })

test('what is to be drained is foreseen to be let take Pods again', () => {
  const prediction = pending({
    'nodeDrain:it': [{ type: 'object', of: 'schedulable node', name: 'node-03', exists: false }],
  })
  assert.equal(words(evaluate(of('schedulable'), `${free}${whole}`, { prediction })), ['let node-03 take Pods again'])
  assert.equal(words(evaluate(of('schedulable'), `${held}${whole}`, { prediction })), [])
})

test('a scheduler and a controller manager begin when their API server answers, and are begun as often as it takes', async () => {
  const members = ['node-01', 'node-02'].map((name, at) => ({ name, address: `10.10.50.${at + 1}` }))
  const played = await play(kubeControlPlane, {
    host: { ...members[0], arch: 'x86_64' },
    site: { etcd: members, control_plane: members, kube_nodes: members, ca: members },
    checking: true,
  })
  for (const name of ['kube-scheduler', 'kube-controller-manager']) {
    const unit = contentOf(played, `file:/etc/systemd/system/${name}.service`)
    assert.match(
      unit,
      new RegExp(
        `^ExecStart=/bin/sh -c 'until curl .* https://10\\.10\\.50\\.1:6443/readyz; do sleep 1; done; exec "\\$\\$@"' ${name} /opt/kubernetes/v[0-9.]+/${name} --`,
        'm',
      ),
    )
    assert.match(unit, 'StartLimitIntervalSec=0')
  }
  const server = contentOf(played, 'file:/etc/systemd/system/kube-apiserver.service')
  assert.match(server, /^ExecStart=\/opt\/kubernetes\//m)
  assert.match(
    server,
    /^ExecStartPost=-\/usr\/bin\/timeout 60 \/bin\/sh -c 'until curl .* https:\/\/10\.10\.50\.1:6443\/readyz; do/m,
  )
})

test.run()
