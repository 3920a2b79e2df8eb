import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { passwordAging } from '../../../lib/resources/accounts/password-aging.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const ada = passwordAging('ada', { maximumDays: 90, expires: '2027-01-31', locked: false })
const userToCome = { 'user:ada': [{ type: 'user', name: 'ada', exists: true }] } as const
const RULES = 'rule PASS_MAX_DAYS\t99999\nrule PASS_MIN_DAYS 0\nrule PASS_WARN_AGE 7\n'
function newUser(limits: 'of the host' | 'none', isLocked: boolean) {
  return { 'user:ada': [{ type: 'user', name: 'ada', exists: true, entry: { aging: { limits, isLocked } } }] } as const
}

const rows: readonly KindRow[] = [
  ['aging: fresh', ada, 'tools\nfields 0:99999:7::\n', ['set maximum days 90, end of the account 2027-01-31 of ada']],
  ['aging: as wanted', ada, 'tools\nfields 0:90:7::20849\n', []],
  ['aging: locked', ada, 'tools\nfields 0:90:7::20849\nlocked\n', ['unlock the password of ada']],
  [
    'aging: never',
    passwordAging('ada', { maximumDays: 'never', inactiveDays: 'never' }),
    'tools\nfields 0:99999:7::\n',
    [],
  ],
  [
    'aging: a lock with no password behind it cannot be taken away',
    ada,
    'tools\nfields 0:90:7::31\nlocked\nbare\n',
    'refused: ada has no password that could be unlocked',
  ],
  ['aging: no user', ada, 'tools\n', 'refused: /etc/shadow has no user ada'],
  [
    'aging: a user to come',
    ada,
    'tools\n',
    'unknown: how long the password of ada holds is known only after user:ada',
    { later: pending(userToCome) },
  ],
  ...(
    [
      [
        'without a password',
        newUser('of the host', true),
        RULES,
        ['set maximum days 90, end of the account 2027-01-31 of ada', 'unlock the password of ada'],
      ],
      ['with one', newUser('of the host', false), RULES, ['set maximum days 90, end of the account 2027-01-31 of ada']],
      [
        'by rules that want the same',
        newUser('of the host', false),
        `${RULES.replace('99999', '90')}rule EXPIRE 2027-01-31\n`,
        [],
      ],
      [
        'of the system, without limits',
        newUser('none', false),
        RULES.replace('99999', '90'),
        ['set maximum days 90, end of the account 2027-01-31 of ada'],
      ],
      [
        'whose rules are to change',
        {
          ...newUser('of the host', false),
          'file:/etc/login.defs': [{ type: 'path', path: '/etc/login.defs', state: { type: 'file' } }],
        },
        RULES,
        'unknown: how long the password of ada holds is known only after user:ada',
      ],
      [
        'who is to go',
        { 'user:ada': [{ type: 'user', name: 'ada', exists: false }] },
        'fields 0:90:7::20849\n',
        'refused: /etc/shadow has no user ada',
      ],
    ] as const
  ).map(([says, later, rules, then]): KindRow => [
    `aging: a user to come, ${says}`,
    ada,
    `tools\n${rules}`,
    then,
    { later: pending(later) },
  ]),
  ['aging: no chage', ada, 'fields 0:1:7::\n', 'refused: this host has no chage or usermod'],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => passwordAging('ada', {}), /at least one option/],
    [() => passwordAging('ada', { expires: '2027-02-30' }), /a day such as/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()
