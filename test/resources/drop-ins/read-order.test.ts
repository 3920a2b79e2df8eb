import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { logrotate } from '../../../lib/resources/drop-ins/logrotate.ts'
import { limits, type Limit } from '../../../lib/resources/drop-ins/limits.ts'
import { tmpfiles, type TmpfilesEntry } from '../../../lib/resources/drop-ins/tmpfiles.ts'
import { dropIn } from '../../../lib/resources/drop-ins/unit-drop-in.ts'
import type { Sections } from '../../../lib/resources/systemd/unit-text.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { ask, debian, probe, reply, run, scratch, shells, stepsOf, words } from '../../support/converge-locally.ts'
import { sh, type Sh } from '../../../lib/sh/quote.ts'

const END = '\n# end of what holds now\n'
const NONE = 'none 0 9 dir\n'

/** What is read beside a file, as its probe prints it. */
type Others = Readonly<Record<string, readonly string[]>>
const said = (others: Others) =>
  Object.entries(others)
    .flatMap(([path, all]) => [`file ${path}`, ...all.map((line, at) => `${path}:${at + 1}:${line}`)])
    .join('\n')

const limit = (more: Partial<Limit> = {}): Limit => ({ domain: 'app', item: 'nofile', value: 1024, ...more })
const inLimits = (name: string, ...all: string[]): Others => ({ [`/etc/security/limits.d/${name}.conf`]: all })
const limitRows: readonly (readonly [says: string, limit: Limit, others: Others, refused: string | undefined])[] = [
  ['no other file', limit(), {}, undefined],
  ['the same value later', limit(), inLimits('z', 'app - nofile 1024'), undefined],
  ['another value earlier', limit(), inLimits('a', 'app - nofile 9'), undefined],
  ['another value later', limit(), inLimits('z', 'app hard nofile 9'), 'nofile of app would be 9'],
  ['another type later', limit({ type: 'soft' }), inLimits('z', 'app hard nofile 9'), undefined],
  ['another domain later', limit(), inLimits('z', '* - nofile 9', 'appx - nofile 9'), undefined],
  [
    'another value later, and after that the wanted one',
    limit(),
    inLimits('z', 'app - nofile 9', 'app - nofile 1024'),
    undefined,
  ],
  ['a comment later', limit(), inLimits('z', '#app - nofile 9'), undefined],
  ['without a limit, said in two ways', limit({ value: -1 }), inLimits('z', 'app - nofile infinity'), undefined],
]
for (const [says, wanted, others, refused] of limitRows)
  test(`limits beside other files, ${says}: ${refused ?? 'written'}`, () => {
    const found = words(
      limits('m', { limits: [wanted] }).evaluate(reply(`${said(others)}${END}${NONE}`), debian, new Prediction()),
    )
    if (refused === undefined) assert.equal(found, ['create /etc/security/limits.d/m.conf'])
    else assert.match(String(found), new RegExp(`^refused: ${refused}: .* sets it in line 1, and is read after`))
  })

test('a limit of a pending file that is read later counts, and one of a file whose content nobody knows is unknown', () => {
  const path = '/etc/security/limits.d/z.conf'
  const ask = (state: { readonly type: 'file'; readonly content?: Uint8Array }) =>
    String(
      words(
        limits('m', { limits: [limit()] }).evaluate(
          reply(`${END}${NONE}`),
          debian,
          pending({ 'file:z': [{ type: 'path', path, state }] }),
        ),
      ),
    )
  assert.match(ask({ type: 'file', content: Buffer.from('app - nofile 9\n') }), /^refused: nofile of app would be 9/)
  assert.is(ask({ type: 'file', content: Buffer.from('other - nofile 9\n') }), 'create /etc/security/limits.d/m.conf')
  assert.match(ask({ type: 'file' }), /^unknown: what .*z\.conf, which is read beside it, will say/)
})

const D = '/etc/systemd/system/a.service.d'
const unitRows: readonly (readonly [says: string, sections: Sections, others: Others, refused: string | undefined])[] =
  [
    [
      'another value later',
      { Service: { LimitNOFILE: 5 } },
      { [`${D}/z.conf`]: ['[Service]', 'LimitNOFILE=9'] },
      'LimitNOFILE would be 9',
    ],
    [
      'the same value later',
      { Service: { PrivateTmp: true } },
      { [`${D}/z.conf`]: ['[Service]', 'PrivateTmp = true'] },
      undefined,
    ],
    [
      'another value earlier',
      { Service: { LimitNOFILE: 5 } },
      { [`${D}/a.conf`]: ['[Service]', 'LimitNOFILE=9'] },
      undefined,
    ],
    ['in another section', { Service: { Type: 'simple' } }, { [`${D}/z.conf`]: ['[Unit]', 'Type=x'] }, undefined],
    [
      'lines that are added up',
      { Service: { Environment: ['A=1'] } },
      { [`${D}/z.conf`]: ['[Service]', 'Environment=B=2'] },
      undefined,
    ],
    [
      'lines that are taken back',
      { Service: { ExecStart: ['', '/bin/a'] } },
      { [`${D}/z.conf`]: ['[Service]', 'ExecStart=', 'ExecStart=/bin/b'] },
      'ExecStart would be taken back',
    ],
    [
      'by systemctl set-property',
      { Service: { CPUQuota: '5%' } },
      { '/etc/systemd/system.control/a.service.d/z.conf': ['[Service]', 'CPUQuota=9%'] },
      'CPUQuota would be 9%',
    ],
    [
      'a file that one of its name hides',
      { Service: { Nice: 5 } },
      { [`${D}/z.conf`]: ['[Service]'], '/usr/lib/systemd/system/a.service.d/z.conf': ['[Service]', 'Nice=9'] },
      undefined,
    ],
  ]
for (const [says, sections, others, refused] of unitRows)
  test(`a drop-in beside others, ${says}: ${refused ?? 'written'}`, () => {
    const [, file] = dropIn('a', 'm', { sections })
    const found = file && words(file.evaluate(reply(`${said(others)}${END}${NONE}`), debian, new Prediction()))
    if (refused === undefined) assert.equal(found, [`create ${D}/m.conf`])
    else assert.match(String(found), new RegExp(`^refused: ${refused}: .* sets it in line \\d, and is read after`))
  })

const tmp = (name: string, ...all: string[]): Others => ({ [`/usr/lib/tmpfiles.d/${name}.conf`]: all })
const entry: TmpfilesEntry = { type: 'q', path: '/tmp', mode: '1777', user: 'root', group: 'root', age: '2d' }
const entryRows: readonly (readonly [
  says: string,
  entry: TmpfilesEntry,
  others: Others,
  name: string,
  isRefused: boolean,
])[] = [
  ['another entry of the path earlier', entry, tmp('tmp', 'q /tmp 1777 root root 10d'), 'zz', true],
  ['the same entry earlier', entry, tmp('tmp', 'q /tmp 01777 root root 2d -'), 'zz', false],
  ['another entry later', entry, tmp('tmp', 'q /tmp 1777 root root 10d'), 'a', false],
  ['a file of the same name', entry, tmp('tmp', 'q /tmp 1777 root root 10d'), 'tmp', false],
  ['an exception for the path', entry, tmp('a', 'z /tmp 1777'), 'zz', false],
  ['another path', entry, tmp('a', 'q /tmp/x 1777'), 'zz', false],
]
for (const [says, wanted, others, name, isRefused] of entryRows)
  test(`tmpfiles beside other files, ${says}: ${isRefused ? 'refused' : 'written'}`, () => {
    const found = words(
      tmpfiles(name, { entries: [wanted] }).evaluate(reply(`${said(others)}${END}${NONE}`), debian, new Prediction()),
    )
    if (isRefused)
      assert.match(String(found), /^refused: \/tmp would be what .*tmp\.conf says in line 1 .* is read before/)
    else assert.equal(found, [`create /etc/tmpfiles.d/${name}.conf`, `apply /etc/tmpfiles.d/${name}.conf`])
  })

for (const shell of shells())
  test(`${shell.name}: a log that another file rotates already is refused with logrotate's words, and what it says of others is not`, async () => {
    const room = scratch()
    const { validate } = logrotate('app', { paths: ['/var/log/app.log'] }).want as { readonly validate?: Sh }
    const says = async (words: string) => {
      writeFileSync(join(room, 'logrotate'), `#!/bin/sh\nfor f; do :; done\necho "error: ${words}" >&2\nexit 1\n`, {
        mode: 0o755,
      })
      return run(shell, validate ?? sh`exit 9`, undefined, {
        PATH: `${room}:${shell.path}`,
        candidate: '/etc/.app.new',
      })
    }
    const twice = await says('$f:2 duplicate log entry for /var/log/app.log')
    assert.is(twice.code, 1)
    assert.is(twice.stderr, 'error: /etc/logrotate.d/app:2 duplicate log entry for /var/log/app.log\n')
    assert.is((await says('/etc/logrotate.d/other:1 unknown option')).code, 0)
  })

for (const shell of shells())
  test(`${shell.name}: what is asked of other files is read by the shell, and steps are`, async () => {
    const [, file] = dropIn('nginx', 'm', { sections: { Service: { LimitNOFILE: 5 } } })
    for (const resource of [
      limits('m', { limits: [limit()] }),
      tmpfiles('m', { entries: [entry] }),
      ...(file ? [file] : []),
    ]) {
      assert.match((await probe(shell, resource)).text, /# end of what holds now/)
      for (const step of stepsOf(await ask(shell, resource)))
        assert.is((await run(shell, sh`sh -n -c ${step.sh.text}`)).code, 0)
    }
  })

test.run()
