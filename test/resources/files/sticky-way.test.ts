import { mkdirSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readPath } from '../../../lib/resources/files/path/path-answer.ts'
import { predictPath } from '../../../lib/resources/files/path/path-prediction.ts'
import { file } from '../../../lib/resources/files/file.ts'
import type { PathState } from '../../../lib/resources/prediction/effect.ts'
import { statBatch } from '../../../lib/resources/files/path/stat-batch.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { debian, probe, reply, scratch, shells } from '../../support/converge-locally.ts'

const path = '/srv/b/l/m/f'
const dir = (more: Partial<Extract<PathState, { type: 'dir' }>> = {}): PathState => ({ type: 'dir', ...more })
/** What a host says of the path where /srv/b is all there is of the way, and everybody may write there. */
const seen = (sticky: string, above = '/srv/b') => `way ok 0:root -${sticky}\nnone 0 ${above.length} absent\n`

const rows: readonly [
  says: string,
  have: string,
  coming: Readonly<Record<string, PathState>>,
  lord: string | undefined,
][] = [
  ['nothing is to come', seen(' sticky'), {}, 'root'],
  ["root's directory is to come", seen(' sticky'), { '/srv/b/l': dir() }, undefined],
  ['only a deeper one is named', seen(' sticky'), { '/srv/b/l/m': dir({ mode: '0700' }) }, undefined],
  ['others may move it away', seen(''), { '/srv/b/l': dir() }, 'root'],
  ['one of another account is to come', seen(' sticky'), { '/srv/b/l': dir({ owner: 'eve' }) }, 'eve'],
  ['a deeper one of another account is to come', seen(' sticky'), { '/srv/b/l/m': dir({ owner: 'eve' }) }, 'eve'],
  ['one that all may write in is to come', seen(' sticky'), { '/srv/b/l': dir({ mode: '0777' }) }, 'root'],
  ['what is to come stands elsewhere', seen(' sticky'), { '/srv/b/k': dir() }, 'root'],
  ['what is to come is the file itself', seen(' sticky', '/srv/b/l/m'), { [path]: { type: 'file' } }, 'root'],
]
for (const [says, have, coming, lord] of rows)
  test(`Below a directory like /tmp others can change the way: ${says}`, () => {
    const effects = Object.entries(coming).map(([at, state]) => ({ type: 'path', path: at, state }) as const)
    const predicted = predictPath(readPath(path, reply(have)).found, pending({ 'dir:x': effects }))
    assert.is('unknown' in predicted ? predicted.unknown : predicted.way?.lord.name, lord)
  })

const root = process.getuid?.() === 0
if (!root) process.stdout.write('skipped: sticky directories in each shell, because the tests do not run as root\n')
for (const shell of root ? shells() : [])
  test(`${shell.name}: a directory with the sticky bit is told from one where all may do everything`, async () => {
    const at = scratch()
    for (const [name, mode] of [
      ['tmp', 0o1777],
      ['open', 0o777],
    ] as const) {
      mkdirSync(join(at, name))
      chmodSync(join(at, name), mode)
    }
    const way = async (name: string) => {
      const want = file(join(at, name), { content: '' })
      const shared = statBatch(want.statPaths)?.text ?? ''
      const asked = { ...want, probe: () => raw(`${shared}\n${want.probe(debian).text}`) }
      return (await probe(shell, asked)).lines[0] ?? ''
    }
    assert.match(await way('tmp/a/b'), / sticky$/)
    assert.match(await way('open/a/b'), /^way ok 0:root -$/)
  })

test.run()
