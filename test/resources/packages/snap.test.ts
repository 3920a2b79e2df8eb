import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { snap } from '../../../lib/resources/packages/snap.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const rows: readonly KindRow[] = [
  [
    'snap: fresh',
    snap('lxd', { channel: '5.21/stable', hold: true }),
    '',
    ['install the snap lxd from 5.21/stable', 'hold back updates of the snap lxd'],
  ],
  ['snap: as wanted', snap('lxd', { channel: 'stable', hold: true }), 'there latest/stable held\n', []],
  [
    'snap: another channel',
    snap('lxd', { channel: 'edge' }),
    'there latest/stable -\n',
    ['let the snap lxd follow edge (was latest/stable)'],
  ],
  ['snap: absent', snap('lxd', { state: 'absent' }), 'there latest/stable -\n', ['remove the snap lxd']],
  [
    'snap: snapd is silent',
    snap('lxd'),
    '# silent cannot communicate with server\n',
    'refused: snap does not answer: cannot communicate with server',
  ],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [[() => snap('LXD'), /the name of a snap/]]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()
