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
    [
      'set parameters of the module dummy (/etc/modprobe.d/rolecall-dummy.conf)',
      'create /etc/modules-load.d/dummy.conf',
      'load the module dummy',
    ],
  ],
  ['module: built in', kernelModule('dummy', { persistent: false }), `built-in\n${END}${none}`, []],
  ['module: none such', kernelModule('dummy'), `may\n${END}${none}`, 'refused: the kernel has no module dummy'],
  [
    'module: in a container',
    kernelModule('dummy'),
    `available\n${END}${none}`,
    'refused: this host cannot load the module dummy: its kernel lets no modules be changed from here',
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
    'refused: the module dummy is built into the kernel, and cannot be unloaded',
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

test('wrong options are refused before any host is touched', () => {
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [() => sudoers('a.b', rules), /sudo skips files with a dot/],
    [() => sudoers('a', { rules: [{ commands: ['ALL'] }] }), /given a user or a group/],
    [() => sudoers('a', {}), /given rules, defaults or lines/],
    [() => limits('a', { limits: [{ domain: '*', item: 'nofiles' as never, value: 1 }] }), /"nofile"/],
    [() => logrotate('a', {}), /at least one log file/],
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
