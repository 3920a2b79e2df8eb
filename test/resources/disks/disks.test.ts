import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesystem } from '../../../lib/resources/disks/filesystem.ts'
import { logicalVolume } from '../../../lib/resources/disks/logical-volume.ts'
import { volumeGroup } from '../../../lib/resources/disks/volume-group.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { converge, debian, findTool, reply, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB
const data = filesystem('/dev/vdb', { type: 'ext4', label: 'data', resize: true })
const group = volumeGroup('vg0', { devices: ['/dev/vdb', '/dev/vdc'] })
const room = `group ${4 * MIB} ${20 * GIB} ${10 * GIB}\n`
const volume = `${room}volume ${5 * GIB}\n`
const disk = 'is device\ntools\n'
const ext4 = `${disk}LABEL data\nTYPE ext4\nUSAGE filesystem\n`

const rows: readonly KindRow[] = [
  ['filesystem: fresh', data, disk, ['make a file system ext4 on /dev/vdb']],
  ['filesystem: as wanted', data, `${ext4}sizes ${GIB} ${GIB} 4096\n`, []],
  ['filesystem: another label', data, ext4.replace('data', 'old'), ['label /dev/vdb data (was old)']],
  [
    'filesystem: a larger device',
    data,
    `${ext4}sizes ${GIB} ${2 * GIB} 4096\n`,
    ['let ext4 on /dev/vdb grow to 2 GiB (was 1 GiB)'],
  ],
  ['filesystem: a tail too small to use', data, `${ext4}sizes ${GIB} ${GIB + 4096} 4096\n`, []],
  [
    'filesystem: another one',
    data,
    `${disk}TYPE xfs\nUSAGE filesystem\n`,
    'refused: /dev/vdb has a file system xfs on it, not ext4',
  ],
  ['filesystem: partitions', data, `${disk}PTTYPE gpt\n`, 'refused: /dev/vdb has a gpt on it, not ext4'],
  [
    'filesystem: part of LVM',
    data,
    `${disk}TYPE LVM2_member\nUSAGE raid\n`,
    'refused: /dev/vdb has a LVM2_member on it, not ext4',
  ],
  [
    'filesystem: force',
    filesystem('/dev/vdb', { type: 'ext4', force: true }),
    `${disk}TYPE xfs\nUSAGE filesystem\n`,
    ['make a file system ext4 on /dev/vdb (was xfs)'],
  ],
  [
    'filesystem: force on a mounted one',
    filesystem('/dev/vdb', { type: 'ext4', force: true }),
    `${disk}TYPE xfs\nUSAGE filesystem\nmounted /srv\n`,
    'refused: /dev/vdb is in use: mounted at /srv',
  ],
  ['filesystem: no device', data, '', 'refused: there is no device /dev/vdb'],
  [
    'filesystem: a blkid that cannot look',
    data,
    `${disk}blind\n`,
    'refused: blkid of this host cannot say what is on /dev/vdb, or finds several things',
  ],
  ['filesystem: no mkfs', data, 'is device\n', 'refused: this host cannot make ext4'],
  [
    'filesystem: xfs that is not mounted',
    filesystem('/dev/vdb', { type: 'xfs', resize: true }),
    `${disk}TYPE xfs\nUSAGE filesystem\nsizes ${GIB} ${2 * GIB} 4096\n`,
    'refused: xfs on /dev/vdb can grow only where it is mounted',
  ],
  ['filesystem: absent', filesystem('/dev/vdb', { state: 'absent' }), ext4, ['wipe ext4 from /dev/vdb']],
  [
    'filesystem: absent, in use as swap',
    filesystem('/dev/vdb', { state: 'absent' }),
    `${disk}TYPE swap\nUSAGE other\nswap\n`,
    'refused: /dev/vdb is in use: as swap',
  ],
  ['filesystem: absent already', filesystem('/dev/vdb', { state: 'absent' }), disk, []],
  [
    'filesystem: on a volume that is to come',
    filesystem('/dev/vg0/data', { type: 'xfs' }),
    '',
    ['make a file system xfs on /dev/vg0/data'],
    {
      later: pending({
        'pkg:xfsprogs': [{ type: 'package', name: 'xfsprogs', installed: true }],
        'logicalVolume:vg0/data': [{ type: 'object', of: 'block device', name: '/dev/vg0/data', exists: true }],
      }),
    },
  ],

  ['group: fresh', group, '', ['make the volume group vg0 of /dev/vdb, /dev/vdc']],
  ['group: as wanted', group, 'there 0\nin /dev/vdb   vg0\nin /dev/vdc   vg0\n', []],
  ['group: a device more', group, 'there 1\nin /dev/vdb vg0\n', ['extend the volume group vg0 by /dev/vdc']],
  ['group: in another one', group, 'in /dev/vdb vg9\n', 'refused: /dev/vdb is in the volume group vg9, not vg0'],
  ['group: something on it', group, 'other /dev/vdc ext4\n', 'refused: /dev/vdc has ext4 on it'],
  ['group: no device', group, 'missing /dev/vdc\n', 'refused: there is no device /dev/vdc'],
  ['group: no LVM', group, '# none\n', 'refused: this host has no vgs'],
  [
    'group: absent with volumes',
    volumeGroup('vg0', { state: 'absent' }),
    'there 2\n',
    'refused: the volume group vg0 has 2 volumes',
  ],
  ['group: absent', volumeGroup('vg0', { state: 'absent' }), 'there 0\n', ['remove the volume group vg0']],
  ['group: absent, without LVM', volumeGroup('vg0', { state: 'absent' }), '# none\n', []],

  ['volume: fresh', logicalVolume('vg0/data', { size: '5G' }), room, ['make the volume vg0/data of 5G']],
  ['volume: as wanted', logicalVolume('vg0/data', { size: '5G' }), volume, []],
  ['volume: rounded up to extents', logicalVolume('vg0/data', { size: '5119M' }), volume, []],
  [
    'volume: grows',
    logicalVolume('vg0/data', { size: '8G' }),
    volume,
    ['let the volume vg0/data grow to 8 GiB (was 5 GiB)'],
  ],
  [
    'volume: too little room',
    logicalVolume('vg0/data', { size: '30G' }),
    volume,
    'refused: the volume vg0/data needs 25 GiB, and its group has 10 GiB left',
  ],
  ['volume: a larger one stays', logicalVolume('vg0/data', { size: '1G' }), volume, []],
  [
    'volume: shrinks when it may',
    logicalVolume('vg0/data', { size: '1G', shrink: true }),
    volume,
    ['make the volume vg0/data smaller: 1 GiB (was 5 GiB)'],
  ],
  [
    'volume: all that is left',
    logicalVolume('vg0/data', { size: '100%FREE' }),
    volume,
    ['let the volume vg0/data grow to 15 GiB (was 5 GiB)'],
  ],
  [
    'volume: nothing left',
    logicalVolume('vg0/data', { size: '100%FREE' }),
    volume.replace(` ${10 * GIB}\n`, ' 0\n'),
    [],
  ],
  ['volume: half of what was left does not grow again', logicalVolume('vg0/data', { size: '50%FREE' }), volume, []],
  ['volume: a share of the group', logicalVolume('vg0/data', { size: '25%VG' }), volume, []],
  ['volume: no group', logicalVolume('vg0/data', { size: '1G' }), '', 'refused: there is no volume group vg0'],
  [
    'volume: absent',
    logicalVolume('vg0/data', { state: 'absent', force: true }),
    volume,
    ['remove the volume vg0/data'],
  ],
  [
    'volume: in a group that is to come',
    logicalVolume('vg0/data', { size: '1G' }),
    '',
    ['make the volume vg0/data of 1G'],
    { later: pending({ 'volumeGroup:vg0': [{ type: 'object', of: 'volume group', name: 'vg0', exists: true }] }) },
  ],
]
tryRows(rows)

const mkfs = findTool('mkfs.ext4')
for (const shell of shells())
  test(`${shell.name}: a real file system in a file is made, grows, and is wiped`, async () => {
    if (mkfs === undefined || findTool('dumpe2fs') === undefined) {
      process.stdout.write('      not tried: this machine has no mkfs.ext4\n')
      return
    }
    const path = join(scratch(), 'disk')
    writeFileSync(path, '')
    truncateSync(path, 16 * MIB)
    // busybox has a blkid of its own, which says less.
    const env = { PATH: `/usr/sbin:/usr/bin:/sbin:/bin:${shell.path}` }
    const made = await converge(
      { ...shell, path: env.PATH },
      filesystem(path, { type: 'ext4', label: 'small', options: ['-q', '-F'] }),
    )
    assert.is(made.failed, undefined, JSON.stringify(made.failed))
    assert.equal([made.did, words(made.again)], [[`make a file system ext4 on ${path}`], []])
    assert.match(execFileSync('blkid', ['-p', path], { encoding: 'utf8' }), /LABEL="small".*TYPE="ext4"/)

    truncateSync(path, 32 * MIB)
    const grown = await converge({ ...shell, path: env.PATH }, filesystem(path, { type: 'ext4', resize: true }))
    assert.is(grown.failed, undefined, JSON.stringify(grown.failed))
    assert.equal([grown.did, words(grown.again)], [[`let ext4 on ${path} grow to 32 MiB (was 16 MiB)`], []])

    const gone = await converge({ ...shell, path: env.PATH }, filesystem(path, { state: 'absent' }))
    assert.is(gone.failed, undefined, JSON.stringify(gone.failed))
    assert.equal([gone.did, words(gone.again)], [[`wipe ext4 from ${path}`], []])
  })

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => filesystem('/dev/vdb', {}), /the type of a file system/],
    [() => filesystem('/dev/vdb', { state: 'absent', type: 'ext4' }), /left out with state: absent/],
    [() => volumeGroup('vg0', {}), /at least one device/],
    [() => volumeGroup('vg 0', { devices: ['/dev/vdb'] }), /the name of a volume group/],
    [() => logicalVolume('data', { size: '1G' }), /a group and a volume/],
    [() => logicalVolume('vg0/data', { size: '1GB' }), /a size such as/],
    [() => logicalVolume('vg0/data', { state: 'absent' }), /what is on it is lost/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test('signatures are wiped on a new volume, unless the options say how, or that it is not active', () => {
  const made = (...options: readonly string[]) => {
    const fresh = logicalVolume('vg0/data', { size: '5G', options })
    return stepsOf(fresh.evaluate(reply(room), debian, new Prediction()))[0]?.sh.text ?? ''
  }
  for (const options of [[], ['-ay'], ['-a', 'y'], ['--activate=y']]) assert.match(made(...options), '-y -W y ')
  for (const options of [
    ['-an'],
    ['-a', 'n'],
    ['--activate', 'n'],
    ['--activate=n'],
    ['-W', 'n'],
    ['--wipesignatures=n'],
  ])
    assert.not.match(made(...options), '-W y')
})

test.run()
