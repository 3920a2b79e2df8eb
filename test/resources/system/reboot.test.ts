import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Effect } from '../../../lib/resources/prediction/effect.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { compareKernels } from '../../../lib/resources/system/reboot-due.ts'
import { reboot, type RebootOptions } from '../../../lib/resources/system/reboot.ts'
import { file } from '../../../lib/resources/files/file.ts'
import { pkg } from '../../../lib/resources/packages/pkg.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { debian, probe, reply, shells, stepsOf, words } from '../../support/converge-locally.ts'

/** Up for 1000 s at second 5000: it booted at 4000. */
const host = (...more: string[]) =>
  [
    'boot one-7',
    'ticks 7',
    'now 5000.5',
    'uptime 1000.5',
    'container ',
    'running 6.1.0-18-amd64',
    'kernel 6.1.0-18-amd64',
    ...more,
    '',
  ].join('\n')

const conf = file('/etc/modprobe.d/x.conf', { content: 'a' })
const always: RebootOptions = { rebootedAfter: [conf, '/etc/default/grub', 'libc6', pkg('systemd')] }

const table: readonly (readonly [says: string, options: RebootOptions, have: string, then: readonly string[]])[] = [
  ['nothing asks for one', {}, host(), []],
  [
    'a package asks for one',
    {},
    host('required /run/reboot-required is there'),
    ['reboot (/run/reboot-required is there)'],
  ],
  [
    'a package asks, and that is not looked at',
    { when: ['kernel'] },
    host('required /run/reboot-required is there'),
    [],
  ],
  [
    'a newer kernel is installed',
    {},
    host('kernel 6.1.0-21-amd64'),
    ['reboot (kernel 6.1.0-21-amd64 is installed, 6.1.0-18-amd64 runs)'],
  ],
  ['an older kernel is installed', {}, host('kernel 6.1.0-9-amd64'), []],
  ['a newer kernel of another flavour is installed', {}, host('kernel 6.1.0-21-cloud-amd64'), []],
  [
    'a newer kernel, in a container that has none of its own',
    {},
    host('container lxc', 'kernel 6.1.0-21-amd64').replace('container \n', ''),
    [],
  ],
  ['a file changed before the boot', always, host('changed 3999.5 /etc/default/grub'), []],
  [
    'a file changed after the boot',
    always,
    host('changed 4001.250000000 /etc/default/grub'),
    ['reboot (/etc/default/grub changed since the boot)'],
  ],
  ['a package came after the boot', always, host('changed 4500 libc6'), ['reboot (libc6 changed since the boot)']],
  [
    'a container of docker cannot',
    {},
    host('required x').replace('container ', 'container docker'),
    ['refused: a container of docker is started again by its engine alone'],
  ],
]
for (const [says, options, have, then] of table)
  test(`${says}: ${then[0] ?? 'nothing is done'}`, () => {
    const found = words(reboot('it', options).evaluate(reply(have), debian, new Prediction()))
    assert.equal([found].flat(), then)
  })

test('only root can reboot', () => {
  const evaluation = reboot('it').evaluate(reply(host('required x')), { ...debian, uid: 1000 }, new Prediction())
  assert.match(String(words(evaluation)), 'only root can reboot a host')
})

test('the connection is taken up again when the host is in another boot, until the deadline', () => {
  const [step] = stepsOf(
    reboot('it', { deadline: 42, message: "it's time" }).evaluate(reply(host('required x')), debian, new Prediction()),
  )
  assert.is(step?.reconnect?.deadline, 42)
  assert.match(step?.reconnect?.until.text ?? '', 'one-7')
  assert.match(step?.sh.text ?? '', /shutdown -r now .*s time/)
})

const path = (name: string): Effect => ({
  type: 'path',
  path: name,
  state: { type: 'file', content: Buffer.from('b') },
})
const comes = (name: string): Effect => ({ type: 'package', name, installed: true })
const predicted: readonly (readonly [
  says: string,
  options: RebootOptions,
  pending: readonly Effect[],
  then: string,
])[] = [
  ['a file of rebootedAfter is to change', always, [path('/etc/modprobe.d/x.conf')], 'reboot (after x:1)'],
  ['another file is to change', always, [path('/etc/other')], ''],
  ['a package of rebootedAfter is to come', { ...always, when: [] }, [comes('systemd')], 'reboot (after x:1)'],
  ['a newer kernel is to come, by its name', {}, [comes('linux-image-6.1.0-21-amd64')], 'reboot (after x:1)'],
  [
    'an older kernel is to come, by its name',
    { when: ['kernel'] },
    [comes('linux-image-6.1.0-9-amd64')],
    'unknown: whether x:1 leads to a reboot is known only after it',
  ],
  ['some package is to come', {}, [comes('nginx')], 'unknown: whether x:1 leads to a reboot is known only after it'],
  ['a command is to run', {}, [{ type: 'anything' }], 'unknown: whether x:1 leads to a reboot is known only after it'],
  ['a command is to run, and only files count', { ...always, when: [] }, [{ type: 'anything' }], ''],
  [
    'a file is to change and the host is rebooted behind that',
    always,
    [path('/etc/modprobe.d/x.conf'), { type: 'boot' }],
    '',
  ],
  [
    'the host is rebooted, and a file is to change behind that',
    always,
    [{ type: 'boot' }, path('/etc/modprobe.d/x.conf')],
    'reboot (after x:2)',
  ],
]
for (const [says, options, pending, then] of predicted)
  test(`in check, ${says}: ${then === '' ? 'nothing is foreseen' : then}`, () => {
    const prediction = new Prediction()
    pending.forEach((effect, at) => prediction.record(`x:${at + 1}`, [effect]))
    assert.is([words(reboot('it', options).evaluate(reply(host()), debian, prediction))].flat().join(), then)
  })

test('a pending reboot takes the place of a pending restart, and what is not enabled has to be started after it', () => {
  const prediction = new Prediction()
  prediction.record('file:/etc/app', [path('/etc/app')])
  prediction.record('reboot:it', [{ type: 'boot' }])
  const unit = (state: string, file: string) =>
    reply(
      `Id=app.service\nLoadState=loaded\nActiveState=${state}\nSubState=running\nUnitFileState=${file}\nType=simple\nRemainAfterExit=no\nNeedDaemonReload=no\nExecMainStartTimestamp=Mon 2026-11-23 09:31:27.123456 UTC\n# ahead +0000\n# own 1.000000000\n# far 1.000000000\n`,
    )
  const app = service('app', { running: true, restartedAfter: ['/etc/app'] })
  assert.equal(words(app.evaluate(unit('active', 'enabled'), debian, prediction)), [])
  assert.equal(words(app.evaluate(unit('active', 'disabled'), debian, prediction)), ['start app'])
  assert.equal(words(app.evaluate(unit('inactive', 'enabled'), debian, prediction)), [])
  prediction.record('file:/etc/app', [path('/etc/app')])
  assert.equal(words(app.evaluate(unit('active', 'enabled'), debian, prediction)), [
    'restart app (after file:/etc/app)',
  ])
})

test('kernels are compared by their numbers', () => {
  const kernels = [
    '5.14.0-362.el9.x86_64',
    '5.14.0-70.13.1.el9_0.x86_64',
    '5.14.0-362.8.1.el9_3.x86_64',
    '6.1.0-9-amd64',
    '6.1.0-18-amd64',
    '5.15.0-91-generic',
  ]
  assert.equal(kernels.toSorted(compareKernels), [
    '5.14.0-70.13.1.el9_0.x86_64',
    '5.14.0-362.el9.x86_64',
    '5.14.0-362.8.1.el9_3.x86_64',
    '5.15.0-91-generic',
    '6.1.0-9-amd64',
    '6.1.0-18-amd64',
  ])
})

test('wrong options are refused with what was meant', () => {
  assert.throws(() => reboot('it', { when: ['kernels'] as never }), /"required" or "kernel"/)
  assert.throws(() => reboot('it', { when: [] }), /something in when or rebootedAfter/)
  assert.throws(() => reboot('it', { rebootedAfter: ['etc/passwd'] }), /an absolute path or the name of a package/)
  assert.throws(() => reboot('it', { after: ['/etc'] } as never), /unknown option "after"/)
})

for (const shell of shells()) {
  test(`${shell.name}: the boot, the kernel and the times of paths and packages are told`, async () => {
    const said = await probe(shell, reboot('it', { rebootedAfter: ['/etc/passwd', '/no/such', 'dpkg'] }))
    assert.match(said.text, /^boot [\da-f-]{36}-\d+$/m)
    assert.match(said.text, /^running \d/m)
    assert.match(said.text, /^changed \d+(\.\d+)? [/]etc[/]passwd$/m)
    assert.not.match(said.text, /no.such/)
    assert.match(said.text, /^changed \d+(\.\d+)? dpkg$/m)
  })
}

test.run()
