import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play } from 'rolecall'
import kubeControlPlane from '../../roles/kube-control-plane.ts'
import { nodeDrain } from '../../roles/kubernetes/drain.ts'
import { evaluate, pending, words } from '../../lib/testing/index.ts'
import { contentOf } from './asked.ts'

const of = (state: 'drained' | 'schedulable', deleteBarePods = false) =>
  nodeDrain('it', { node: 'node-03', state, deleteBarePods })
const free = 'held \n'
const held = 'held true\n'
const heldByRole = 'held true\nby-role true\n'
const made = 'pod|t/web-1|ReplicaSet|||Running\npod|kube-system/proxy|DaemonSet|||Running\n'
const bare = 'pod|t/alone||||Running\n'

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
    'refused: to restart node-03, its Pods must leave, and nothing makes these anew: t/alone',
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
  test(says, () => assert.equal(words(evaluate(resource, have)), then))

test('what is to be drained is foreseen to be let take Pods again', () => {
  const prediction = pending({
    'nodeDrain:it': [{ type: 'object', of: 'schedulable node', name: 'node-03', exists: false }],
  })
  assert.equal(words(evaluate(of('schedulable'), free, { prediction })), ['let node-03 take Pods again'])
  assert.equal(words(evaluate(of('schedulable'), held, { prediction })), [])
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
