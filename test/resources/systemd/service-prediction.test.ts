import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { service, type ServiceOptions } from '../../../lib/resources/systemd/service.ts'
import { debian, reply, rocky, words } from '../../support/converge-locally.ts'
import { absent, after, changed, conf, on, second, stopped, unit } from './unit-answers.ts'

const bind: [string, Effect] = ['pkg:bind9', { type: 'package', name: 'bind9', installed: true }]
const wget: [string, Effect] = ['pkg:wget', { type: 'package', name: 'wget', installed: true }]
const written: [string, Effect] = ['file:/etc/named.conf', { type: 'path', path: conf, state: { type: 'file' } }]
const unitFile = (text: string): [string, Effect] => [
  'file:unit',
  { type: 'path', path: '/etc/systemd/system/named.service', state: { type: 'file', content: Buffer.from(text) } },
]
const aliasDropIn = '/etc/systemd/system/bind9.service.d/x.conf'
const dropIn = '/etc/systemd/system/named.service.d/x.conf'
const aliased = (...notes: string[]) =>
  unit(
    { ...stopped, UnitFileState: 'disabled', WantedBy: '' },
    ...['[Install]', 'WantedBy=multi-user.target', 'Alias=nd.service'].map((line) => `install ${line}`),
    ...notes,
  )
const foretold: readonly (readonly [
  says: string,
  want: ServiceOptions,
  have: string,
  pending: [string, Effect][],
  then: readonly string[] | string,
  el?: true,
])[] = [
  ['Debian: a package to come starts and enables it', on, absent, [bind], []],
  [
    'it was started, and a drop-in came after that: it is read anew',
    { running: true },
    absent,
    [
      unitFile('[Service]\nExecStart=/bin/x\n'),
      ['service:named', { type: 'units', reloaded: true }],
      ['service:named', { type: 'unit', name: 'named.service', running: true }],
      ['file:x', { type: 'path', path: dropIn, state: { type: 'file', content: Buffer.from('[Service]\n') } }],
    ],
    ['reload systemd (the unit file of named changed)'],
  ],
  [
    'another name that it gets once it is enabled is masked: refused',
    { enabled: true },
    aliased('alias-taken nd.service mask'),
    [wget],
    'refused: named.service cannot be enabled: nd.service, another name of it, is masked',
  ],
  [
    'the mask goes before: it is enabled',
    { enabled: true },
    aliased('alias-taken nd.service mask'),
    [['service:nd', { type: 'unit-file', name: 'nd.service', state: 'unmasked' }]],
    ['enable named'],
  ],
  [
    'another unit stands at the place of another name: refused',
    { enabled: true },
    aliased('alias-taken nd.service other'),
    [wget],
    'refused: named.service cannot be enabled: the place of nd.service, another name of it, is taken: /etc/systemd/system/nd.service',
  ],
  [
    'what stands there goes before: it is enabled',
    { enabled: true },
    aliased('alias-taken nd.service other'),
    [['absent:nd', { type: 'path', path: '/etc/systemd/system/nd.service', state: { type: 'absent' } }]],
    ['enable named'],
  ],
  [
    'the other name is masked before: refused',
    { enabled: true },
    aliased(),
    [['service:nd', { type: 'unit-file', name: 'nd.service', state: 'masked' }]],
    'refused: named.service cannot be enabled: nd.service, another name of it, is masked',
  ],
  [
    'its file comes with another name that is masked: refused',
    { enabled: true },
    `${absent}# masked-unit nd.service\n`,
    [unitFile('[Service]\nExecStart=/bin/x\n[Install]\nWantedBy=multi-user.target\nAlias=nd.service\n')],
    'refused: named.service cannot be enabled: nd.service, another name of it, is masked',
  ],
  [
    'a drop-in of another of its names: it is read anew, and the unit restarts',
    { running: true, restartedAfter: [aliasDropIn] },
    unit({ Names: 'bind9.service named.service' }, ...changed(`${second - 9}.1`)),
    [['file:x', { type: 'path', path: aliasDropIn, state: { type: 'file', content: Buffer.from('[Service]\n') } }]],
    ['reload systemd (the unit file of named changed)', 'restart named (after file:x)'],
  ],
  [
    'the same, and by another name it has been restarted by then: nothing to do',
    { running: true, restartedAfter: [aliasDropIn] },
    unit({ Names: 'bind9.service named.service' }, ...changed(`${second - 9}.1`)),
    [
      ['file:x', { type: 'path', path: aliasDropIn, state: { type: 'file', content: Buffer.from('[Service]\n') } }],
      ['service:bind9', { type: 'units', reloaded: true }],
      ['service:bind9', { type: 'unit', name: 'bind9.service', running: true }],
    ],
    [],
  ],
  [
    'masked, and enabled by then: whoever enables it has unmasked it',
    { enabled: true },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }),
    [
      unitFile('[Service]\nExecStart=/bin/x\n[Install]\nWantedBy=multi-user.target\n'),
      ['service:named', { type: 'units', reloaded: true }],
      ['service:named', { type: 'unit-file', name: 'named.service', state: 'enabled' }],
    ],
    [],
  ],
  [
    'Debian: it was disabled before its package was removed: it is enabled and started',
    on,
    `${absent}# was-disabled\n`,
    [bind],
    ['enable named', 'start named'],
  ],
  [
    'its unit file is to come in the place of its mask: refused',
    { masked: true },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }),
    [unitFile('[Service]\nExecStart=/bin/true\n')],
    'refused: named.service cannot be masked: its unit file is /etc/systemd/system/named.service, where the link of a mask would be',
  ],
  ['EL: a package to come leaves it off', on, absent, [bind], ['enable named', 'start named'], true],
  [
    'Debian where policy-rc.d forbids it: it is enabled, not started',
    on,
    `${absent}# starts-denied\n`,
    [bind],
    ['start named'],
  ],
  [
    'Debian: what comes before it is a restart',
    after,
    absent,
    [bind, written],
    ['restart named (after file:/etc/named.conf)'],
  ],
  [
    'Debian: what it reads by a reload comes after its package: a reload, whatever systemd says of a unit that it does not know',
    { running: true, reloadedAfter: [conf] },
    `${absent}CanReload=no\nReloadResult=success\n`,
    [bind, written],
    ['reload named (after file:/etc/named.conf)'],
  ],
  [
    'its unit file to come has no ExecReload: a restart',
    { running: true, reloadedAfter: [conf] },
    unit({ CanReload: 'yes', ReloadResult: 'success' }),
    [unitFile('[Service]\nExecStart=/bin/named\n'), written],
    [
      'reload systemd (the unit file of named changed)',
      'restart named, which cannot reload (after file:/etc/named.conf)',
    ],
  ],
  [
    'a drop-in to come gives it ExecReload: a reload',
    { running: true, reloadedAfter: [conf] },
    unit({ CanReload: 'no', ReloadResult: 'success' }),
    [
      [
        'file:drop-in',
        {
          type: 'path',
          path: '/etc/systemd/system/named.service.d/reload.conf',
          state: { type: 'file', content: Buffer.from('[Service]\nExecReload=/bin/kill -HUP $MAINPID\n') },
        },
      ],
      written,
    ],
    ['reload systemd (the unit file of named changed)', 'reload named (after file:/etc/named.conf)'],
  ],
  [
    'Debian: what stands there before its own package is read by its first start',
    after,
    absent,
    [written, ['pkg:named', { type: 'package', name: 'named', installed: true }]],
    [],
  ],
  [
    'EL: it is started after what comes before it',
    after,
    absent,
    [bind, written],
    ['enable named', 'start named'],
    true,
  ],
  [
    'its file is to come again, and it was enabled before: it will be enabled',
    { enabled: true },
    `${absent}# linked\n`,
    [unitFile('[Install]\nWantedBy=multi-user.target\n')],
    [],
  ],
  ['EL: a package to come again finds it enabled', on, `${absent}# linked\n`, [bind], ['start named'], true],
  [
    'its file changed, and an earlier change makes systemd read all of them: nothing to do',
    on,
    unit({ NeedDaemonReload: 'yes' }),
    [['pkg:wget', { type: 'units', reloaded: true }]],
    [],
  ],
  [
    'its file has changed, and an earlier change only makes systemd read all of them: a restart for what has changed since its start',
    after,
    unit({ NeedDaemonReload: 'yes' }, ...changed(`${second + 2}.100000000`)),
    [
      ['service:named', { type: 'units', reloaded: true }],
      ['service:named', { type: 'unit', name: 'named.service', running: true, stays: true }],
    ],
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:09)'],
  ],
  [
    'an earlier change starts it anew: what has changed before that is read',
    after,
    unit({}, ...changed(`${second + 2}.100000000`)),
    [['service:named', { type: 'unit', name: 'named.service', running: true }]],
    [],
  ],
  [
    'its file is to change after that: it is read again',
    on,
    unit(),
    [['pkg:wget', { type: 'units', reloaded: true }], unitFile('[Install]\n')],
    ['reload systemd (the unit file of named changed)'],
  ],
  ['Debian: it is down, and a package that has its program is to come: that starts it', on, unit(stopped), [bind], []],
  [
    'the same, but it does not start at boot: it is enabled and started',
    on,
    unit({ ...stopped, UnitFileState: 'disabled' }),
    [bind],
    ['enable named', 'start named'],
  ],
  [
    'the same, but the package is there and finished: it is started',
    on,
    unit(stopped),
    [['pkg:bind9', { type: 'package', name: 'bind9', installed: true, kept: true, asIs: true }]],
    ['start named'],
  ],
  [
    'EL: it is down, and a package that has its program is to come: it is started',
    on,
    unit(stopped),
    [bind],
    ['start named'],
    true,
  ],
  [
    'systemd could not read its file, which is to come anew: it is read again, and nothing more',
    on,
    unit({ LoadState: 'error', UnitFileState: '' }, 'linked'),
    [unitFile('[Install]\n')],
    ['reload systemd (the unit file of named changed)'],
  ],
  [
    'systemd cannot read its file, and nothing changes that: refused',
    on,
    unit(
      { LoadState: 'error', UnitFileState: '' },
      'linked',
      'written 1763899268.500000000',
      'read UnitsLoadStartTimestamp=Sun 2025-11-23 12:01:09.000000 UTC',
    ),
    [],
    'refused: systemd cannot read named.service (error)',
  ],
  [
    'systemd could not read its file, which has changed since: it is read again',
    on,
    unit(
      { LoadState: 'error', UnitFileState: '' },
      'linked',
      'written 1763899270.500000000',
      'read UnitsLoadStartTimestamp=Sun 2025-11-23 12:01:09.000000 UTC',
    ),
    [],
    ['reload systemd (the unit file of named changed)'],
  ],
  [
    'its file only gets another owner: nothing to do',
    on,
    unit(),
    [['file:unit', { type: 'path', path: '/etc/systemd/system/named.service', state: { type: 'file', kept: true } }]],
    [],
  ],
  ['to be off, and an unrelated package is to come: nothing to do', { running: false }, absent, [wget], []],
  ['to be off, and the package that brings it is to come: stop it', { running: false }, absent, [bind], ['stop named']],
  [
    'missing, and only an unrelated package is to come: unknown',
    on,
    absent,
    [wget],
    'unknown: whether pkg:wget brings the unit named.service',
  ],
  [
    'Debian: a file that is written before the package comes is read at its first start',
    after,
    absent,
    [written, bind],
    [],
  ],
  [
    'to be off, and its own package is to come: stop it',
    { running: false },
    absent,
    [['pkg:named', { type: 'package', name: 'named', installed: true }]],
    ['stop named'],
  ],
  [
    'its package is to go: nothing to do',
    { running: false, enabled: false },
    unit(),
    [['pkg:named', { type: 'package', name: 'named', installed: false }]],
    [],
  ],
  [
    'missing, and a command is to come: unknown',
    on,
    absent,
    [['exec:x', { type: 'anything' }]],
    'unknown: whether exec:x brings the unit named.service',
  ],
  [
    'its unit file is to come: enable and start',
    on,
    absent,
    [unitFile('[Service]\n[Install]\n')],
    ['enable named', 'start named'],
  ],
  [
    'its unit file is to come, without [Install]: refused',
    on,
    absent,
    [unitFile('[Service]\n')],
    'refused: named.service cannot be enabled: it has no [Install] section, and no other unit wants it',
  ],
  [
    'its unit file is to change: systemd reads it',
    on,
    unit(),
    [unitFile('')],
    ['reload systemd (the unit file of named changed)'],
  ],
  [
    'a drop-in is to come: systemd reads it',
    on,
    unit(),
    [['file:x', { type: 'path', path: '/etc/systemd/system/named.service.d/x.conf', state: { type: 'file' } }]],
    ['reload systemd (the unit file of named changed)'],
  ],
  [
    'it runs, and an input is to change: restart',
    after,
    unit({}, ...changed(`${second - 9}.1`)),
    [written],
    ['restart named (after file:/etc/named.conf)'],
  ],
  [
    'an input is to be removed: restart',
    after,
    unit({}, ...changed(`${second - 9}.1`)),
    [['absent:x', { type: 'path', path: conf, state: { type: 'absent' } }]],
    ['restart named (after absent:x)'],
  ],
  ['it is stopped, and an input is to change: start is enough', after, unit(stopped), [written], ['start named']],
  [
    'an earlier one will restart it: that is enough',
    after,
    unit({}, ...changed(`${second + 2}.100000000`)),
    [['service:named', { type: 'unit', name: 'named.service', running: true }]],
    [],
  ],
  [
    'an earlier one will stop it: start it',
    on,
    unit(),
    [['service:named', { type: 'unit', name: 'named.service', running: false }]],
    ['start named'],
  ],
  ['nothing that matters is to come: nothing to do', on, unit(), [bind, written], []],
]
for (const [says, want, have, pending, then, el] of foretold) {
  test(`foreseen: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(service('named', want).evaluate(reply(have), el ? rocky : debian, prediction)), then)
  })
}

test('foreseen on Debian: nftables comes with its package, and is neither started nor enabled', () => {
  const prediction = new Prediction()
  prediction.record('pkg:nftables', [{ type: 'package', name: 'nftables', installed: true }])
  const evaluation = service('nftables', on).evaluate(reply(absent), debian, prediction)
  assert.equal(words(evaluation), ['enable nftables', 'start nftables'])
})

for (const [unit, name, steps] of [
  ['openvpn@office', 'openvpn', ['enable openvpn@office', 'start openvpn@office']],
  ['postgresql@15-main', 'postgresql-15', []],
] as const)
  test(`foreseen on Debian: which instances there are, no package knows: ${unit}`, () => {
    const prediction = new Prediction()
    prediction.record(`pkg:${name}`, [{ type: 'package', name, installed: true }])
    assert.equal(words(service(unit, on).evaluate(reply(absent), debian, prediction)), steps)
  })

const at = (name: string, text: string): [string, Effect] => [
  `file:${name}`,
  { type: 'path', path: `/etc/systemd/system/${name}`, state: { type: 'file', content: Buffer.from(text) } },
]
const socket = '[Socket]\nListenStream=/run/x\n'
const noSocket = absent.replace('named.service', 'x.socket')
const command: [string, Effect] = ['exec:make', { type: 'anything' }]
const behind: readonly (readonly [says: string, have: string, pending: [string, Effect][], then: string | string[]])[] =
  [
    [
      'a socket whose service nobody brings: refused',
      `${noSocket}# unit y.service\n`,
      [at('x.socket', socket)],
      'refused: x.socket cannot be started: there is no unit x.service, which it needs',
    ],
    [
      'its service is masked: refused',
      `${noSocket}# unit x.service\n# masked-unit x.service\n`,
      [at('x.socket', socket)],
      'refused: x.socket cannot be started: x.service, which it needs, is masked',
    ],
    ['its service is there', `${noSocket}# unit x.service\n`, [at('x.socket', socket)], ['start x.socket']],
    [
      'its service is to come',
      `${noSocket}# unit y.service\n`,
      [at('x.socket', socket), at('x.service', '[Service]\nExecStart=/bin/true\n')],
      ['start x.socket'],
    ],
    [
      'its service is named',
      `${noSocket}# unit y.service\n`,
      [at('x.socket', `${socket}Service=y.service\n`)],
      ['start x.socket'],
    ],
    [
      'a command may bring its service: unknown',
      `${noSocket}# unit y.service\n`,
      [at('x.socket', socket), command],
      'unknown: whether exec:make brings the unit x.service',
    ],
    [
      'it accepts by itself',
      `${noSocket}# unit y.service\n`,
      [at('x.socket', `${socket}Accept=yes\n`)],
      ['start x.socket'],
    ],
    [
      'its service runs already: refused',
      unit({ ...stopped, Id: 'x.socket', Type: '', Triggers: 'x.service' }, 'needs x.service loaded', 'busy x.service'),
      [],
      'refused: x.socket cannot be started: x.service, which it is to start, runs already',
    ],
    [
      'its service is stopped before',
      unit({ ...stopped, Id: 'x.socket', Type: '', Triggers: 'x.service' }, 'needs x.service loaded', 'busy x.service'),
      [['service:x', { type: 'unit', name: 'x.service', running: false }]],
      ['start x.socket'],
    ],
    [
      'its service is started before: refused',
      unit({ ...stopped, Id: 'x.socket', Type: '', Triggers: 'x.service' }, 'needs x.service loaded'),
      [['service:x', { type: 'unit', name: 'x.service', running: true }]],
      'refused: x.socket cannot be started: x.service, which it is to start, runs already',
    ],
    [
      'the file of its service goes: unknown',
      unit({ ...stopped, Id: 'x.socket', Type: '', Triggers: 'x.service' }, 'needs x.service loaded'),
      [['absent:it', { type: 'path', path: '/etc/systemd/system/x.service', state: { type: 'absent' } }]],
      'unknown: whether x.service, which it needs, is still there after absent:it',
    ],
    [
      'a command may stop its service: unknown',
      unit({ ...stopped, Id: 'x.socket', Type: '', Triggers: 'x.service' }, 'needs x.service loaded', 'busy x.service'),
      [command],
      'unknown: whether exec:make stops x.service, which x.socket is to start',
    ],
    [
      'the service that its new file names runs already: refused',
      `${noSocket}# unit y.service\n# busy y.service\n`,
      [at('x.socket', `${socket}Service=y.service\n`)],
      'refused: x.socket cannot be started: y.service, which it is to start, runs already',
    ],
    [
      'what it starts will be masked: refused',
      unit({ ...stopped, Id: 'x.socket', Type: '' }, 'needs x.service loaded'),
      [['service:x', { type: 'unit-file', name: 'x.service', state: 'masked' }]],
      'refused: x.socket cannot be started: x.service, which it needs, is masked',
    ],
    ...(['enabled', 'disabled'] as const).map((state): [string, string, [string, Effect][], string[]] => [
      `what it needs is masked, and will be unmasked, ${state} and started before`,
      unit({ ...stopped, Id: 'x.socket', Type: '' }, 'needs x.service masked'),
      [
        ['service:x', { type: 'unit-file', name: 'x.service', state: 'unmasked' }],
        ['service:x', { type: 'unit-file', name: 'x.service', state }],
      ],
      ['start x.socket'],
    ]),
    [
      'what it needs is masked, and will be disabled: refused',
      unit({ ...stopped, Id: 'x.socket', Type: '' }, 'needs x.service masked'),
      [['service:x', { type: 'unit-file', name: 'x.service', state: 'disabled' }]],
      'refused: x.socket cannot be started: x.service, which it needs, is masked',
    ],
    [
      'what it needs will be unmasked, and masked again: refused',
      unit({ ...stopped, Id: 'x.socket', Type: '' }, 'needs x.service masked'),
      [
        ['service:x', { type: 'unit-file', name: 'x.service', state: 'unmasked' }],
        ['service:y', { type: 'unit-file', name: 'x.service', state: 'masked' }],
      ],
      'refused: x.socket cannot be started: x.service, which it needs, is masked',
    ],
    [
      'itself masked, and unmasked and disabled before',
      unit({ ...stopped, Id: 'x.socket', Type: '', LoadState: 'masked', UnitFileState: 'masked' }),
      [
        ['service:x', { type: 'unit-file', name: 'x.socket', state: 'unmasked' }],
        ['service:x', { type: 'unit-file', name: 'x.socket', state: 'disabled' }],
      ],
      ['start x.socket'],
    ],
    [
      'nothing but a mask, and its file is to come: unmask it',
      unit({ ...stopped, Id: 'x.socket', Type: '', LoadState: 'masked', UnitFileState: 'masked' }, 'mask-alone'),
      [
        ['file:x', { type: 'path', path: '/usr/local/lib/systemd/system/x.socket', state: { type: 'file' } }],
        ['file:y', { type: 'path', path: '/etc/systemd/system/x.service', state: { type: 'file' } }],
      ],
      ['reload systemd (the unit file of x.socket changed)', 'unmask x.socket', 'start x.socket'],
    ],
    [
      'nothing but a mask, and a command may bring its file: unknown',
      unit({ ...stopped, Id: 'x.socket', Type: '', LoadState: 'masked', UnitFileState: 'masked' }, 'mask-alone'),
      [command],
      'unknown: whether exec:make brings the unit x.socket',
    ],
  ]
for (const [says, have, pending, then] of behind)
  test(says, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(service('x.socket', { running: true }).evaluate(reply(have), debian, prediction)), then)
  })

test('foreseen: an input that is in doubt makes the restart unknown, unless there is something to do anyway', () => {
  const evaluate = (have: string) => {
    const prediction = new Prediction()
    prediction.doubt('file:/etc/named.conf', [{ type: 'path', path: conf, state: { type: 'file' } }])
    return words(service('named', after).evaluate(reply(have), debian, prediction))
  }
  assert.is(
    evaluate(unit({}, ...changed(`${second - 9}.1`))),
    'unknown: whether it must restart depends on file:/etc/named.conf, which is unknown',
  )
  assert.equal(evaluate(unit(stopped)), ['start named'])
})

test('foreseen: a unit that no package to come is known to bring is told with the nearest that one does', () => {
  const prediction = new Prediction()
  prediction.record(...([bind[0], [bind[1]]] as const))
  assert.is(
    words(service('naemd', on).evaluate(reply(absent), debian, prediction)),
    'unknown: whether pkg:bind9 brings the unit naemd.service; did you mean "named"?',
  )
})

const path = '/etc/systemd/system/named.service'
const fileGoes: [string, Effect] = [`absent:${path}`, { type: 'path', path, state: { type: 'absent' } }]
for (const [says, want, have, pending, then] of [
  [
    'its restart',
    after,
    unit({}, `file ${path}`, ...changed(String(second + 60))),
    [fileGoes],
    'refused: there is no unit named.service',
  ],
  [
    'only its restart',
    { restartedAfter: [conf] },
    unit({}, `file ${path}`, ...changed(String(second + 60))),
    [fileGoes],
    [],
  ],
  ['its stop', { running: false }, unit({}, `file ${path}`), [fileGoes], ['stop named']],
  [
    'another file of it',
    { running: true },
    unit(stopped, `file ${path}`, 'file /usr/lib/systemd/system/named.service'),
    [fileGoes],
    ['reload systemd (the unit file of named changed)', 'start named'],
  ],
  [
    'it is gone already',
    { running: true },
    unit({ ...stopped, NeedDaemonReload: 'yes' }, 'file-gone'),
    [],
    'refused: there is no unit named.service',
  ],
  [
    'it is gone already, and is to stop',
    { running: false },
    unit({ NeedDaemonReload: 'yes' }, 'file-gone'),
    [],
    ['stop named'],
  ],
] as const)
  test(`the file of a unit goes: ${says}`, () => {
    const prediction = new Prediction()
    for (const [from, effect] of pending) prediction.record(from, [effect])
    assert.equal(words(service('named', want).evaluate(reply(have), debian, prediction)), then)
  })

test('a unit without [Install] is enabled by a timer to come of any name that starts it', () => {
  const enable = (name: string, text: string) => {
    const prediction = new Prediction()
    const path = `/etc/systemd/system/${name}`
    prediction.record(`file:${path}`, [{ type: 'path', path, state: { type: 'file', content: Buffer.from(text) } }])
    prediction.record(`service:${name}`, [{ type: 'unit', name, running: true }])
    const have = unit({ UnitFileState: 'static', WantedBy: '' })
    return words(service('named', { enabled: true }).evaluate(reply(have), debian, prediction))
  }
  const refused = 'refused: named.service cannot be enabled: it has no [Install] section, and no other unit wants it'
  assert.equal(
    [
      enable('named.timer', '[Timer]\n'),
      enable('nightly.timer', '[Timer]\nUnit=named.service\n'),
      enable('nightly.timer', '[Timer]\n'),
    ],
    [[], [], refused],
  )
})

test.run()
