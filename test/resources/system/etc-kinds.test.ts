import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Facts } from '../../../lib/facts.ts'
import { mount } from '../../../lib/resources/disks/mount.ts'
import { limits } from '../../../lib/resources/drop-ins/limits.ts'
import { logrotate } from '../../../lib/resources/drop-ins/logrotate.ts'
import { profile } from '../../../lib/resources/drop-ins/profile.ts'
import { sudoers } from '../../../lib/resources/drop-ins/sudoers.ts'
import { tmpfiles } from '../../../lib/resources/drop-ins/tmpfiles.ts'
import { kernelModule } from '../../../lib/resources/kernel/kernel-module.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { Prediction, type Effect } from '../../../lib/resources/prediction/prediction.ts'
import { locale } from '../../../lib/resources/system/locale.ts'
import { timezone } from '../../../lib/resources/time/timezone.ts'
import { sh } from '../../../lib/sh/quote.ts'
import { ask, debian, reply, rocky, run, shells, stepsOf, words } from '../../support/converge-locally.ts'

const END = '\n# end of what holds now\n'
const none = 'none 0 9 dir\n'
const file = (text: string, mode = '81a4') => `have 0 ${mode} ${text.length} 0 0 root:root\ncontent\n${text}`

/** What the host says, and what is to be done about it. */
type Row = readonly [says: string, resource: Resource, said: string, then: readonly string[] | string, facts?: Facts]

const rules = { rules: [{ user: 'deploy', commands: ['/bin/ls'], noPassword: true }] }
const SUDOERS = '# Kept by Rolecall: changes are lost.\ndeploy ALL=(ALL:ALL) NOPASSWD: /bin/ls\n'
const data = { source: '/dev/sdb1', type: 'ext4', options: ['noatime'] }
const FSTAB = '/dev/sdb1 /srv ext4 noatime 0 0\n'
const srv = (options: string) => `directory\nmounted ${options} - ext4 /dev/sdb1 rw\ndevice /dev/sdb1`
const may = 'available\nmay'

/** A run that came by sudo as ops, with files of sudoers.d. */
const login = (...files: readonly string[]) =>
  [
    'login ops',
    'word ALL',
    'word ops',
    'word #1000',
    'word %ops',
    'word %wheel',
    'file /etc/sudoers',
    'line root ALL=(ALL:ALL) ALL',
  ]
    .concat(
      files.flatMap((each) => [
        `file /etc/sudoers.d/${each.split(': ')[0] ?? ''}`,
        `line ${each.slice(each.indexOf(': ') + 2)}`,
      ]),
    )
    .join('\n')

const rows: readonly Row[] = [
  ['sudoers: fresh', sudoers('deploy', rules), none, ['create /etc/sudoers.d/deploy']],
  ['sudoers: drifted', sudoers('deploy', rules), file('x\n', '8120'), ['write /etc/sudoers.d/deploy']],
  [
    'sudoers: mode drifted',
    sudoers('deploy', rules),
    `have 0 81a4 ${SUDOERS.length} 0 0 root:root\nsame\n`,
    ['set mode 0440 of /etc/sudoers.d/deploy (was 0644)'],
  ],
  [
    'sudoers: absent',
    sudoers('deploy', { state: 'absent' }),
    'have 0 8120 2 0 0 root:root\n',
    ['remove /etc/sudoers.d/deploy'],
  ],
  ['sudoers: absent already', sudoers('deploy', { state: 'absent' }), none, []],
  [
    'sudoers: a directory in its place',
    sudoers('deploy', { state: 'absent' }),
    'have 0 41ed 2 0 0 root:root\n',
    'refused: /etc/sudoers.d/deploy is a directory, not a file',
  ],
  [
    'sudoers: sudo is not there',
    sudoers('deploy', rules),
    'none 0 4 absent\n',
    'refused: /etc/sudoers.d/deploy cannot be made: there is no directory /etc/sudoers.d',
  ],
  [
    'sudoers: the login of this run would be asked for a password',
    sudoers('ops', { rules: [{ user: 'ops' }] }),
    `${login('90-cloud: ops ALL=(ALL) NOPASSWD:ALL')}${END}${none}`,
    'refused: sudo would ask for a password of ops then, the account that this run logged in as: the next run could not get in',
  ],
  [
    'sudoers: the same by its group, in lines',
    sudoers('zz', { lines: ['%wheel ALL=(ALL:ALL) ALL'] }),
    `${login('ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}${none}`,
    'refused: sudo would ask for a password of ops then, the account that this run logged in as: the next run could not get in',
  ],
  [
    'sudoers: what lets this run in would go',
    sudoers('ops', { state: 'absent' }),
    `${login('ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}have 0 8120 2 0 0 root:root\n`,
    'refused: sudo would refuse ops then, the account that this run logged in as: the next run could not get in',
  ],
  [
    'sudoers: a later file lets this run in',
    sudoers('ops', { rules: [{ user: 'ops' }] }),
    `${login('zz-cloud: ops ALL=(ALL) NOPASSWD:ALL')}${END}${none}`,
    ['create /etc/sudoers.d/ops'],
  ],
  [
    'sudoers: the login of this run, without a password',
    sudoers('zz', { rules: [{ group: 'wheel', noPassword: true }] }),
    `${login('ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}${none}`,
    ['create /etc/sudoers.d/zz'],
  ],
  [
    'sudoers: another account, and commands that are no shell',
    sudoers('zz', { rules: [{ user: 'deploy' }, { user: 'ops', commands: ['/bin/ls'] }, { user: 'ops', as: 'app' }] }),
    `${login('ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}${none}`,
    ['create /etc/sudoers.d/zz'],
  ],
  [
    'sudoers: aliases may let it in',
    sudoers('ops', { state: 'absent' }),
    `${login('a: User_Alias ADMINS = ops', 'b: ADMINS ALL=(ALL) NOPASSWD: ALL', 'ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}have 0 8120 2 0 0 root:root\n`,
    ['remove /etc/sudoers.d/ops'],
  ],
  [
    'limits: fresh',
    limits('db', { limits: [{ domain: 'db', item: 'nofile', value: 1024 }] }),
    none,
    ['create /etc/security/limits.d/db.conf'],
  ],
  [
    'profile: fresh',
    profile('java', { environment: { JAVA_HOME: '/opt/java' } }),
    none,
    ['create /etc/profile.d/java.sh'],
  ],
  [
    'logrotate: fresh',
    logrotate('app', { paths: ['/var/log/app.log'], keep: 3 }),
    none,
    ['create /etc/logrotate.d/app'],
  ],
  [
    'tmpfiles: fresh',
    tmpfiles('app', { entries: [{ type: 'd', path: '/run/app' }] }),
    `/run/app\n${END}${none}`,
    ['create /etc/tmpfiles.d/app.conf', 'make /run/app by /etc/tmpfiles.d/app.conf'],
  ],
  [
    'tmpfiles: a user that the host does not know',
    tmpfiles('app', { entries: [{ type: 'd', path: '/run/app', user: 'app' }] }),
    `/run/app\nlacks user app\n${END}none 0 13 dir\n`,
    'refused: the host knows no user app',
  ],
  [
    'tmpfiles: absent',
    tmpfiles('app', { state: 'absent' }),
    `${END}have 0 8120 2 0 0 root:root\n`,
    ['remove /etc/tmpfiles.d/app.conf'],
  ],

  [
    'module: fresh',
    kernelModule('dummy', { params: 'numdummies=2' }),
    `${may}${END}${none}`,
    // What cannot be loaded is kept in no file.
    [
      'load the module dummy',
      'set parameters of the module dummy (/etc/modprobe.d/rolecall-dummy.conf)',
      'create /etc/modules-load.d/dummy.conf',
    ],
  ],
  [
    'module: barred until now',
    kernelModule('dummy'),
    `${may}\nrules\nrule blacklist dummy\nrule install dummy /bin/false${END}${none}`,
    ['remove /etc/modprobe.d/rolecall-dummy.conf', 'load the module dummy', 'create /etc/modules-load.d/dummy.conf'],
  ],
  [
    'module: absent, in use by another',
    kernelModule('dummy', { state: 'absent' }),
    `loaded\nused bond0 \n${may}${END}${none}`,
    'refused: the module dummy is in use by bond0, and cannot be unloaded',
  ],
  [
    'module: absent, in use by a process',
    kernelModule('dummy', { state: 'absent' }),
    `loaded\nused \n${may}${END}${none}`,
    'refused: the module dummy is in use by something, and cannot be unloaded',
  ],
  ['module: built in', kernelModule('dummy', { persistent: false }), `built-in\n${END}${none}`, []],
  [
    'module: a directory in the place of its parameters',
    kernelModule('dummy', { now: false, params: 'a=1' }),
    `blocked\n${END}${none}`,
    'refused: /etc/modprobe.d/rolecall-dummy.conf is a directory, not a file',
  ],
  ['module: none such', kernelModule('dummy'), `may\n${END}${none}`, 'refused: the kernel has no module dummy'],
  [
    'module: in a container',
    kernelModule('dummy'),
    `available\n${END}${none}`,
    'refused: this host cannot load the module dummy: its kernel does not allow changing modules from here',
  ],
  [
    'module: for the next boot only',
    kernelModule('dummy', { now: false }),
    `${END}${none}`,
    ['create /etc/modules-load.d/dummy.conf'],
  ],
  [
    'module: absent and barred',
    kernelModule('dummy', { state: 'absent', blacklist: true }),
    `loaded\n${may}${END}have 0 81a4 9 0 0 root:root\n`,
    [
      'keep the module dummy from being loaded (/etc/modprobe.d/rolecall-dummy.conf)',
      'unload the module dummy',
      'remove /etc/modules-load.d/dummy.conf',
    ],
  ],
  [
    'module: absent, built in',
    kernelModule('dummy', { state: 'absent' }),
    `built-in\n${END}${none}`,
    'refused: the module dummy is built into the kernel and cannot be unloaded',
  ],

  [
    'mount: fresh',
    mount('/srv', data),
    `device /dev/sdb1${END}${file('# c\n')}`,
    // What cannot be mounted is not left in fstab: the next boot would wait for it.
    [
      'make directory /srv',
      'mount /dev/sdb1 at /srv',
      'edit /etc/fstab: /dev/sdb1 at /srv',
      'reload systemd (fstab changed)',
    ],
  ],
  [
    'mount: a UUID that no device has',
    mount('/srv', { ...data, source: 'UUID=1234-5678' }),
    `new source${END}${file('# c\n')}`,
    'refused: there is no UUID=1234-5678 to mount at /srv',
  ],
  [
    'mount: a tmpfs of another size',
    mount('/tmp', { source: 'tmpfs', type: 'tmpfs', options: ['size=2G', 'nosuid'] }),
    `directory\nmounted rw,nosuid - tmpfs tmpfs rw\nroom 131072 4096${END}${file('tmpfs /tmp tmpfs size=2G,nosuid 0 0\n')}`,
    ['remount /tmp with size=2G'],
  ],
  [
    'mount: a tmpfs of the size, in whole pages',
    mount('/tmp', { source: 'tmpfs', type: 'tmpfs', options: ['size=1000k'] }),
    `directory\nmounted rw - tmpfs tmpfs rw\nroom 250 4096${END}${file('tmpfs /tmp tmpfs size=1000k 0 0\n')}`,
    [],
  ],
  [
    'mount: a tmpfs by its share of the memory',
    mount('/tmp', { source: 'tmpfs', type: 'tmpfs', options: ['size=50%'] }),
    `directory\nmounted rw - tmpfs tmpfs rw\nroom 250 4096${END}${file('tmpfs /tmp tmpfs size=50% 0 0\n')}`,
    [],
  ],
  [
    'mount: a line of fstab with a slash at the end of its directory',
    mount('/srv', data),
    `${srv('rw,noatime')}${END}${file('/dev/sdb1 /srv/ ext4 noatime 0 0\n')}`,
    ['edit /etc/fstab: /dev/sdb1 at /srv', 'reload systemd (fstab changed)'],
  ],
  [
    'mount: absent, where fstab has a slash at the end',
    mount('/srv', { state: 'absent' }),
    `directory${END}${file('# c\n/dev/sdb1 /srv/ ext4 noatime 0 0\n')}`,
    ['edit /etc/fstab: remove /srv', 'reload systemd (fstab changed)'],
  ],
  ['mount: as wanted', mount('/srv', data), `${srv('rw,noatime')}${END}${file(FSTAB)}`, []],
  [
    'mount: other options',
    mount('/srv', data),
    `${srv('rw,relatime')}${END}${file(FSTAB)}`,
    ['remount /srv with noatime'],
  ],
  [
    'mount: another device',
    mount('/srv', { ...data, source: '/dev/sdc1' }),
    `directory\nmounted rw - ext4 /dev/sdb1 rw\ndevice /dev/sdc1${END}${file('')}`,
    'refused: /dev/sdb1 is mounted at /srv, not /dev/sdc1',
  ],
  [
    'mount: in fstab only',
    mount('/srv', { ...data, state: 'present' }),
    `${END}${file('')}`,
    ['edit /etc/fstab: /dev/sdb1 at /srv', 'reload systemd (fstab changed)'],
  ],
  [
    'mount: not in fstab',
    mount('/srv', { ...data, persistent: false }),
    `directory${END}${file('')}`,
    ['mount /dev/sdb1 at /srv'],
  ],
  ['mount: unmounted', mount('/srv', { state: 'unmounted' }), `${srv('rw')}${END}${file(FSTAB)}`, ['unmount /srv']],
  [
    'mount: absent',
    mount('/srv', { state: 'absent' }),
    `${srv('rw')}${END}${file(FSTAB)}`,
    ['unmount /srv', 'edit /etc/fstab: remove /srv', 'reload systemd (fstab changed)'],
  ],
  [
    'mount: a file in its place',
    mount('/srv', data),
    `other${END}${file(FSTAB)}`,
    'refused: /srv is not a directory, so nothing can be mounted there',
  ],
  [
    'mount: a link to no directory in its place',
    mount('/srv', data),
    `link /gone${END}${file(FSTAB)}`,
    'refused: /srv is a symbolic link to no directory, so nothing can be mounted there',
  ],
  [
    'mount: a file above it',
    mount('/srv/a/b', data),
    `blocked /srv/a${END}${file(FSTAB)}`,
    'refused: /srv/a/b cannot be made: /srv/a is not a directory',
  ],

  [
    'timezone: fresh on Debian',
    timezone('Europe/Berlin'),
    'link ../usr/share/zoneinfo/Etc/UTC\nknown\nkeeps\nfile Etc/UTC\n',
    ['set time zone Europe/Berlin (was Etc/UTC)'],
  ],
  [
    'timezone: the file drifted',
    timezone('UTC'),
    'link /usr/share/zoneinfo/UTC\nknown\nkeeps\nfile Etc/UTC\n',
    ['set time zone UTC (was Etc/UTC in /etc/timezone)'],
  ],
  ['timezone: as wanted on Red Hat', timezone('UTC'), 'link ../usr/share/zoneinfo/UTC\nknown\n', [], rocky],
  ['timezone: none such', timezone('Mars/Base'), 'link \n', 'refused: the host knows no time zone Mars/Base'],

  [
    'locale: fresh on Debian',
    locale('de_DE.UTF-8', { default: true }),
    `has C.utf8\nlocale-gen\nsource\n${END}${none}`,
    ['make the locale de_DE.UTF-8', 'create /etc/default/locale: LANG=de_DE.UTF-8'],
  ],
  [
    'locale: fresh on Red Hat',
    locale('de_DE.UTF-8', { default: true }),
    `has C.utf8\nlocaledef\nsource\n${END}${file('LANG=C\n')}`,
    ['make the locale de_DE.UTF-8', 'edit /etc/locale.conf: LANG=de_DE.UTF-8'],
    rocky,
  ],
  [
    'locale: as wanted',
    locale('de_DE.UTF-8', { default: true }),
    `has de_DE.utf8\n${END}${file('LANG="de_DE.UTF-8"\n')}`,
    [],
  ],
  [
    'locale: no source',
    locale('de_DE.UTF-8'),
    `localedef\n${END}${none}`,
    'refused: the host cannot make the locale de_DE.UTF-8: its source is not there',
    rocky,
  ],
  [
    'locale: absent',
    locale('de_DE.UTF-8', { state: 'absent' }),
    `has de_DE.utf8\nlocaledef\n${END}${none}`,
    ['remove the locale de_DE.UTF-8'],
  ],
]
for (const [says, resource, said, then, facts = debian] of rows)
  test(says, () => assert.equal(words(resource.evaluate(reply(said), facts, new Prediction())), then))

for (const shell of shells()) {
  test(`${shell.name}: what is to be done is read by the shell`, async () => {
    for (const [says, resource, said, , facts = debian] of rows)
      for (const step of stepsOf(resource.evaluate(reply(said), facts, new Prediction()))) {
        const { code, stderr } = await run(shell, sh`sh -n -c ${step.sh.text}`)
        assert.is(code, 0, `${says}: ${step.summary}: ${stderr}`)
      }
  })

  test(`${shell.name}: every question is answered`, async () => {
    const seen = new Set<string>()
    for (const [says, resource] of rows) {
      if (seen.has(resource.id)) continue
      seen.add(resource.id)
      const evaluation = await ask(shell, resource)
      assert.ok('plan' in evaluation || 'refused' in evaluation, says)
    }
  })
}

const after = (resource: Resource, said: string, ...effects: readonly Effect[]) => {
  const prediction = new Prediction()
  prediction.record('pkg:it', effects)
  return words(resource.evaluate(reply(said), debian, prediction))
}
const pkg = { type: 'package', name: 'sudo', installed: true } as const

test('what comes with a package is not refused beforehand', () => {
  assert.equal(after(sudoers('deploy', rules), 'none 0 4 absent\n', pkg), ['create /etc/sudoers.d/deploy'])
  assert.equal(after(timezone('UTC'), 'link \n', pkg), ['set time zone UTC (was none)'])
  assert.match(String(after(locale('de_DE.UTF-8'), `${END}${none}`, pkg)), /^unknown: /)
  assert.match(
    String(after(sudoers('old', { state: 'absent' }), none, pkg)),
    /^unknown: \/etc\/sudoers.d\/old may come with/,
  )
})

test('a file that something before writes is taken as it will be', () => {
  const state = { type: 'file', content: Buffer.from(SUDOERS), mode: '0440', owner: 'root', group: 'root' } as const
  assert.equal(after(sudoers('deploy', rules), none, { type: 'path', path: '/etc/sudoers.d/deploy', state }), [])
})

test('what earlier resources make of other files of sudo counts', () => {
  const said = `${login('ops: ops ALL=(ALL) NOPASSWD: ALL')}${END}have 0 8120 2 0 0 root:root\n`
  const gone = (...effects: readonly Effect[]) => after(sudoers('ops', { state: 'absent' }), said, ...effects)
  const path = '/etc/sudoers.d/wheel'
  const content = Buffer.from('%wheel ALL=(ALL) NOPASSWD: ALL\n')
  assert.equal(gone({ type: 'path', path, state: { type: 'file', content } }), ['remove /etc/sudoers.d/ops'])
  assert.match(String(gone({ type: 'path', path, state: { type: 'file' } })), /^unknown: what pkg:it writes into/)
  assert.match(
    String(gone({ type: 'anything' })),
    /^unknown: whether sudo lets ops in without a password is known only/,
  )
})

test('whether a module is still in use is known only after what may end its use', () => {
  const gone = after(kernelModule('dummy', { state: 'absent' }), `loaded\nused \n${may}${END}${none}`, {
    type: 'mount',
    path: '/srv',
    state: 'unmounted',
  })
  assert.is(gone, 'unknown: whether the module dummy is still in use is known only after pkg:it')
})

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => sudoers('a.b', rules), /sudo skips files with a dot/],
    [() => sudoers('a', { rules: [{ commands: ['ALL'] }] }), /given a user or a group/],
    [() => sudoers('a', {}), /given rules, defaults or lines/],
    [() => limits('a', { limits: [{ domain: '*', item: 'nofiles' as never, value: 1 }] }), /"nofile"/],
    // The next line would belong to it.
    [() => sudoers('a', { lines: ['ops ALL=(ALL) ALL \\'] }), /Expected lines\[0\] of sudoers:a to be one line/],
    [() => kernelModule('dummy', { params: 'numdummies=2 \\' }), /Expected params of kernelModule:dummy/],
    [() => logrotate('a', {}), /at least one log file/],
    [() => logrotate('a.bak', { paths: ['/x'] }), /without an ending that logrotate skips/],
    [() => logrotate('a.dpkg-old', { paths: ['/x'] }), /without an ending that logrotate skips/],
    [() => logrotate('a', { paths: ['/x'], create: { mode: '0640', group: 'adm' } }), /given an owner with its group/],
    [() => mount('/srv', { source: '/dev/sdb1' }), /the type of the file system/],
    [() => mount('/srv', { state: 'absent', source: 'x' }), /left out with state: absent/],
    [() => mount('/srv', { ...data, state: 'remounted' as never }), /"mounted"/],
    [() => kernelModule('a', { blacklist: true }), /left out without state: absent/],
    [() => timezone('../etc'), /Europe\/Berlin/],
    [() => locale('en_US.UTF-8', { variables: { PATH: 'x' } }), /names such as LC_TIME/],
    [() => tmpfiles('a', { entries: [{ type: 'd', path: 'run' }] }), /an absolute path/],
  ]
  for (const [make, message] of wrong) assert.throws(make, message)
})

test.run()
