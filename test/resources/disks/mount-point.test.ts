import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  askMountPoint,
  predictMountPoint,
  readMountPoint,
  type MountPoint,
} from '../../../lib/resources/disks/mount-point.ts'
import type { Effect } from '../../../lib/resources/prediction/effect.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { run, shells } from '../../support/converge-locally.ts'

const at = '/srv/a/b'
const path = (name: string, type: 'absent' | 'file' | 'dir'): Effect => ({ type: 'path', path: name, state: { type } })
const link = (name: string): Effect => ({ type: 'path', path: name, state: { type: 'link', target: '/x' } })
const anything: Effect = { type: 'anything' }
const nothing: MountPoint = { is: 'nothing' }
const directory: MountPoint = { is: 'directory' }
const other: MountPoint = { is: 'other' }
const dangling: MountPoint = { is: 'link', leads: '/srv/gone' }
const blocked: MountPoint = { is: 'nothing', blocked: '/srv/a' }

const rows: readonly [says: string, point: MountPoint, effects: readonly Effect[], then: MountPoint | string][] = [
  ['nothing pending', other, [], other],
  ['its file goes', other, [path(at, 'absent')], nothing],
  ['the directory that it is in goes', directory, [path('/srv/a', 'absent')], nothing],
  ['its file goes, and a directory comes', other, [path(at, 'absent'), path(at, 'dir')], directory],
  ['a file comes', nothing, [path(at, 'file')], other],
  ['a link comes', nothing, [link(at)], `what ${at} will lead to is known only after it`],
  ['something comes below it', nothing, [path(`${at}/c`, 'file')], directory],
  [
    'where a link leads to nothing, a directory comes',
    dangling,
    [path('/srv/gone', 'dir')],
    `where ${at} leads is known only after it`,
  ],
  ['where a link leads to nothing, a file comes', dangling, [path('/srv/gone', 'file')], dangling],
  ['a link to nothing, and a command', dangling, [anything], `where ${at} leads is known only after it`],
  ['a link to nothing goes', dangling, [path(at, 'absent')], nothing],
  ['what is in the way above it goes', blocked, [path('/srv/a', 'absent')], nothing],
  ['a directory takes the place of what is in the way above it', blocked, [path('/srv/a', 'dir')], nothing],
  ['what is in the way above it stays', blocked, [path('/srv/c', 'absent')], blocked],
  ['a file comes above it', nothing, [path('/srv/a', 'file')], { is: 'nothing', blocked: '/srv/a' }],
  ['a link comes above it', nothing, [link('/srv/a')], `${at} will lead through /srv/a, which comes with it`],
]
for (const [says, point, effects, then] of rows)
  test(`Where something is to be mounted: ${says}`, () => {
    const found = predictMountPoint(at, point, pending({ it: effects }))
    assert.equal('unknown' in found ? found.unknown : found, then)
  })

for (const shell of shells())
  test(`${shell.name}: what stands where something is to be mounted is seen`, async () => {
    const room = mkdtempSync(join(tmpdir(), 'rolecall-point-'))
    const [file, gone] = [join(room, 'file'), join(room, 'gone')]
    mkdirSync(join(room, 'dir'))
    writeFileSync(file, '')
    symlinkSync('dir', join(room, 'to dir'))
    symlinkSync('gone', join(room, 'to nothing'))
    symlinkSync('loop', join(room, 'loop'))
    const seen: readonly [name: string, point: MountPoint][] = [
      ['dir', directory],
      ['to dir', { is: 'linked', leads: join(room, 'dir') }],
      ['to nothing', { is: 'link', leads: gone }],
      ['loop', { is: 'link' }],
      ['file', other],
      ['new', nothing],
      ['new/deep', nothing],
      ['file/deep/er', { is: 'nothing', blocked: file }],
      ['to nothing/deep', { is: 'nothing', blocked: join(room, 'to nothing') }],
    ]
    for (const [name, point] of seen) {
      const { stdout } = await run(shell, askMountPoint(join(room, name)))
      assert.equal(
        readMountPoint(
          stdout
            .toString('utf8')
            .split('\n')
            .filter((line) => line !== ''),
        ),
        point,
        name,
      )
    }
    const { stdout } = await run(shell, askMountPoint('/there-is-no-such'))
    assert.equal(stdout.toString('utf8'), '')
  })

test.run()
