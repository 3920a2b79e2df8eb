import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { planLive, predictLive, type LiveMount } from '../../../lib/resources/disks/live-mount.ts'
import { filesystem, type FilesystemOptions } from '../../../lib/resources/disks/filesystem.ts'
import { mount, type MountOptions } from '../../../lib/resources/disks/mount.ts'
import type { MountWant } from '../../../lib/resources/disks/mount-want.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { debian, reply } from '../../support/converge-locally.ts'

const at = '/srv/l'
const bind: MountOptions = { source: '/srv/b', type: 'none', options: ['bind'] }
const memory: MountOptions = { source: 'none', type: 'tmpfs', options: ['ro'] }
const off: MountOptions = { state: 'unmounted' }
const free: LiveMount = { mounted: undefined, device: undefined, point: { is: 'nothing' } }
const inMemory: LiveMount = {
  mounted: { source: 'none', type: 'tmpfs', options: ['rw'] },
  device: undefined,
  point: { is: 'directory' },
}
const mounted = (state: 'read-write' | 'read-only' | 'unmounted'): Effect => ({ type: 'mount', path: at, state })

const rows: readonly [
  says: string,
  earlier: MountOptions,
  effect: Effect,
  live: LiveMount,
  now: MountOptions,
  then: readonly string[] | string,
][] = [
  ['the same directory once more: nothing to do', bind, mounted('read-write'), free, bind, []],
  ['the same file system once more: nothing to do', memory, mounted('read-only'), free, memory, []],
  ['the same options once more: nothing to do', memory, mounted('read-only'), inMemory, memory, []],
  [
    'other options after those: mount again',
    memory,
    mounted('read-only'),
    inMemory,
    { ...memory, options: ['rw'] },
    [`remount ${at} with rw`],
  ],
  ['what comes is to go: unmount it', memory, mounted('read-only'), free, off, [`unmount ${at}`]],
  ['what goes is to go once more: nothing to do', off, mounted('unmounted'), inMemory, off, []],
  ['what goes is to come back: mount it', off, mounted('unmounted'), inMemory, memory, [`mount none at ${at}`]],
  [
    'something else after it: nobody knows',
    memory,
    mounted('read-only'),
    free,
    bind,
    `what is mounted at ${at} is known only after mount:${at}`,
  ],
]
for (const [says, earlier, effect, live, now, then] of rows)
  test(`After a pending mount of the same place: ${says}`, () => {
    const prediction = new Prediction()
    const first = mount(at, earlier)
    prediction.record(first.id, [effect])
    prediction.repeats.keep(first.id, first.want, 0)
    const want = mount(at, now).want as MountWant
    const later = predictLive(want, live, prediction)
    if ('unknown' in later) return assert.is(later.unknown, then)
    const plan = planLive(want, later)
    return assert.equal('refused' in plan ? plan.refused : plan.map(({ summary }) => summary), then)
  })

const tags: readonly (readonly [source: string, made: FilesystemOptions | undefined, then: string])[] = [
  ['UUID=1234', undefined, 'refused'],
  ['LABEL=data', { type: 'ext4' }, 'refused'],
  ['LABEL=data', { type: 'ext4', label: 'data' }, 'mount LABEL=data at /srv/l'],
  ['UUID=1234', { type: 'ext4', options: ['-U', '1234'] }, 'mount UUID=1234 at /srv/l'],
  ['UUID=1234', { type: 'xfs', options: ['-m', 'uuid=1234'] }, 'mount UUID=1234 at /srv/l'],
]
for (const [source, made, then] of tags)
  test(`${source} is ${then} where a file system is made with ${made === undefined ? 'nothing' : JSON.stringify(made)}`, () => {
    const prediction = new Prediction()
    if (made !== undefined) {
      const device = filesystem('/dev/vdb', made)
      const evaluated = device.evaluate(reply('tools\nis device\n'), debian, prediction)
      prediction.record(device.id, 'effects' in evaluated ? evaluated.effects : [])
    }
    const want = mount(at, { source, type: 'ext4' }).want as MountWant
    const later = predictLive(want, { ...free, point: { is: 'directory' }, isNewSource: true }, prediction)
    if ('unknown' in later) return assert.unreachable(later.unknown)
    const plan = planLive(want, later)
    return assert.is('refused' in plan ? 'refused' : plan.map(({ summary }) => summary).join(), then)
  })

test('flags that an earlier mount of the place sets or clears hold after it', () => {
  const prediction = new Prediction()
  const first = mount(at, { source: 'none', type: 'tmpfs', options: ['noexec', 'noatime'] })
  const evaluated = first.evaluate(
    reply('directory\nmounted rw,nosuid,relatime - tmpfs none rw\n\n# end of what holds now\nnone 0 9 dir\n'),
    debian,
    prediction,
  )
  prediction.record(first.id, 'effects' in evaluated ? evaluated.effects : [])
  const live: LiveMount = {
    ...inMemory,
    mounted: { source: 'none', type: 'tmpfs', options: ['rw', 'nosuid', 'relatime'] },
  }
  const want = mount(at, { source: 'none', type: 'tmpfs', options: ['nosuid', 'noatime'] }).want as MountWant
  const later = predictLive(want, live, prediction)
  if ('unknown' in later) return assert.unreachable(later.unknown)
  assert.equal(later.mounted?.options, ['rw', 'noexec', 'suid', 'noatime'])
  const plan = planLive(want, later)
  assert.equal('refused' in plan ? plan.refused : plan.map(({ summary }) => summary), [
    `remount ${at} with exec, nosuid`,
  ])
})

test('what is mounted several times at one place is unmounted as often', () => {
  const want = mount(at, off).want as MountWant
  const plan = planLive(want, { ...inMemory, count: 3 })
  const [step, ...more] = 'refused' in plan ? [] : plan
  assert.equal([step?.summary, more], [`unmount ${at}`, []])
  assert.is(step?.sh.text.match(/umount/g)?.length, 3)
})

test('a mount at a link would be one at the directory that it leads to: refused', () => {
  const want = mount(at, memory).want as MountWant
  const plan = planLive(want, { ...free, point: { is: 'linked', leads: '/srv/real' } })
  assert.match(
    'refused' in plan ? plan.refused : '',
    /^\/srv\/l is a symbolic link, and a mount there would be one at \/srv\/real$/,
  )
})

test.run()
