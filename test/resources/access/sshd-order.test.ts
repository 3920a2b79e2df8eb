import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sshdConfig } from '../../../lib/resources/access/sshd-config.ts'
import { askOrder, overruled, readOrder } from '../../../lib/resources/access/sshd-order.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { raw } from '../../../lib/sh/quote.ts'
import { debian, reply, run, scratch, shells, words } from '../../support/converge-locally.ts'

const MAIN = '/etc/ssh/sshd_config'
const dropIn = (name: string) => `/etc/ssh/sshd_config.d/${name}`
const INCLUDE = '1:Include /etc/ssh/sshd_config.d/*.conf'
const files = (given: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(given).flatMap(([path, lines]) => [`file ${path}`, ...lines])
const noPassword = new Map([['PasswordAuthentication', ['no']]])
const cloud = { [dropIn('50-cloud-init.conf')]: ['1:PasswordAuthentication yes'] }
const STAYS =
  'PasswordAuthentication would stay yes: /etc/ssh/sshd_config.d/50-cloud-init.conf sets it in line 1, and comes before'

const table: readonly (readonly [
  says: string,
  path: string,
  there: Readonly<Record<string, readonly string[]>>,
  then: string | undefined,
])[] = [
  ['no other file', MAIN, { [MAIN]: [INCLUDE] }, undefined],
  [
    'a drop-in comes first',
    MAIN,
    { [MAIN]: [INCLUDE, '57:#PasswordAuthentication yes'], ...cloud },
    `${STAYS} ${MAIN}`,
  ],
  [
    'a drop-in that says the same',
    MAIN,
    { [MAIN]: [INCLUDE], [dropIn('a.conf')]: ['2:passwordauthentication=NO'] },
    undefined,
  ],
  [
    'a drop-in for some connections',
    MAIN,
    { [MAIN]: [INCLUDE], [dropIn('a.conf')]: ['1:Match User x', '2:PasswordAuthentication yes'] },
    undefined,
  ],
  [
    'an Include at the end',
    MAIN,
    { [MAIN]: ['5:#PasswordAuthentication yes', '90:Include sshd_config.d/*.conf'], ...cloud },
    undefined,
  ],
  [
    'an Include within a Match',
    MAIN,
    { [MAIN]: ['5:Match User x', '90:Include sshd_config.d/*.conf'], ...cloud },
    undefined,
  ],
  ['an Include that is a comment', MAIN, { [MAIN]: ['1:#Include sshd_config.d/*.conf'], ...cloud }, undefined],
  ['a drop-in before the other', dropIn('10-a.conf'), { [MAIN]: [INCLUDE], ...cloud }, undefined],
  [
    'a drop-in behind the other',
    dropIn('99-a.conf'),
    { [MAIN]: [INCLUDE], ...cloud },
    `${STAYS} ${dropIn('99-a.conf')}`,
  ],
  [
    'the main file above its Include',
    dropIn('10-a.conf'),
    { [MAIN]: ['3:PasswordAuthentication yes', '9:Include /etc/ssh/sshd_config.d/*.conf'] },
    `PasswordAuthentication would stay yes: ${MAIN} sets it in line 3, and comes before ${dropIn('10-a.conf')}`,
  ],
  [
    'a drop-in without an Include',
    dropIn('10-a.conf'),
    { [MAIN]: [] },
    `sshd does not read ${dropIn('10-a.conf')}: no Include in ${MAIN} names it`,
  ],
  [
    'a drop-in with another ending',
    dropIn('10-a'),
    { [MAIN]: [INCLUDE] },
    `sshd does not read ${dropIn('10-a')}: no Include in ${MAIN} names it`,
  ],
  ['a file that is no part of it', '/srv/sshd_config', { [MAIN]: [INCLUDE], ...cloud }, undefined],
  ['no sshd yet', MAIN, {}, undefined],
]
for (const [says, path, there, then] of table)
  test(`sshd: ${says}`, () => {
    assert.is(overruled(path, noPassword, readOrder(files(there)))?.refused, then)
  })

test('sshd: keywords of which every line counts are left out', () => {
  const there = readOrder(files({ [MAIN]: [INCLUDE], [dropIn('a.conf')]: ['1:Port 2222', '2:AllowUsers x'] }))
  assert.is(
    overruled(
      MAIN,
      new Map([
        ['Port', ['22']],
        ['AllowUsers', ['y']],
      ]),
      there,
    ),
    undefined,
  )
})

test('sshd: what earlier resources make of the other file counts', () => {
  const said = `${files({ [MAIN]: [INCLUDE], ...cloud }).join('\n')}\n\n# end of what holds now\nhave 0 8180 2 0 0 root:root\ncontent\nx\n`
  const after = (...effects: Parameters<Prediction['record']>[1]) => {
    const prediction = new Prediction()
    prediction.record('absent:cloud', effects)
    return words(sshdConfig(MAIN, { set: { PasswordAuthentication: false } }).evaluate(reply(said), debian, prediction))
  }
  const path = dropIn('50-cloud-init.conf')
  assert.match(String(after()), /would stay yes/)
  const changed = [`edit ${MAIN}: PasswordAuthentication no`]
  assert.equal(after({ type: 'path', path, state: { type: 'absent' } }), changed)
  const content = Buffer.from('# c\nPasswordAuthentication no\n')
  assert.equal(after({ type: 'path', path, state: { type: 'file', content } }), changed)
  assert.match(
    String(after({ type: 'path', path, state: { type: 'file' } })),
    /^unknown: what absent:cloud writes into/,
  )
  assert.match(String(after({ type: 'anything' })), /^unknown: whether another file of sshd comes before/)
})

for (const shell of shells())
  test(`${shell.name}: sshd: the lines that matter are read from all files`, async () => {
    const root = scratch()
    mkdirSync(join(root, 'sshd_config.d'))
    writeFileSync(
      join(root, 'sshd_config'),
      '# c\nInclude /etc/ssh/sshd_config.d/*.conf\n#PasswordAuthentication yes\nPort 22\nMatch User x\n',
    )
    writeFileSync(join(root, 'sshd_config.d/b.conf'), 'passwordAuthentication=yes\nPasswordAuthenticationX no\n')
    writeFileSync(join(root, "sshd_config.d/a'.conf"), '\tPasswordAuthentication no')
    const script = askOrder(MAIN, noPassword).text.replaceAll('/etc/ssh', root)
    const { stdout, stderr } = await run(shell, raw(script))
    assert.is(stderr, '')
    assert.equal(stdout.toString().trimEnd().split('\n'), [
      `file ${root}/sshd_config`,
      '2:Include /etc/ssh/sshd_config.d/*.conf',
      '3:#PasswordAuthentication yes',
      '5:Match User x',
      `file ${root}/sshd_config.d/a'.conf`,
      '1:\tPasswordAuthentication no',
      `file ${root}/sshd_config.d/b.conf`,
      '1:passwordAuthentication=yes',
    ])
  })

test.run()
