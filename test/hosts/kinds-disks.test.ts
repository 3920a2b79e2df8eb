// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesystem } from '../../lib/resources/disks/filesystem.ts'
import { logicalVolume, type LogicalVolumeOptions } from '../../lib/resources/disks/logical-volume.ts'
import { mount } from '../../lib/resources/disks/mount.ts'
import { swap } from '../../lib/resources/disks/swap.ts'
import { volumeGroup } from '../../lib/resources/disks/volume-group.ts'
import { tryCases, type Case } from '../support/cases.ts'
import { onHost } from './ground.ts'

// Kernels of labs have no device mapper as a rule. Without it LVM keeps its books on the devices as ever, and makes no nodes in /dev.
const SETUP = `command -v lvs || { apt-get update -qq; apt-get install -y -qq lvm2; }
sed -i 's/^\\([[:space:]]*\\)# activation = 1/\\1activation = 0/' /etc/lvm/lvm.conf
truncate -s 128M /var/tmp/rolecall-d; [ -b /dev/rolecall-d ] || mknod /dev/rolecall-d b 7 50
losetup -d /dev/rolecall-d; losetup /dev/rolecall-d /var/tmp/rolecall-d`
const UNDO = `vgremove -y -f rcvg; losetup -d /dev/rolecall-d; rm -f /dev/rolecall-d /var/tmp/rolecall-d
dpkg --purge lvm2 dmeventd thin-provisioning-tools`

const volume = (options: LogicalVolumeOptions) => [[logicalVolume('rcvg/data', options)]]
const mebibytes = (size: number) =>
  `[ "$(lvs --noheadings --nosuffix --units m -o lv_size rcvg/data | tr -d ' ')" = ${size}.00 ]`
const group = () => volumeGroup('rcvg', { devices: ['/dev/rolecall-d'] })

onHost('node-02', 'a file system on a volume of a group: all three are to come', async (machine) => {
  await machine.sh(`{ ${SETUP}\n} >/dev/null 2>&1`)
  const said = await machine.role('check', [
    [
      group(),
      logicalVolume('rcvg/data', { size: '32M' }),
      filesystem('/dev/rcvg/data', { type: 'ext4' }),
      mount('/srv/rcvg', { source: '/dev/rcvg/data', type: 'ext4' }),
    ],
  ])
  assert.equal(
    said.map((line) => line.replace(/: .*/, '')),
    [
      'changed volumeGroup:rcvg',
      'changed logicalVolume:rcvg/data',
      'changed filesystem:/dev/rcvg/data',
      'changed mount:/srv/rcvg',
    ],
  )
})

const volumes: readonly Case[] = [
  {
    name: 'a volume of a group that is to come',
    ensures: () => [[group(), logicalVolume('rcvg/data', { size: '30M' })]],
    right: [
      'changed volumeGroup:rcvg: make the volume group rcvg of /dev/rolecall-d',
      'changed logicalVolume:rcvg/data: make the volume rcvg/data of 30M',
    ],
    then: mebibytes(32),
  },
  {
    name: 'a volume that is too small grows to half of the group',
    ensures: () => volume({ size: '50%VG' }),
    right: ['changed logicalVolume:rcvg/data: let the volume rcvg/data grow to 60 MiB (was 32 MiB)'],
    then: mebibytes(60),
  },
  {
    name: 'a volume that is larger stays',
    ensures: () => volume({ size: '40M' }),
    right: ['ok logicalVolume:rcvg/data'],
    then: mebibytes(60),
  },
  {
    name: 'a volume that may shrink does',
    ensures: () => volume({ size: '40M', shrink: true }),
    right: ['changed logicalVolume:rcvg/data: make the volume rcvg/data smaller: 40 MiB (was 60 MiB)'],
    then: mebibytes(40),
  },
  {
    name: 'a volume takes all that is left',
    ensures: () => volume({ size: '100%FREE' }),
    right: ['changed logicalVolume:rcvg/data: let the volume rcvg/data grow to 124 MiB (was 40 MiB)'],
    then: mebibytes(124),
  },
  {
    name: 'a volume that wants more than there is is refused',
    ensures: () => volume({ size: '1G' }),
    right: [/^refused: the volume rcvg\/data needs 900 MiB, and its group has 0/],
    then: mebibytes(124),
  },
  {
    name: 'a volume that somebody has removed comes back, and is not active if its options say so',
    setup: 'lvremove -q -y -f rcvg/data',
    ensures: () => volume({ size: '8M', options: ['-an', '-Zn'] }),
    right: ['changed logicalVolume:rcvg/data: make the volume rcvg/data of 8M'],
    then: mebibytes(8),
  },
  {
    name: 'a volume of an unknown group is refused',
    ensures: () => [[logicalVolume('rcnone/data', { size: '8M' })]],
    right: ['refused: there is no volume group rcnone'],
  },
  {
    name: 'a volume that is to be gone goes',
    ensures: () => volume({ state: 'absent', force: true }),
    right: ['changed logicalVolume:rcvg/data: remove the volume rcvg/data'],
    then: '! lvs rcvg/data',
    undo: UNDO,
  },
]

tryCases('node-02', volumes)

// The root of a host of the lab is an overlay; /data is on a real disk.
const used = (...words: readonly string[]) =>
  `[ "$(awk '$1 == "/data/rc-swap" { print $3, $5 }' /proc/swaps)" = "${words.join(' ')}" ]`

tryCases('node-02', [
  {
    name: 'a swap file on an overlay is refused, in check too',
    ensures: () => [[swap('/rc-swap', { size: '16M' })]],
    right: ['refused: /rc-swap is on a file system (overlay) whose files the kernel does not accept for swap'],
    then: '[ ! -e /rc-swap ] && ! grep -q rc-swap /etc/fstab',
  },
  {
    name: 'a swap file is made, used, and stands in fstab',
    ensures: () => [[swap('/data/rc-swap', { size: '16M', priority: 3 })]],
    right: [
      /^changed swap:\/data\/rc-swap: make a swap file of 16 MiB: .*; use \/data\/rc-swap for swap; edit \/etc\/fstab: /,
    ],
    then: `${used('16380', '3')} && grep -q '^/data/rc-swap none swap sw,pri=3 0 0' /etc/fstab && [ "$(stat -c %a /data/rc-swap)" = 600 ]`,
  },
  {
    name: 'a swap file that somebody took out of use is used again',
    setup: 'swapoff /data/rc-swap',
    ensures: () => [[swap('/data/rc-swap', { size: '16M', priority: 3 })]],
    right: ['changed swap:/data/rc-swap: use /data/rc-swap for swap'],
    then: used('16380', '3'),
  },
  {
    name: 'a swap file gets another size and another priority',
    ensures: () => [[swap('/data/rc-swap', { size: '8M', priority: 4 })]],
    right: [/^changed swap:\/data\/rc-swap: take \/data\/rc-swap out of use; make a swap file of 8 MiB: /],
    then: used('8188', '4'),
  },
  {
    name: 'a swap file that is to be gone is not used, and no longer there',
    ensures: () => [[swap('/data/rc-swap', { state: 'absent' })]],
    right: [/^changed swap:\/data\/rc-swap: take .* out of use; .*; remove \/data\/rc-swap$/],
    then: '[ ! -e /data/rc-swap ] && ! grep -q rc-swap /etc/fstab /proc/swaps',
  },
  {
    name: 'a device with a swap area that is to come',
    setup: 'truncate -s 16M /var/tmp/rc-s; [ -b /dev/rc-s ] || mknod /dev/rc-s b 7 51; losetup /dev/rc-s /var/tmp/rc-s',
    ensures: () => [[filesystem('/dev/rc-s', { type: 'swap' }), swap('/dev/rc-s', { persistent: false })]],
    right: [
      'changed filesystem:/dev/rc-s: make a file system swap on /dev/rc-s',
      'changed swap:/dev/rc-s: use /dev/rc-s for swap',
    ],
    then: 'grep -q ^/dev/rc-s /proc/swaps',
    undo: 'swapoff /dev/rc-s; losetup -d /dev/rc-s; rm -f /dev/rc-s /var/tmp/rc-s; swapoff /data/rc-swap; rm -f /data/rc-swap; sed -i /rc-s/d /etc/fstab',
  },
])

test.run()
