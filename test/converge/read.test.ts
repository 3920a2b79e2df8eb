import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dir, role } from '../../lib/index.ts'
import { runRoles } from '../support/run-role.ts'

const EVE = 64711

for (const mode of ['check', 'apply'] as const)
  test(`${mode}: what is a directory, or will be one, is not read`, async () => {
    const room = mkdtempSync(join(tmpdir(), 'rolecall-read-'))
    try {
      const reads = role({
        name: 'reads',
        async apply({ ensure, read }) {
          await ensure(dir(join(room, 'new')))
          await read(join(room, 'new'))
        },
      })
      const { problems, told } = await runRoles(mode, [reads])
      assert.equal(told, [`dir:${join(room, 'new')} change`])
      assert.is(problems[0]?.message, `cannot read ${join(room, 'new')}`)
      assert.match(problems[0]?.output ?? '', /directory/)
    } finally {
      rmSync(room, { recursive: true })
    }
  })

if (process.getuid?.() !== 0) process.stdout.write('skipped: links of another account need root to be made\n')
else
  test("a role's read follows no link of another account that leads elsewhere", async () => {
    const room = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-read-')))
    try {
      chmodSync(room, 0o755)
      const home = join(room, 'home')
      mkdirSync(home)
      writeFileSync(join(room, 'shadow'), 'for root alone', { mode: 0o600 })
      writeFileSync(join(home, 'plain'), 'hers')
      symlinkSync('../shadow', join(home, 'link'))
      for (const path of [home, join(home, 'plain'), join(home, 'link')]) lchownSync(path, EVE, EVE)
      const seen: (string | undefined)[] = []
      const reads = role({
        name: 'reads',
        async apply({ read }) {
          for (const name of ['plain', 'link']) seen.push(await read(join(home, name)))
        },
      })
      const { problems } = await runRoles('apply', [reads])
      assert.equal(seen, ['hers'])
      assert.match(problems[0]?.message ?? '', `${home}/link is not read: another account can change its directory`)
    } finally {
      rmSync(room, { recursive: true })
    }
  })

test.run()
