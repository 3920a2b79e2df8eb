import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesystem } from '../../lib/resources/disks/filesystem.ts'
import { logicalVolume } from '../../lib/resources/disks/logical-volume.ts'
import { swap } from '../../lib/resources/disks/swap.ts'
import { volumeGroup } from '../../lib/resources/disks/volume-group.ts'
import type { Resource } from '../../lib/resources/kit/kind.ts'
import type { Effect, Prediction } from '../../lib/resources/prediction/prediction.ts'
import { cron } from '../../lib/resources/time/cron.ts'
import { acl } from '../../lib/resources/trees/acl.ts'
import { fileAttributes } from '../../lib/resources/trees/file-attributes.ts'
import { fileCapabilities } from '../../lib/resources/trees/file-capabilities.ts'
import { ownership } from '../../lib/resources/trees/ownership.ts'
import { pending } from '../../lib/testing/converge.ts'
import { debian, reply, words } from '../support/converge-locally.ts'

// What works only on something that is there: while it is not, check may refuse it only where nothing pending may bring it.

const none = 'none 0 9 dir\n'
const fstab = '\n# end of what holds now\nhave 0 81a4 0 0 0 root:root\ncontent\n'
const ada = { type: 'user', name: 'ada', permissions: 'rx' } as const
const command = pending({ 'exec:make': [{ type: 'anything' }] })
const tree = pending({ 'pkg:tree': [{ type: 'package', name: 'tree', installed: true }] })
const brings = (effect: Effect) => pending({ it: [effect] })
const device = (name: string) => brings({ type: 'object', of: 'block device', name, exists: true })

const onPaths: readonly (readonly [resource: Resource, have: string])[] = [
  [fileCapabilities('/usr/bin/tree', { capabilities: ['cap_net_raw'] }), `${none}tool\n`],
  [fileAttributes('/usr/bin/tree', { immutable: true }), none],
  [acl('/usr/bin/tree', { entries: [ada] }), `${none}tool\n`],
  [ownership('/usr/lib/tree', { owner: 'ada' }), none],
]
for (const [resource, have] of onPaths) {
  const said = (prediction: Prediction) => String(words(resource.evaluate(reply(have), debian, prediction)))
  test(`${resource.id}: what a package or a command may bring is unknown, and refused without`, () => {
    assert.match(said(pending({})), /^refused: .* is not there$/)
    assert.match(said(tree), /^unknown: .* may come with pkg:tree$/)
    assert.match(said(command), /^unknown: .* exec:make/)
  })
}

test('a directory that belongs to a package is foreseen with that package, and unknown with another one', () => {
  const job = cron('backup', { minute: '0', job: '/bin/true' })
  const said = (name: string) =>
    words(job.evaluate(reply('none 0 9 absent\n'), debian, brings({ type: 'package', name, installed: true })))
  assert.equal(said('cron'), ['create /var/spool/cron/crontabs/root: job backup'])
  assert.is(said('restic'), 'unknown: there is no directory /var/spool/cron/crontabs, unless it makes it')
})

test('whether a file that may come has capabilities is unknown, also where it is to have none', () => {
  const bare = fileCapabilities('/usr/bin/tree', { state: 'absent' })
  assert.equal(words(bare.evaluate(reply(`${none}tool\n`), debian, pending({}))), [])
  assert.match(String(words(bare.evaluate(reply(`${none}tool\n`), debian, tree))), /^unknown: /)
})

const onDevices: readonly (readonly [resource: Resource, have: string, by: Prediction, then: readonly string[]])[] = [
  [swap('/dev/vg0/a', {}), fstab, device('/dev/vg0/a'), ['make a swap area in /dev/vg0/a']],
  [
    filesystem('/dev/vg0/a', { type: 'ext4' }),
    'tools\n',
    device('/dev/vg0/a'),
    ['make a file system ext4 on /dev/vg0/a'],
  ],
  [
    volumeGroup('vg0', { devices: ['/dev/md0', '/dev/vdb'] }),
    'missing /dev/md0\nin /dev/vdb\n',
    device('/dev/md0'),
    ['make the volume group vg0 of /dev/md0, /dev/vdb'],
  ],
  [
    logicalVolume('vg0/a', { size: '1G' }),
    '',
    brings({ type: 'object', of: 'volume group', name: 'vg0', exists: true }),
    ['make the volume vg0/a of 1G'],
  ],
]
for (const [resource, have, by, then] of onDevices) {
  const said = (prediction: Prediction) => words(resource.evaluate(reply(have), debian, prediction))
  test(`${resource.id}: a device that a command may bring is unknown, one that is foreseen is used`, () => {
    assert.match(String(said(pending({}))), /^refused: /)
    assert.match(String(said(command)), /^unknown: .* exec:make/)
    const steps = said(by)
    for (const step of then) assert.ok(steps.includes(step), String(steps))
  })
}

test('a swap file that a command makes is unknown', () => {
  const said = words(swap('/srv/swapfile', {}).evaluate(reply(fstab), debian, command))
  assert.is(said, 'unknown: /srv/swapfile may come with exec:make')
})

test.run()
