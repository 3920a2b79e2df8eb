import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { service } from '../../../lib/resources/systemd/service.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const app = service('app', { user: 'ada', running: true, enabled: true, restartedAfter: ['/etc/app.conf'] })
const SESSION = '# init\n# user\n# manager\n'
const RUNS = `${SESSION}LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nType=simple\nNeedDaemonReload=no\nExecMainStartTimestamp=Sat 2026-11-28 10:00:00.000000 UTC\n`
const userToCome = { 'user:ada': [{ type: 'user', name: 'ada', exists: true }] } as const

const rows: readonly KindRow[] = [
  [
    'user service: fresh',
    app,
    `${SESSION}LoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\nType=simple\n`,
    ['enable app of ada', 'start app of ada'],
  ],
  ['user service: as wanted', app, `${RUNS}# changed 1795859000.000000000 /etc/app.conf\n`, []],
  [
    'user service: something changed since',
    app,
    `${RUNS}# changed 1795863600.500000000 /etc/app.conf\n`,
    ['restart app of ada (/etc/app.conf changed after it started)'],
  ],
  [
    'user service: its file changed',
    app,
    RUNS.replace('NeedDaemonReload=no', 'NeedDaemonReload=yes'),
    ['make the systemd of ada reload its units'],
  ],
  ['user service: no unit', app, `${SESSION}LoadState=not-found\n`, 'refused: ada has no unit app.service'],
  ['user service: no manager', app, '# init\n# user\n', 'refused: the systemd of ada does not run'],
  ['user service: no user', app, '# init\n', 'refused: there is no user ada'],
  [
    'user service: stopped',
    service('app', { user: 'ada', running: false, enabled: false }),
    RUNS,
    ['disable app of ada', 'stop app of ada'],
  ],
  ['user service: stopped where there is none', service('app', { user: 'ada', running: false }), '# init\n', []],
  [
    'user service: user, manager and file are to come',
    app,
    '# init\n',
    ['enable app of ada', 'start app of ada'],
    {
      later: pending({
        ...userToCome,
        'linger:ada': [{ type: 'object', of: 'user manager', name: 'ada', exists: true }],
        'file:/etc/systemd/user/app.service': [
          { type: 'path', path: '/etc/systemd/user/app.service', state: { type: 'file', content: Buffer.from('x') } },
        ],
      }),
    },
  ],
]
tryRows(rows)

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => service('app', { user: 'ada', masked: true }), /left out with user/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()
