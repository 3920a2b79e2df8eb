import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { action, read } from '../../../lib/resources/packages/apt/apt-answer.ts'
import type { PkgWant } from '../../../lib/resources/packages/package-manager.ts'
import { reply } from '../../support/converge-locally.ts'

const wanted = (more: Partial<PkgWant> = {}): PkgWant => ({
  names: ['bind9'],
  state: 'present',
  recommends: false,
  ...more,
})

for (const [what, want, expected] of [
  ['installing', wanted(), '--no-install-recommends install bind9'],
  ['recommended packages', wanted({ recommends: true }), '--install-recommends install bind9'],
  ['removing', wanted({ state: 'absent' }), 'remove bind9'],
  ['purging', wanted({ state: 'absent', purge: true }), 'purge bind9'],
  ['what nothing needs any more', wanted({ state: 'absent', autoremove: true }), '--auto-remove remove bind9'],
  [
    'a version, which may be older',
    wanted({ version: '0:9.18' }),
    '--no-install-recommends --allow-downgrades install bind9=9.18',
  ],
  [
    'a release',
    wanted({ release: 'bookworm-backports' }),
    '--no-install-recommends -t bookworm-backports install bind9',
  ],
  ['a hold', wanted({ hold: true }), '--no-install-recommends --allow-change-held-packages install bind9'],
] as const)
  test(`apt-get is asked for ${what}`, () => {
    assert.is(action(want).text.replaceAll(/ +/g, ' ').trim(), expected)
  })

test('a package without any version is not called excluded', () => {
  const policy = 'bind9:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n'
  const answer = reply(`# lists fresh\n# simulation\nE: no candidate\n# offers\n${policy}# near\n`)
  assert.equal(read(wanted(), answer).excluded, [])
})

const virtual = ['Package mta is a virtual package provided by:', '  postfix 3.7', '  exim4 4.96']
for (const [says, after] of [
  ['and what follows an empty line is not', ['', 'E: Package mta has no installation candidate']],
  ['also where nothing follows', []],
] as const)
  test(`the packages that provide a virtual one are the objection, ${says}`, () => {
    const lines = ['Reading package lists...', ...virtual, ...after].join('\n')
    const answer = reply(`# lists fresh\n# simulation\n${lines}\n# offers\n# near\n`)
    assert.is(read(wanted({ names: ['mta'] }), answer).objection, virtual.join('\n'))
  })

test.run()
