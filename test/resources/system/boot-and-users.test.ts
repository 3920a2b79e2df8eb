import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linger } from '../../../lib/resources/accounts/linger.ts'
import { passwordAging } from '../../../lib/resources/accounts/password-aging.ts'
import { applied, editWords } from '../../../lib/resources/kernel/command-line-words.ts'
import { kernelCommandLine } from '../../../lib/resources/kernel/kernel-command-line.ts'
import { networkSettings } from '../../../lib/resources/network/network-settings.ts'
import { flatpak, flatpakRemote } from '../../../lib/resources/packages/flatpak.ts'
import { snap } from '../../../lib/resources/packages/snap.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { acmeCertificate } from '../../../lib/resources/tls/acme-certificate.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { rocky } from '../../../lib/testing/facts.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const END = '\n# end of what holds now\n'
const GRUB = 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="quiet splash"\n'
const grub = (text: string) => `have 0 81a4 ${text.length} 0 0 root:root\ncontent\n${text}`
const console_ = kernelCommandLine('console', { set: { console: ['tty0', 'ttyS0'] }, remove: ['splash'] })
const DEBIAN = 'tool update-grub\nmenu /boot/grub/grub.cfg\n'
const wanted = grub(GRUB.replace(' splash', ' console=tty0 console=ttyS0'))
const edited = 'edit /etc/default/grub: console=tty0, console=ttyS0, no splash'

const ada = passwordAging('ada', { maximumDays: 90, expires: '2027-01-31', locked: false })
const app = service('app', { user: 'ada', running: true, enabled: true, restartedAfter: ['/etc/app.conf'] })
const SESSION = '# init\n# user\n# manager\n'
const RUNS = `${SESSION}LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nType=simple\nNeedDaemonReload=no\nExecMainStartTimestamp=Sat 2026-11-28 10:00:00.000000 UTC\n`
const [lan, confirmed] = networkSettings('lan', {
  manager: 'networkd',
  files: { '10-lan.network': '[Match]\nName=lan0\n' },
  remove: ['old.network'],
})
const cert = acmeCertificate('example.com', { domains: ['example.com', 'www.example.com'], webroot: '/var/www/html' })
const have =
  'there\nends Feb 10 10:00:00 2027 GMT\ndomain www.example.com\ndomain example.com\nserver https://acme.example/directory\n'
const userToCome = { 'user:ada': [{ type: 'user', name: 'ada', exists: true }] } as const

const RULES = 'rule PASS_MAX_DAYS\t99999\nrule PASS_MIN_DAYS 0\nrule PASS_WARN_AGE 7\n'
function newUser(limits: 'of the host' | 'none', isLocked: boolean) {
  return { 'user:ada': [{ type: 'user', name: 'ada', exists: true, entry: { aging: { limits, isLocked } } }] } as const
}

const rows: readonly KindRow[] = [
  [
    'kernel: fresh',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub(GRUB)}`,
    [edited, 'make the boot menu anew (update-grub)'],
  ],
  [
    'kernel: as wanted',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet console=tty0 console=ttyS0\n${END}${wanted}`,
    [],
  ],
  [
    'kernel: a menu that nobody made anew',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    ['make the boot menu anew (update-grub)'],
  ],
  [
    'kernel: grubby',
    console_,
    `tool grubby\nmenu /boot/grub2/grub.cfg\nentry ro quiet splash\n${END}${grub(GRUB)}`,
    [edited, 'set the parameters in every entry of the boot menu (grubby)'],
    { facts: rocky },
  ],
  [
    'kernel: a menu that an earlier one makes anew',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    [],
    {
      later: pending({
        'kernelCommandLine:console': ['console=tty0 console=ttyS0', 'no splash'].map(
          (name) => ({ type: 'object', of: 'parameter of the kernel', name, exists: true }) as const,
        ),
      }),
    },
  ],
  [
    'kernel: a menu of which an earlier one brings a part',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${wanted}`,
    ['make the boot menu anew (update-grub)'],
    {
      later: pending({
        'kernelCommandLine:other': [{ type: 'object', of: 'parameter of the kernel', name: 'no splash', exists: true }],
      }),
    },
  ],
  [
    'kernel: what Debian has among its usual ones is taken from there',
    console_,
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub('GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n')}`,
    [edited, 'make the boot menu anew (update-grub)'],
  ],
  [
    'kernel: what the usual ones have already stays there',
    kernelCommandLine('quiet', { set: { quiet: true } }),
    `${DEBIAN}entry root=UUID=1 ro quiet splash\n${END}${grub('GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"\nGRUB_CMDLINE_LINUX=""\n')}`,
    [],
  ],
  ['kernel: a container', console_, `${END}${grub(GRUB)}`, 'refused: this host has no boot menu of GRUB'],
  ['kernel: no GRUB', console_, `${END}none 0 9 dir\n`, 'refused: /etc/default/grub is not there to be edited'],
  [
    'kernel: a line that the shell computes',
    console_,
    `${DEBIAN}${END}${grub('GRUB_CMDLINE_LINUX="$(cat /x)"\n')}`,
    'refused: GRUB_CMDLINE_LINUX in /etc/default/grub is computed by the shell',
  ],

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
    ['let the systemd of ada read its units anew'],
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

  [
    'network: fresh',
    lan,
    'due /etc/systemd/network/10-lan.network\n',
    ['set /etc/systemd/network/10-lan.network, for 30 s until they are confirmed'],
  ],
  ['network: as wanted', lan, '', []],
  [
    'network: a file to go',
    lan,
    'due /etc/systemd/network/old.network\n',
    ['set /etc/systemd/network/old.network, for 30 s until they are confirmed'],
  ],
  [
    'network: netplan takes it not',
    networkSettings('lan', { manager: 'netplan', files: { '50-lan.yaml': 'network: { version: 9 }' } })[0],
    'due /etc/netplan/50-lan.yaml\nobjection\n/etc/netplan/50-lan.yaml:1:12: Error\n',
    'refused: netplan does not take the settings: /etc/netplan/50-lan.yaml:1:12: Error',
  ],
  [
    'network: NetworkManager is not there',
    networkSettings('lan', { manager: 'NetworkManager', files: { 'lan.nmconnection': '[connection]\nid=lan\n' } })[0],
    '# none\n',
    'refused: this host has no nmcli',
  ],
  ['network: confirmed', confirmed, 'waiting\n', ['confirm the settings of the network']],
  [
    'network: taken back',
    confirmed,
    'taken back\n',
    'refused: the settings of the network were taken back: nobody confirmed them in time',
  ],

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
  ['flatpak: fresh', flatpak('org.gimp.GIMP'), 'remote\n', ['install the flatpak org.gimp.GIMP from flathub']],
  ['flatpak: as wanted', flatpak('org.gimp.GIMP'), 'there stable\nremote\n', []],
  ['flatpak: no remote', flatpak('org.gimp.GIMP'), '', 'refused: flatpak has no remote flathub'],
  [
    'flatpak: a remote to come',
    flatpak('org.gimp.GIMP'),
    '',
    ['install the flatpak org.gimp.GIMP from flathub'],
    {
      later: pending({
        'flatpakRemote:flathub': [{ type: 'object', of: 'flatpak remote', name: 'flathub', exists: true }],
      }),
    },
  ],
  [
    'flatpak: a remote that is to go',
    flatpak('org.gimp.GIMP'),
    'remote\n',
    'refused: flatpak has no remote flathub',
    {
      later: pending({
        'flatpakRemote:flathub': [{ type: 'object', of: 'flatpak remote', name: 'flathub', exists: false }],
      }),
    },
  ],
  [
    'flatpak: absent',
    flatpak('org.gimp.GIMP', { state: 'absent' }),
    'there stable\n',
    ['remove the flatpak org.gimp.GIMP'],
  ],
  [
    'remote: fresh',
    flatpakRemote('co', { url: 'https://co.example/repo' }),
    '',
    ['add the remote co: https://co.example/repo'],
  ],
  ['remote: as wanted', flatpakRemote('co', { url: 'https://co.example/repo/' }), 'url https://co.example/repo\n', []],
  [
    'remote: elsewhere',
    flatpakRemote('co', { url: 'https://co.example/new' }),
    'url https://co.example/repo\n',
    ['let the remote co lead to https://co.example/new (was https://co.example/repo)'],
  ],

  ['acme: fresh', cert, '', ['fetch a certificate for example.com, www.example.com']],
  ['acme: as wanted', cert, have, []],
  ['acme: over soon', cert, `${have}due\n`, ['renew the certificate example.com, which ends Feb 10 10:00:00 2027 GMT']],
  [
    'acme: another name',
    cert,
    have.replace('domain www.example.com\n', ''),
    ['fetch the certificate example.com anew for example.com, www.example.com (was example.com)'],
  ],
  [
    'acme: another server',
    acmeCertificate('example.com', {
      standalone: true,
      domains: ['example.com', 'www.example.com'],
      server: 'https://other.example/d',
    }),
    have,
    ['fetch the certificate example.com from https://other.example/d (was https://acme.example/directory)'],
  ],
  ['acme: absent', acmeCertificate('example.com', { state: 'absent' }), have, ['remove the certificate example.com']],
  [
    'acme: its file is gone, and certbot knows it',
    cert,
    'broken\n',
    ['fetch the certificate example.com, whose file is gone, anew for example.com, www.example.com'],
  ],
  [
    'acme: absent, and its file is gone',
    acmeCertificate('example.com', { state: 'absent' }),
    'broken\n',
    ['remove the certificate example.com'],
  ],
  ['acme: no certbot', cert, '# none\n', 'refused: this host has no certbot'],
]
tryRows(rows)

test('parameters of the kernel are words, whatever stands between them', () => {
  const set = new Map([
    ['console', ['console=tty0', 'console=ttyS0']],
    ['quiet', ['quiet']],
  ])
  assert.is(editWords('  a  console=x b="c d"  splash ', set, ['splash']), 'a console=tty0 console=ttyS0 b="c d" quiet')
  assert.is(editWords('quiet console=tty0 console=ttyS0', set, []), 'quiet console=tty0 console=ttyS0')
  assert.is(
    editWords('page-alloc.shuffle=0 x', new Map([['page_alloc.shuffle', ['page_alloc.shuffle=1']]]), []),
    'page_alloc.shuffle=1 x',
  )
  assert.not.ok(
    applied('console=ttyS0 console=tty0 quiet', set, []),
    'their order counts: the last console is the main one',
  )
  assert.not.ok(applied('console=tty0 console=ttyS0 quiet splash=x', set, ['splash']))
})

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => kernelCommandLine('x', {}), /given set or remove/],
    [() => kernelCommandLine('x', { set: { console: 'a b' } }), /a text, a number, true/],
    [() => passwordAging('ada', {}), /at least one option/],
    [() => passwordAging('ada', { expires: '2027-02-30' }), /a day such as/],
    [() => service('app', { user: 'ada', masked: true }), /left out with user/],
    [() => networkSettings('x', { manager: 'netplan', files: { 'a.conf': 'x' } }), /names that netplan reads/],
    [
      () => networkSettings('x', { manager: 'NetworkManager', files: { 'a.nmconnection': 'x' } }),
      /a connection with id=NAME/,
    ],
    [() => acmeCertificate('example.com', {}), /webroot, standalone/],
    [() => acmeCertificate('example.com', { standalone: true, domains: ['a b'] }), /a domain/],
    [() => snap('LXD'), /the name of a snap/],
    [() => flatpak('gimp'), /the id of an application/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()
