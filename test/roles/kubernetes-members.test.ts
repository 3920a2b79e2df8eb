import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { play, type Sh } from 'rolecall'
import etcd from '../../roles/etcd.ts'
import { memberAdded } from '../../roles/etcd/member.ts'
import { contentOf } from './played-resources.ts'

const room = mkdtempSync(join(tmpdir(), 'members-'))
test.after(() => rmSync(room, { recursive: true }))

const members = ['node-01', 'node-02', 'node-03'].map((name, at) => ({ name, address: `10.0.0.${at + 1}` }))
const [first, , third] = members
const vars = {
  dataDirectory: '/var/lib/etcd',
  clientPort: 2379,
  peerPort: 2380,
  compaction: '0',
  quota: 1,
  heartbeat: 250,
  election: 2500,
  join: true,
}
const line = (id: string, status: string, name: string, at: number) =>
  `${id}, ${status}, ${name}, https://10.0.0.${at}:2380, https://10.0.0.${at}:2379, false`
const others = [line('a1', 'started', 'node-01', 1), line('a2', 'started', 'node-02', 2)]

/** What etcdctl is asked to do where the list of members is this; nothing where it is said to be done. */
function asked(list: readonly string[]): string {
  writeFileSync(join(room, 'list'), `${list.join('\n')}\n`)
  writeFileSync(join(room, 'done'), '')
  const fake = join(room, 'etcdctl')
  writeFileSync(
    fake,
    `#!/bin/sh\nwhile case $1 in --*) :;; *) ! :;; esac; do shift; done\ncase "$1 $2" in 'member list') cat ${room}/list;; *) echo "$@" >>${room}/done;; esac\n`,
    { mode: 0o755 },
  )
  assert.ok(first !== undefined && third !== undefined)
  const want = memberAdded(third, first, vars).want as { readonly run: Sh; readonly unless: Sh }
  const sh = ({ text }: Sh) => spawnSync('/bin/sh', ['-c', text.replaceAll('/usr/local/bin/etcdctl', fake)])
  if (sh(want.unless).status === 0) return ''
  const { status, stderr } = sh(want.run)
  assert.is(status, 0, stderr.toString())
  return readFileSync(join(room, 'done'), 'utf8').trim().replaceAll('\n', '; ')
}

for (const [says, list, then] of [
  [
    'a lost member is taken out before the new one is taken in',
    [...others, line('a3', 'started', 'node-03', 3)],
    'member remove a3; member add node-03 --peer-urls=https://10.0.0.3:2380',
  ],
  ['a further one is taken in', others, 'member add node-03 --peer-urls=https://10.0.0.3:2380'],
  [
    'one that was taken in and has not started is left',
    [...others, 'a4, unstarted, , https://10.0.0.3:2380, , false'],
    '',
  ],
  [
    'one of the same name at another address goes, too',
    [...others, line('a3', 'started', 'node-03', 9)],
    'member remove a3; member add node-03 --peer-urls=https://10.0.0.3:2380',
  ],
] as const)
  test(says, () => assert.is(asked(list), then))

const site = { etcd: members, control_plane: members, kube_nodes: members, ca: members }
const played = async (join: boolean, files: Readonly<Record<string, string>> = {}) =>
  await play(etcd, { vars: { join }, host: { ...third, arch: 'x86_64' }, site, files })

test('a host joins when it is told to, and when it has no data', async () => {
  assert.match(contentOf(await played(true), 'file:/etc/etcd/first-start.env'), 'ETCD_INITIAL_CLUSTER_STATE=existing')
  assert.match(contentOf(await played(false), 'file:/etc/etcd/first-start.env'), 'ETCD_INITIAL_CLUSTER_STATE=new')
  const takenIn = async (...given: Parameters<typeof played>) =>
    (await played(...given)).elsewhere.map(({ host, resource }) => `${host} ${resource.id}`)
  assert.equal(await takenIn(true), ['node-01 exec:etcd takes node-03 in'])
  assert.equal(await takenIn(false), [])
  assert.equal(await takenIn(true, { '/var/lib/etcd/member/snap/db': '' }), [])
})

test.run()
