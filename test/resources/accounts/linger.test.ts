import { test } from 'uvu'
import { linger } from '../../../lib/resources/accounts/linger.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const userToCome = { 'user:ada': [{ type: 'user', name: 'ada', exists: true }] } as const

const rows: readonly KindRow[] = [
  ['linger: fresh', linger('ada'), 'tool\nuser\n', ['let the systemd of ada run from the boot on']],
  ['linger: as wanted', linger('ada'), 'tool\nuser\nlingers\nmanager\n', []],
  [
    'linger: its systemd does not run',
    linger('ada'),
    'tool\nuser\nlingers\n',
    ['let the systemd of ada run from the boot on'],
  ],
  [
    'linger: absent',
    linger('ada', { state: 'absent' }),
    'tool\nuser\nlingers\nmanager\n',
    ['let the systemd of ada end with the last login'],
  ],
  ['linger: no user', linger('ada'), 'tool\n', 'refused: there is no user ada'],
  [
    'linger: a user to come',
    linger('ada'),
    'tool\n',
    ['let the systemd of ada run from the boot on'],
    { later: pending(userToCome) },
  ],
]
tryRows(rows)

test.run()
