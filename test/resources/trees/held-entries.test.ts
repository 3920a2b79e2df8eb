import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { othersWrite } from '../../../lib/resources/trees/held-entries.ts'
import { lines, sh } from '../../../lib/sh/quote.ts'

const room = mkdtempSync(join(tmpdir(), 'held-'))
test.after(() => rmSync(room, { recursive: true, force: true }))
writeFileSync(join(room, 'file'), 'x', { mode: 0o644 })
mkdirSync(join(room, 'inside'), { mode: 0o755 })
for (const directory of [room, join(room, 'inside')]) chmodSync(directory, 0o755)

for (const shell of [['dash'], ['busybox', 'sh']] as const) {
  const [program, ...words] = shell
  const others = (owner: string) =>
    spawnSync(program, [...words, '-c', lines(othersWrite, sh`others_write ${owner}`).text], { cwd: room }).status === 0

  test(`${program}: what the account that scripts run as has alone is changed by no other`, () => {
    assert.not(others(''))
    assert.not(others('root'))
  })

  test(`${program}: an account that the host does not know is trusted with nothing`, () => {
    assert.ok(others('UNKNOWN'))
    assert.ok(others('no-such-account'))
  })

  test(`${program}: a directory that is open to others is theirs to change`, () => {
    chmodSync(join(room, 'inside'), 0o777)
    assert.ok(others(''))
    chmodSync(join(room, 'inside'), 0o755)
  })
}

test.run()
