import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { file } from '../../../lib/resources/files/file.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { service, type ServiceOptions, type ServiceWant } from '../../../lib/resources/systemd/service.ts'
import { debian, reply, run, scratch, shells, words } from '../../support/converge-locally.ts'
import { absent, after, changed, conf, on, second, stopped, unit } from './unit-answers.ts'

type Row = readonly [says: string, want: ServiceOptions, have: string, then: readonly string[] | string]
const table: readonly Row[] = [
  ['running and enabled: nothing to do', on, unit(), []],
  ['stopped: start it', on, unit(stopped), ['start named']],
  ['failed: start it, and say so', on, unit({ ActiveState: 'failed' }), ['start named, which failed']],
  [
    'failing again and again: start it',
    on,
    unit({ ActiveState: 'activating', SubState: 'auto-restart' }),
    ['start named'],
  ],
  ['reloading: it runs', on, unit({ ActiveState: 'reloading' }), []],
  ['disabled: enable it', on, unit({ UnitFileState: 'disabled' }), ['enable named']],
  [
    'enabled by a generator, at each boot: nothing to do',
    on,
    `${unit({ UnitFileState: 'enabled-runtime' })}\n# generated-link\n`,
    [],
  ],
  ['enabled until the next boot: enable it', on, unit({ UnitFileState: 'enabled-runtime' }), ['enable named']],
  ['running, and not wanted so: stop it', { running: false }, unit(), ['stop named']],
  ['failed, and not wanted to run: nothing to do', { running: false }, unit({ ActiveState: 'failed' }), []],
  ['enabled, and not wanted so: disable it', { enabled: false }, unit(), ['disable named']],
  ['static, and not wanted enabled: nothing to do', { enabled: false }, unit({ UnitFileState: 'static' }), []],
  ['left out: not managed', { masked: false }, unit({ ...stopped, UnitFileState: 'disabled' }), []],
  [
    'masked, and wanted: unmask it, and say so',
    on,
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }),
    ['unmask named', 'enable named', 'start named'],
  ],
  [
    'nothing but a mask: refused',
    on,
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }, 'mask-alone'),
    'refused: there is no unit named.service, only its mask',
  ],
  [
    'nothing but a mask, and that is not wanted: take it away',
    { masked: false },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }, 'mask-alone'),
    ['unmask named'],
  ],
  [
    'masked, as wanted: nothing to do',
    { masked: true },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked' }),
    [],
  ],
  [
    'masked, with drop-ins, of which systemd always says that they have changed: nothing to do',
    { masked: true },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked', NeedDaemonReload: 'yes' }, 'still-masked'),
    [],
  ],
  [
    'masked as far as systemd knows, and a file in place of the mask since: read it, and mask it',
    { masked: false },
    unit({ ...stopped, LoadState: 'masked', UnitFileState: 'masked', NeedDaemonReload: 'yes' }),
    ['reload systemd (the unit file of named changed)', 'unmask named'],
  ],
  ['to be masked: stop it, then mask it', { masked: true, running: false }, unit(), ['stop named', 'mask named']],
  ['missing, and to be masked: mask it', { masked: true }, absent, ['mask named']],
  [
    'its unit file changed: systemd reads it first',
    on,
    unit({ ...stopped, NeedDaemonReload: 'yes' }),
    ['reload systemd (the unit file of named changed)', 'start named'],
  ],
  ['static, and wanted by another unit: it counts as enabled', on, unit({ UnitFileState: 'static' }), []],
  [
    'static, and wanted by nobody: refused',
    on,
    unit({ UnitFileState: 'static', WantedBy: '' }),
    'refused: named.service cannot be enabled: it has no [Install] section, and no other unit wants it',
  ],
  ['an init script that starts at boot: nothing to do', on, unit({ UnitFileState: 'generated' }, 'init-script 1'), []],
  [
    'an init script that does not: enable it',
    on,
    unit({ UnitFileState: 'generated' }, 'init-script 0'),
    ['enable named'],
  ],
  [
    'an init script that is not to: disable it',
    { enabled: false },
    unit({ UnitFileState: 'generated' }, 'init-script 1'),
    ['disable named'],
  ],
  ['missing: refused', on, absent, 'refused: there is no unit named.service'],
  ['missing, and only to be off: nothing to do', { running: false, enabled: false }, absent, []],
  [
    'unreadable: refused',
    on,
    unit({ LoadState: 'bad-setting' }),
    'refused: systemd cannot read named.service (bad-setting)',
  ],
  [
    'a oneshot that ends by itself is never running: refused',
    on,
    unit({ Type: 'oneshot' }),
    'refused: named.service ends by itself (Type=oneshot), so it is never running',
  ],
  ['a oneshot that remains: nothing to do', on, unit({ Type: 'oneshot', RemainAfterExit: 'yes' }), []],
  [
    'another init: refused, and it is named',
    on,
    '# init busybox\n',
    'refused: services need systemd, and the init of this host is busybox',
  ],
  ['systemctl does not answer: refused', on, '# silent\n', 'refused: systemctl does not answer about named.service'],

  ['changed before the start: nothing to do', after, unit({}, ...changed(`${second - 9}.100000000`)), []],
  [
    'changed after the start: restart, and say why',
    after,
    unit({}, ...changed(`${second + 2}.100000000`)),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:09)'],
  ],
  [
    'changed after the start, within the second: restart',
    after,
    unit({}, ...changed(`${second}.900000000`)),
    ['restart named (started 12:01:07.500, /etc/named.conf changed 12:01:07.900)'],
  ],
  [
    'changed before the start, within the second: nothing to do',
    after,
    unit({}, ...changed(`${second}.400000000`)),
    [],
  ],
  [
    'changed within one tick of the kernel before the start: that may be after it, so restart',
    after,
    unit({}, ...changed(`${second}.495000000`)),
    ['restart named (started 12:01:07.500, /etc/named.conf changed 12:01:07.495)'],
  ],
  [
    'in the same second, and the file knows no fractions: restart',
    after,
    unit({}, ...changed(String(second))),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:07)'],
  ],
  [
    'in the same second, and the file system keeps no fractions: restart',
    after,
    unit({}, ...changed(`${second}.000000000`)),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:07)'],
  ],
  [
    'in the same second, and an old systemd knows no fractions: restart',
    after,
    unit({ ExecMainStartTimestamp: 'Mon 2026-11-23 12:01:07 UTC' }, ...changed(`${second}.100000000`)),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:07)'],
  ],
  [
    'a second earlier, and an old systemd: nothing to do',
    after,
    unit({ ExecMainStartTimestamp: 'Mon 2026-11-23 12:01:07 UTC' }, ...changed(`${second - 1}.999000000`)),
    [],
  ],
  [
    'on another day: the days are named',
    after,
    unit({}, ...changed(`${second + 86400}.100000000`)),
    ['restart named (started 2026-11-23 12:01:07, /etc/named.conf changed 2026-11-24 12:01:07)'],
  ],
  [
    'times are told in the local time of the host',
    after,
    unit({}, 'ahead +0530', `own ${second + 2}.1`, `far ${second + 2}`),
    ['restart named (started 17:31:07, /etc/named.conf changed 17:31:09)'],
  ],
  [
    'what a link leads to changed: restart',
    after,
    unit({}, 'ahead +0000', `own ${second - 9}.100000000`, `far ${second + 2}.100000000`),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:09)'],
  ],
  [
    'an input is gone: its directory says when',
    after,
    unit({}, 'ahead +0000', `above ${second + 2}.100000000`, `far ${second + 2}.100000000`),
    ['restart named (started 12:01:07, /etc/named.conf or what is beside it changed 12:01:09)'],
  ],
  [
    'the clock was set back since the start: restart',
    after,
    unit({}, ...changed(`${second - 9}.100000000`, 'future ExecMainStart')),
    ['restart named (the clock was set back since it started)'],
  ],
  [
    'a forking daemon read its files before systemd knew its main process: the start of the unit counts',
    after,
    unit(
      { Type: 'forking', InactiveExitTimestamp: 'Mon 2026-11-23 12:01:05.000000 UTC' },
      ...changed(`${second - 1}.100000000`),
    ),
    ['restart named (started 12:01:05, /etc/named.conf changed 12:01:06)'],
  ],
  [
    'a unit without a main process: the start of the unit counts',
    after,
    unit({ Type: '', ExecMainStartTimestamp: '' }, ...changed(`${second + 2}.100000000`)),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:09)'],
  ],
  [
    'stopped, and an input changed: start is enough',
    after,
    unit(stopped, ...changed(`${second + 2}.1`)),
    ['start named'],
  ],
  [
    'not to run, and an input changed: stop it',
    { ...after, running: false, enabled: true },
    unit({}, ...changed(`${second + 2}.1`)),
    ['stop named'],
  ],
  [
    'not managed whether it runs, and it runs: restart',
    { restartedAfter: [conf] },
    unit({}, ...changed(`${second + 2}.100000000`)),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:01:09)'],
  ],
  [
    'not managed whether it runs, and it does not: nothing to do',
    { restartedAfter: [conf] },
    unit(stopped, ...changed(`${second + 2}.1`)),
    [],
  ],
]
const reloads: ServiceOptions = { running: true, reloadedAfter: [conf] }
const active = (more: string) => `Mon 2026-11-23 ${more} UTC`
const read = (last: string, more = {}) =>
  unit(
    {
      CanReload: 'yes',
      ReloadResult: 'success',
      ActiveEnterTimestamp: active('12:01:07.500000'),
      StateChangeTimestamp: active(last),
      ...more,
    },
    ...changed(`${second + 60}.000000000`),
  )
const reloadTable: readonly Row[] = [
  [
    'changed since the start: reload it',
    reloads,
    read('12:01:07.500000'),
    ['reload named (started 12:01:07, /etc/named.conf changed 12:02:07)'],
  ],
  ['changed since the start, and reloaded after that: nothing to do', reloads, read('12:03:00.000000'), []],
  [
    'changed since its last reload: reload it',
    reloads,
    read('12:01:30.000000'),
    ['reload named (reloaded 12:01:30, /etc/named.conf changed 12:02:07)'],
  ],
  [
    'its last reload failed: once more',
    reloads,
    read('12:03:00.000000', { ReloadResult: 'exit-code' }),
    ['reload named (its last reload failed)'],
  ],
  [
    'it cannot reload: restart it, and say so',
    reloads,
    read('12:01:07.500000', { CanReload: 'no' }),
    ['restart named, which cannot reload (started 12:01:07, /etc/named.conf changed 12:02:07)'],
  ],
  [
    'a restart that is due takes the place of a reload',
    { ...reloads, restartedAfter: [conf] },
    read('12:01:07.500000'),
    ['restart named (started 12:01:07, /etc/named.conf changed 12:02:07)'],
  ],
  ['stopped: start it, which reads everything', reloads, read('12:01:07.500000', stopped), ['start named']],
  [
    'a reload from a clock that was set back since: reload it',
    reloads,
    `${read('12:03:00.000000')}# future StateChange\n`,
    ['reload named (the clock was set back since it read its settings)'],
  ],
]
for (const [says, want, have, then] of reloadTable) {
  test(says, () => assert.equal(words(service('named', want).evaluate(reply(have), debian, new Prediction())), then))
}

const starting: readonly (readonly [says: string, notes: readonly string[], then: readonly string[] | string])[] = [
  ['what it starts is there', ['needs rtb.service loaded', 'needs sysinit.target loaded'], ['start x.timer']],
  [
    'what it starts is not there: refused',
    ['needs rtb.service not-found'],
    'refused: x.timer cannot be started: there is no unit rtb.service, which it needs',
  ],
  [
    'what it starts is masked: refused',
    ['needs rtb.service masked'],
    'refused: x.timer cannot be started: rtb.service, which it needs, is masked',
  ],
  [
    'what it starts is broken: refused',
    ['needs rtb.service bad-setting'],
    'refused: x.timer cannot be started: systemd cannot read rtb.service (bad-setting), which it needs',
  ],
]
for (const [says, notes, then] of starting)
  test(`a timer: ${says}`, () => {
    const have = reply(unit({ ...stopped, Id: 'x.timer', Type: '' }, ...notes))
    assert.equal(words(service('x.timer', { running: true }).evaluate(have, debian, new Prediction())), then)
  })

test('a change that is to come is a reload that is to come', () => {
  const prediction = new Prediction()
  prediction.record('file:/etc/named.conf', [{ type: 'path', path: conf, state: { type: 'file' } }])
  const have = reply(read('12:03:00.000000'))
  assert.equal(words(service('named', reloads).evaluate(have, debian, prediction)), [
    'reload named (after file:/etc/named.conf)',
  ])
})

test('check mode runs the test of what would start, restart or reload, and of nothing else', () => {
  const asks = (options: ServiceOptions, have: string) => {
    const evaluation = service('named', { ...options, test: 'named-checkconf' }).evaluate(
      reply(have),
      debian,
      new Prediction(),
    )
    return 'plan' in evaluation && evaluation.plan.validation?.sh.text.includes('\nnamed-checkconf\n') === true
  }
  assert.equal(
    [
      asks(after, unit({}, ...changed(String(second + 60)))),
      asks(after, unit(stopped, ...changed(String(second - 60)))),
      asks(after, unit({}, ...changed(String(second - 60)))),
      asks(after, unit({ UnitFileState: 'disabled' }, ...changed(String(second - 60)))),
    ],
    [true, true, false, false],
  )
})

test('a test without anything to test is refused', () => {
  assert.throws(
    () => service('named', { running: true, test: 'nginx -t' }),
    /given with restartedAfter or reloadedAfter/,
  )
})

for (const [says, want, have, then] of table) {
  test(says, () => assert.equal(words(service('named', want).evaluate(reply(have), debian, new Prediction())), then))
}

test('Inputs are paths, and the paths of resources', () => {
  const resource = service('named', { restartedAfter: [file(conf, { content: '' }), '/etc/x', '/etc/x/'] })
  assert.equal((resource.want as ServiceWant).inputs, [conf, '/etc/x'])
  assert.is(resource.id, 'service:named')
  assert.is((resource.want as ServiceWant).unit, 'named.service')
  assert.is((service('apt-daily.timer', { running: true }).want as ServiceWant).unit, 'apt-daily.timer')
})

test('Invalid options are refused before any host is touched', () => {
  for (const name of ['', '-x', 'a b', '$(x)', '../x'])
    assert.throws(() => service(name, { running: true }), /Expected service name/)
  assert.throws(() => service('x', { masked: true, running: true }), /either masked/)
  for (const nothing of [{}, { test: 'x -t' }, { user: 'app' }, { running: undefined }])
    assert.throws(() => service('x', nothing as never), /given what is wanted: running, enabled, masked/)
  assert.throws(() => service('x', { restartedAfter: ['etc/x'] }), /absolute path, or the name of a systemd unit/)
})

test('It restarts after another service has started, and after one that is pending', () => {
  const want = service('named', { ...on, restartedAfter: [service('docker', { running: true }), 'redis'] })
  const at = (time: string) =>
    unit({}, `unit-start docker.service Mon 2026-11-23 ${time} UTC`, 'unit-start redis.service ')
  const said = (have: string, prediction = new Prediction()) => words(want.evaluate(reply(have), debian, prediction))
  assert.equal(said(at('11:00:00.000000')), [])
  assert.match(String(said(at('13:00:00.000000'))), /^restart named \(started .*, docker started /)
  const pending = new Prediction()
  pending.record('service:redis', [{ type: 'unit', name: 'redis.service', running: true }])
  assert.equal(said(at('11:00:00.000000'), pending), ['restart named (after service:redis)'])
})

test('A missing unit is refused with a near miss', () => {
  const evaluation = service('nginz', on).evaluate(
    reply(`${absent}# unit nginx.service\n# unit ssh.service\n`),
    debian,
    new Prediction(),
  )
  assert.is('refused' in evaluation && evaluation.hint, 'did you mean "nginx.service"?')
})

test('An alias is acted on under its own name, which systemctl enable insists on', () => {
  const evaluation = service('bind9', on).evaluate(reply(unit({ UnitFileState: 'disabled' })), debian, new Prediction())
  assert.equal('plan' in evaluation ? evaluation.plan.steps.map(({ summary: say, sh }) => [say, sh.text]) : [], [
    ['enable bind9', 'systemctl enable -- named.service'],
  ])
})

test('Without fractions a restart waits for the next second, so that it is later than its inputs', () => {
  const text = (have: string) => {
    const evaluation = service('named', after).evaluate(reply(have), debian, new Prediction())
    return 'plan' in evaluation ? (evaluation.plan.steps[0]?.sh.text ?? '') : ''
  }
  assert.match(text(unit({}, ...changed(String(second + 2)))), /^sleep 1$/m)
  assert.match(text(unit({}, ...changed(`${second + 2}.100000000`))), /^sleep 0\.05 2>/m)
})

for (const shell of shells()) {
  test(`${shell.name}: A start of a unit that a package has started meanwhile is a restart, so that it has read its inputs`, async () => {
    const evaluation = service('named', after).evaluate(reply(unit(stopped)), debian, new Prediction())
    const [step] = 'plan' in evaluation ? evaluation.plan.steps : []
    if (step === undefined) throw new Error('it is to be started')
    const did = async (state: 'active' | 'inactive') => {
      const bin = scratch()
      const systemctl = `#!/bin/sh
case $1 in
is-active) [ -e '${bin}/begun' ] || [ ${state} = active ];;
start|restart) echo "$1" >>'${bin}/begun';;
show) echo Type=notify;;
esac
`
      writeFileSync(join(bin, 'systemctl'), systemctl, { mode: 0o755 })
      const { code, stderr } = await run(shell, step.sh, undefined, { PATH: `${bin}:${shell.path}:/usr/bin:/bin` })
      assert.is(code, 0, stderr)
      return readFileSync(join(bin, 'begun'), 'utf8')
    }
    assert.is(await did('inactive'), 'start\n')
    assert.is(await did('active'), 'restart\n')
  })
}

test.run()
