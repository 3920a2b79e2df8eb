import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { deniedHint, lastLineOf } from '../../lib/converge/problems.ts'
import { Secret } from '../../lib/secret.ts'

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

test('the reason is the last line of standard error, or else of standard output, with secrets masked', () => {
  new Secret('hunter2hunter2')
  const rows = [
    ['made\n', 'warning\nno space left\n', 'no space left'],
    ['one\ntwo\n\n', ' \n', 'two'],
    ['', ' 10%\r 20%\r', '20%'],
    ['', 'login hunter2hunter2 refused', 'login *** refused'],
    ['', '', undefined],
  ] as const
  for (const [stdout, stderr, line] of rows) assert.is(lastLineOf(stdout, stderr).lastLine, line)
})

test.run()
