import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { realPath } from '../../lib/sh/real-path.sh.ts'
import { shells } from '../../lib/testing/shells.ts'

const test = suite('where a path leads')
const room = realpathSync(mkdtempSync(join(tmpdir(), 'real-path-')))
test.after(() => rmSync(room, { recursive: true }))
const at = (name: string) => join(room, name)

mkdirSync(at('a/b'), { recursive: true })
writeFileSync(at('a/b/file'), '')
for (const [link, to] of [
  ['to-file', 'a/b/file'],
  ['to-dir', 'a'],
  ['chain', 'to-dir/b/file'],
  ['to-come', 'a/b/later'],
  ['chain-to-come', 'to-dir/b/../to-come'],
  ['a/up', '../to-come'],
  ['nowhere', 'gone/later'],
  ['odd', "a/b/it's\nhere"],
  ['itself', 'itself'],
  ['ping', 'pong'],
  ['pong', 'ping'],
  ['below', `${room}/below/more`],
  ['below-relative', 'below-relative/more'],
] as const)
  symlinkSync(to, at(link))

const leads: readonly (readonly [path: string, real: string | undefined])[] = [
  ['a/b/file', 'a/b/file'],
  ['a/b/none', 'a/b/none'],
  ['to-file', 'a/b/file'],
  ['chain', 'a/b/file'],
  ['to-dir/b', 'a/b'],
  ['to-dir/later', 'a/later'],
  ['to-come', 'a/b/later'],
  ['chain-to-come', 'a/to-come'],
  ['a/up', 'a/b/later'],
  ['to-dir/up', 'a/b/later'],
  ['odd', "a/b/it's\nhere"],
  ['nowhere', undefined],
  ['gone/later', undefined],
  ['itself', undefined],
  ['ping', undefined],
  ['below', undefined],
  ['below-relative', undefined],
  ['below/more', undefined],
]

for (const shell of shells())
  test(`${shell.name}: a path leads where the kernel follows it, and one without end leads nowhere`, () => {
    for (const [path, real] of leads) {
      const { status, stdout } = spawnSync(shell.bin, ['-c', `${realPath}\nreal_path "$1"`, 'sh', at(path)], {
        env: { PATH: shell.path },
        encoding: 'utf8',
        // coreutils' own answer to `below` never comes.
        timeout: 60_000,
      })
      assert.equal([path, status === 0 ? stdout : undefined], [path, real === undefined ? undefined : `${at(real)}\n`])
    }
  })

test.run()
