import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deniedHint } from '../../lib/converge/problems.ts'

const rows: readonly [output: string, uid: number, isHinted: boolean][] = [
  ["touch: cannot touch '/etc/x': Permission denied", 1000, true],
  ['chown: changing ownership: Operation not permitted', 1000, true],
  ['E: Could not open lock file - are you root?', 1000, true],
  ["touch: cannot touch '/etc/x': Permission denied", 0, false],
  ['No such file or directory', 1000, false],
]
for (const [output, uid, isHinted] of rows)
  test(`"${output}" as user ${uid} ${isHinted ? 'asks for become' : 'has another cause'}`, () =>
    assert.is(deniedHint(output, uid)?.includes('ansible_become: true') ?? false, isHinted))

test.run()
