import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FileWant } from '../../../lib/resources/files/file.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { timer } from '../../../lib/resources/systemd/timer.ts'
import { dropIn } from '../../../lib/resources/drop-ins/unit-drop-in.ts'
import { unit, type UnitOptions } from '../../../lib/resources/systemd/unit.ts'
import { unitText } from '../../../lib/resources/systemd/unit-text.ts'

const contentOf = (resource: Resource | undefined) => String((resource?.want as FileWant).content)

test('sections are written in their order; lists are several keys, and true is yes', () => {
  const text = unitText({
    Unit: { Description: 'A', Wants: undefined },
    Service: { ExecStart: ['/bin/true', '/bin/false'], PrivateTmp: true, LimitNOFILE: 100 },
  })
  assert.is(
    text,
    '[Unit]\nDescription=A\n\n[Service]\nExecStart=/bin/true\nExecStart=/bin/false\nPrivateTmp=yes\nLimitNOFILE=100\n',
  )
})

test('a unit is a file below /etc/systemd', () => {
  assert.is(unit('app', { content: '[Service]\n' }).id, 'file:/etc/systemd/system/app.service')
  assert.is(unit('app.socket', { content: '[Socket]\n', scope: 'user' }).id, 'file:/etc/systemd/user/app.socket')
  assert.is(unit('app', { state: 'absent' }).id, 'absent:/etc/systemd/system/app.service')
  assert.equal(
    dropIn('nginx', 'limits', { sections: { Service: { LimitNOFILE: 1 } } }).map(({ id }) => id),
    ['dir:/etc/systemd/system/nginx.service.d', 'file:/etc/systemd/system/nginx.service.d/limits.conf'],
  )
  assert.equal(
    dropIn('nginx', 'limits', { state: 'absent' }).map(({ id }) => id),
    ['absent:/etc/systemd/system/nginx.service.d/limits.conf'],
  )
})

test('a timer is a service, a timer and both running', () => {
  const [job, clock, on] = timer('backup', {
    command: '/usr/local/bin/backup /srv',
    calendar: ['daily', 'Mon *-*-* 03:00'],
    persistent: true,
    user: 'backup',
    env: { A: 'a "b" 5%' },
  })
  assert.match(
    contentOf(job),
    /ExecStart=\/usr\/local\/bin\/backup \/srv\nUser=backup\nEnvironment="A=a \\"b\\" 5%%"\n/,
  )
  assert.match(contentOf(clock), /OnCalendar=daily\nOnCalendar=Mon \*-\*-\* 03:00\nPersistent=yes\n/)
  assert.is(on?.id, 'service:backup.timer')
  assert.equal(
    timer('backup', { state: 'absent' }).map(({ id }) => id),
    ['service:backup.timer', 'absent:/etc/systemd/system/backup.timer', 'absent:/etc/systemd/system/backup.service'],
  )
})

const refused: readonly (readonly [says: string, make: () => unknown, words: RegExp])[] = [
  ['neither sections nor content', () => unit('app', {}), /given one of sections and content/],
  [
    'a key in small letters',
    () => unit('app', { sections: { Service: { execStart: '/bin/true' } } }),
    /sections and keys as systemd has them/,
  ],
  [
    'a section that no unit has',
    () => dropIn('nginx', 'x', { sections: { Sevice: { LimitNOFILE: 1 } } }),
    /sections and keys as systemd has them/,
  ],
  ['a drop-in without sections', () => dropIn('nginx', 'x', {}), /sections of dropIn:\S+ to be given, got nothing/],
  ['no section at all', () => unit('app', { sections: {} }), /at least one section/],
  ['a value of two lines', () => unit('app', { sections: { Service: { ExecStart: 'a\nb' } } }), /text of one line/],
  ['an option that is none', () => unit('app', { section: {} } as UnitOptions), /unknown option "section"/],
  [
    'a value that would take in the next line',
    () => unit('x.service', { sections: { Service: { ExecStart: '/bin/a \\', Restart: 'always' } } }),
    /a text of one line/,
  ],
  ['a command without its path', () => timer('x', { command: 'backup', calendar: 'daily' }), /path of a program/],
  ['no time', () => timer('x', { command: '/bin/true' }), /given calendar or afterBoot/],
  ['every alone', () => timer('x', { command: '/bin/true', every: '1h' }), /never begins/],
  [
    'persistent without calendar',
    () => timer('x', { command: '/bin/true', afterBoot: '1h', persistent: true }),
    /left out without calendar/,
  ],
]
for (const [says, make, words] of refused) test(`${says}: refused`, () => assert.throws(make, words))

test.run()
