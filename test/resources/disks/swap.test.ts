import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { swap } from '../../../lib/resources/disks/swap.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { probe, scratch, shells } from '../../support/converge-locally.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const MIB = 1024 * 1024
const USED = '/swapfile none swap sw 0 0\n'
const reload = 'reload systemd (fstab changed)'
const had = (now: string, fstab = '') =>
  `${now}\n# end of what holds now\nhave 0 81a4 ${fstab.length} 0 0 root:root\ncontent\n${fstab}`
const two = swap('/swapfile', { size: '2M' })
const there = `size ${2 * MIB}\narea\n`
const unfit = '/swapfile is on a file system (overlay) whose files the kernel does not accept for swap'

const rows: readonly KindRow[] = [
  [
    'a file that is to come',
    two,
    had('on ef53\n'),
    [
      'make a swap file of 2 MiB: /swapfile',
      'make a swap area in /swapfile',
      'use /swapfile for swap',
      'edit /etc/fstab: swap /swapfile',
      reload,
    ],
  ],
  ['as wanted', two, had(`used -2\n${there}on ef53\n`, USED), []],
  ['not used', two, had(`${there}on ef53\n`, USED), ['use /swapfile for swap']],
  [
    'another size',
    two,
    had(`used -2\nsize ${MIB}\narea\non ef53\n`, USED),
    [
      'take /swapfile out of use',
      'make a swap file of 2 MiB: /swapfile',
      'make a swap area in /swapfile',
      'use /swapfile for swap',
    ],
  ],
  [
    'another priority',
    swap('/swapfile', { size: '2M', priority: 5 }),
    had(`used 3\n${there}on ef53\n`, '/swapfile none swap sw,pri=5 0 0\n'),
    ['take /swapfile out of use', 'use /swapfile for swap'],
  ],
  [
    'absent',
    swap('/swapfile', { state: 'absent' }),
    had(`used -2\n${there}on ef53\n`, USED),
    ['take /swapfile out of use', 'edit /etc/fstab: remove swap /swapfile', reload, 'remove /swapfile'],
  ],
  ['no file and no size', swap('/swapfile', {}), had('on ef53\n'), 'refused: /swapfile is not there'],
  ['a file on an overlay', two, had('on 794c7630\n'), `refused: ${unfit}`],
  ['a file on an overlay, which is to go', swap('/swapfile', { state: 'absent' }), had('on 794c7630\n'), []],
  [
    'a file on an overlay, on which a disk is mounted first',
    swap('/srv/swapfile', { size: '2M', persistent: false }),
    had('on 794c7630\n'),
    ['make a swap file of 2 MiB: /srv/swapfile', 'make a swap area in /srv/swapfile', 'use /srv/swapfile for swap'],
    { later: pending({ 'mount:/srv': [{ type: 'mount', path: '/srv', state: 'read-write' }] }) },
  ],
  [
    'a device, whatever /dev is',
    swap('/dev/vdb', { persistent: false }),
    had('size 0\narea\non 1021994\n'),
    ['use /dev/vdb for swap'],
  ],
  [
    'a device in which a swap area is to come',
    swap('/dev/vdb', { persistent: false }),
    had('size 0\n'),
    ['use /dev/vdb for swap'],
    {
      later: pending({ 'filesystem:/dev/vdb': [{ type: 'object', of: 'swap area', name: '/dev/vdb', exists: true }] }),
    },
  ],
  ['a container that may use none', two, had('on ef53\nbarred\n'), 'refused: this host cannot use swap'],
]
tryRows(rows)

for (const shell of shells())
  test(`${shell.name}: an area is found at the end of its first page, whatever the size of pages`, async () => {
    const path = join(scratch(), 'swapfile')
    for (const page of [4096, 16_384, 65_536, undefined]) {
      const bytes = Buffer.alloc(70_000)
      if (page !== undefined) bytes.write('SWAPSPACE2', page - 10)
      writeFileSync(path, bytes)
      assert.is((await probe(shell, swap(path, { size: '1M' }))).lines.includes('area'), page !== undefined, `${page}`)
    }
  })

test.run()
