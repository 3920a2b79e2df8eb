import { hostname as ownName } from 'node:os'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { hostname } from '../../../lib/resources/system/hostname.ts'
import { debian, probe, reply, shells, stepsOf, words } from '../../support/converge-locally.ts'

const table: readonly (readonly [says: string, have: string, then: readonly string[]])[] = [
  ['as wanted: nothing to do', 'live node-01\nlasting node-01\n', []],
  ['another one: set it', 'live old\nlasting old\n', ['set hostname node-01 (was old)']],
  ['only until the next boot: set it', 'live node-01\nlasting old\n', ['set hostname node-01 (was old at boot)']],
  ['none for the next boot: set it', 'live node-01\n', ['set hostname node-01 (was none at boot)']],
  ['only from the next boot on: set it', 'live old\nlasting node-01\n', ['set hostname node-01 (was old)']],
]
for (const [says, have, then] of table) {
  test(says, () => assert.equal(words(hostname('node-01').evaluate(reply(have), debian, new Prediction())), then))
}

test('systemd is asked first, and the file is written where it does not answer', () => {
  const text = (init: 'systemd' | 'other') =>
    stepsOf(hostname('a').evaluate(reply('live b\n'), { ...debian, init }, new Prediction()))[0]?.sh.text ?? ''
  assert.match(text('systemd'), /^hostnamectl set-hostname a \|\| \{/)
  assert.match(text('other'), /^false \|\| \{/)
})

test('A file that is to come decides the name of the next boot', () => {
  const prediction = new Prediction()
  prediction.record('file:/etc/hostname', [
    { type: 'path', path: '/etc/hostname', state: { type: 'file', content: Buffer.from('node-02\n') } },
  ])
  const have = reply('live node-01\nlasting node-01\n')
  assert.equal(words(hostname('node-01').evaluate(have, debian, prediction)), [
    'set hostname node-01 (was node-02 at boot)',
  ])
  prediction.record('exec:x', [{ type: 'path', path: '/etc/hostname', state: { type: 'file' } }])
  assert.is(words(hostname('node-01').evaluate(have, debian, prediction)), 'unknown: which hostname exec:x writes')
})

test('An invalid hostname is refused before any host is touched', () => {
  for (const name of ['', 'a b', 'a_b', '-a', 'a-', 'a..b', 'a.', 'x'.repeat(64), `${'x'.repeat(60)}.host.com`]) {
    assert.throws(() => hostname(name), /Expected hostname/)
  }
  assert.is(hostname('node-01.host.com').id, 'hostname:node-01.host.com')
})

for (const shell of shells()) {
  test(`${shell.name}: the live name is told`, async () => {
    assert.match((await probe(shell, hostname('a'))).text, `live ${ownName()}\n`)
  })
}

test.run()
