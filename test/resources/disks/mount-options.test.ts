import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mount, type MountOptions } from '../../../lib/resources/disks/mount.ts'
import { compareOptions, isOtherSource, type Circumstances } from '../../../lib/resources/disks/mount-options.ts'
import { converge, ask, scratch, shells, words, type Shell } from '../../support/converge-locally.ts'

type Row = readonly [type: string, live: string, wanted: string, then: string, there?: Partial<Circumstances>]

/** `then`: what a remount sets, or what only a new mount would change, after `fixed`. */
const rows: readonly Row[] = [
  ['ext4', 'rw,noexec,relatime', 'defaults', 'exec'],
  ['ext4', 'rw,noexec,relatime', 'noexec', ''],
  ['ext4', 'rw,nosuid,nodev,noexec', 'user', ''],
  ['ext4', 'ro', 'defaults', 'rw'],
  ['ext4', 'ro', 'defaults', '', { isReadOnly: true }],
  ['ext4', 'ro', 'rw', 'rw', { isReadOnly: true }],
  ['iso9660', 'ro', 'defaults', ''],
  ['ext4', 'ro,noexec', 'bind', '', { isBind: true }],
  ['ext4', 'ro,noexec', 'bind,exec', 'exec', { isBind: true }],
  ['ext4', 'rw,noatime', 'defaults', 'relatime'],
  ['ext4', 'rw,relatime', 'strictatime', 'strictatime'],
  ['ext4', 'rw', 'strictatime', ''],
  ['ext4', 'rw,sync', 'defaults', 'async'],
  ['ext4', 'rw', 'lazytime,nosymfollow', 'nosymfollow,lazytime'],
  ['ext4', 'rw', 'exec,noexec', 'noexec'],
  ['ext4', 'rw', 'commit=60', 'commit=60'],
  ['ext4', 'rw,commit=60', 'commit=060', ''],
  ['ext4', 'rw', 'commit=5', ''],
  ['ext4', 'rw,errors=panic', 'errors=remount-ro', 'errors=remount-ro'],
  ['ext4', 'rw', 'errors=remount-ro', ''],
  ['ext4', 'rw', 'usrquota,grpquota', 'usrquota,grpquota'],
  ['ext4', 'rw,quota,usrquota', 'usrquota', ''],
  ['ext4', 'rw,noacl', 'acl', 'acl'],
  ['ext4', 'rw', 'acl,barrier=1', ''],
  ['ext4', 'rw,data=ordered', 'data=journal', 'fixed data=journal: data=ordered'],
  ['proc', 'rw,nosuid,nodev,noexec', 'defaults,hidepid=2', 'hidepid=2', { at: '/proc' }],
  ['proc', 'rw,hidepid=invisible,gid=4', 'hidepid=2,gid=4', '', { at: '/proc' }],
  ['proc', 'rw,hidepid=2', 'hidepid=invisible', '', { at: '/proc' }],
  ['tmpfs', 'rw,nosuid,nodev', 'defaults,noexec', 'noexec', { at: '/dev/shm' }],
  ['tmpfs', 'rw,size=1024k', 'mode=1777', ''],
  ['tmpfs', 'rw,mode=755', 'mode=0755', ''],
  ['tmpfs', 'rw', 'mode=0755', 'fixed mode=0755: mode=1777'],
  ['tmpfs', 'rw,uid=1000', 'uid=anna', ''],
  ['btrfs', 'rw,compress=zstd:3,subvolid=257,subvol=/@home', 'subvol=@home,compress=zstd', ''],
  ['btrfs', 'rw,compress=zstd:3', 'compress=zstd:9', 'compress=zstd:9'],
  ['btrfs', 'rw,subvol=/@', 'subvol=@home', 'fixed subvol=@home: subvol=/@'],
  ['vfat', 'rw,fmask=0077,dmask=0077', 'umask=077', ''],
  ['vfat', 'rw,fmask=0022,dmask=0022', 'umask=077', 'fixed umask=077: fmask=0022,dmask=0022'],
  ['nfs4', 'rw,vers=4.2,rsize=524288,hard', 'vers=4,rsize=1048576,hard,_netdev', ''],
  ['nfs4', 'rw,vers=4.2,hard', 'nfsvers=4.1', 'fixed nfsvers=4.1: vers=4.2'],
  ['nfs4', 'rw,vers=4.2,hard', 'soft', 'fixed soft: hard'],
  ['autofs', 'rw,fd=51,timeout=0', 'x-systemd.automount,noatime,vers=3', ''],
]
for (const [type, live, wanted, then, there = {}] of rows)
  test(`${type} with ${live}, wanted ${wanted}${there.isBind === true ? ', a bind mount' : ''}: ${then === '' ? 'as wanted' : then}`, () => {
    const found = compareOptions(wanted, { type, options: live.split(',') }, { at: '/srv', isBind: false, ...there })
    const fixed = found.fixed.map((each) => `fixed ${each.wanted}: ${each.live}`)
    assert.is([...found.remount, ...fixed].join(), then)
  })

const sources: readonly (readonly [wanted: string, live: string, isOther: boolean])[] = [
  ['nfs nas:/export', 'nfs4 nas:/export', false],
  ['nfs4 NAS:/export/', 'nfs4 nas:/export', false],
  ['nfs4 nas:/', 'nfs4 nas:/', false],
  ['nfs4 nas:/export', 'nfs4 nas:/other', true],
  ['nfs4 nas2:/export', 'nfs4 nas:/export', true],
  ['nfs4 [fd00::1]:/export', 'nfs4 [fd00::1]:/export', false],
  ['nfs4 nas:/export', 'ext4 /dev/sdb1', true],
  ['nfs4 nas:/export', 'autofs systemd-1', false],
  ['cifs //nas/Share', 'cifs \\\\NAS\\share\\', false],
  ['ext4 /dev/sdb1', 'tmpfs none', true],
  ['auto /dev/sdb1', 'ext4 /dev/sdb1', false],
]
for (const [wanted, live, isOther] of sources)
  test(`Where ${live} is mounted, ${wanted} is ${isOther ? 'something else' : 'there'}`, () => {
    const [[type = '', source = ''], [liveType = '', liveSource = '']] = [wanted.split(' '), live.split(' ')]
    assert.is(isOtherSource({ type, source }, { type: liveType, source: liveSource }), isOther)
  })

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'pipe' })
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

/** The same shell among mounts of its own, which `command` has made, in the root of this process, which need not be that of its mounts. */
function amongMounts(shell: Shell, command: string): Shell & { end(): void } {
  const keeper = spawn('unshare', ['-m', 'sh', '-c', `${command} && touch "$0"; exec sleep 600`, join(scratch(), 'up')])
  const [, , , , up = ''] = keeper.spawnargs.slice(1)
  execFileSync('sh', ['-c', 'i=0; until [ -e "$0" ] || [ $i = 200 ]; do i=$((i+1)); sleep 0.05; done', up])
  const bin = join(scratch(), 'shell')
  writeFileSync(bin, `#!/bin/sh\nexec nsenter -t ${keeper.pid ?? 0} -m -r ${shell.bin} "$@"\n`, { mode: 0o755 })
  return { ...shell, bin, end: () => keeper.kill() }
}

const made: readonly (readonly [
  says: string,
  mounted: string,
  options: MountOptions,
  first: readonly string[] | RegExp,
])[] = [
  ['what is no longer wanted', 'size=1m,noexec,nosuid', { options: ['size=2m'] }, ['exec', 'suid', 'size=2m']],
  ['times and writing', 'size=1m,strictatime', { options: ['ro', 'noatime', 'sync'] }, ['ro', 'sync', 'noatime']],
  ['a share of the memory', 'size=1m', { options: ['size=10%'] }, ['size=10%']],
  ['a mode', 'size=1m', { options: ['mode=0700'] }, /is mounted with mode=1777, not mode=0700/],
]
if (canMount())
  for (const shell of shells())
    test(`${shell.name}: a real tmpfs is mounted again as often as one of its options differs, and then is as wanted`, async () => {
      for (const [says, mounted, options, first] of made) {
        const at = join(scratch(), 'm')
        mkdirSync(at)
        const inside = amongMounts(shell, `mount --make-rprivate / && mount -t tmpfs -o ${mounted} tmpfs ${at}`)
        // The place is below the system's own.
        const wanted = mount(at, { source: 'tmpfs', type: 'tmpfs', persistent: false, ...options })
        try {
          if (first instanceof RegExp) assert.match(String(words(await ask(inside, wanted))), first, says)
          else {
            const { evaluation, failed, again } = await converge(inside, wanted)
            assert.equal(words(evaluation), [`remount ${at} with ${first.join(', ')}`], says)
            assert.is(failed, undefined, says)
            assert.equal(words(again), [], says)
          }
        } finally {
          inside.end()
        }
      }
    })
else process.stdout.write('skipped: options of a real mount, because this account cannot mount\n')

test.run()
