import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { firewalld } from '../../../lib/resources/network/firewalld.ts'
import { ufw, ufwRule } from '../../../lib/resources/network/ufw.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { pending } from '../../../lib/testing/converge.ts'
import { debian, reply, words } from '../../support/converge-locally.ts'
import { tryRows, type KindRow } from '../../support/kind-rows.ts'

const https = ufwRule('https', { rule: 'allow', port: 443, protocol: 'tcp' })
const active = 'Status: active\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
const coming = pending({ 'pkg:firewalld': [{ type: 'package', name: 'firewalld', installed: true }] })
const rows: readonly KindRow[] = [
  ['ufw: the rule is there', https, 'there\n', []],
  ['ufw: no such rule', https, '', ['add the rule allow in port 443 proto tcp']],
  [
    'ufw: a rule is to go',
    ufwRule('x', { rule: 'deny', from: '10.0.0.0/8', state: 'absent' }),
    'there\n',
    ['delete the rule deny in from 10.0.0.0/8 to any'],
  ],
  [
    'ufw: does not answer',
    https,
    '# silent ERROR: need to be root\n',
    'refused: ufw does not answer: ERROR: need to be root',
  ],
  [
    'ufw: an application profile',
    ufwRule('web', { rule: 'allow', app: 'WWW Full' }),
    '',
    ['add the rule allow in app WWW Full'],
  ],
  [
    'ufw: no such application profile',
    ufwRule('web', { rule: 'allow', app: 'Nginx Full' }),
    'no profile\n',
    'refused: ufw has no application profile Nginx Full',
  ],
  ['ufw: active', ufw({ incoming: 'deny' }), active, []],
  ['ufw: another policy', ufw({ incoming: 'reject' }), active, ['reject incoming by default']],
  ['ufw: inactive', ufw(), active.replace('active', 'inactive'), ['enable ufw']],
  ['ufw: to be off', ufw({ enabled: false }), active, ['disable ufw']],
  ['firewalld: as wanted', firewalld('x', { service: 'https' }), 'now\nlasting\n', []],
  [
    'firewalld: only until the next boot',
    firewalld('x', { service: 'https' }),
    'now\n',
    ['add service https for the next boot'],
  ],
  ['firewalld: neither', firewalld('x', { port: '80/tcp', zone: 'home' }), '', ['add port 80/tcp in zone home']],
  [
    'firewalld: to go',
    firewalld('x', { masquerade: true, state: 'absent' }),
    'lasting\n',
    ['remove masquerade for the next boot'],
  ],
  ['firewalld: to come', firewalld('x', { service: 'https' }), '# none\n', ['add service https'], { later: coming }],
  [
    'firewalld: to come, with what a new one may have',
    firewalld('x', { service: 'ssh' }),
    '# none\n',
    'unknown: whether firewall-cmd has it already is known only after pkg:firewalld',
    { later: coming },
  ],
  [
    'firewalld: to come, without what a new one may have',
    firewalld('x', { masquerade: true, zone: 'external', state: 'absent' }),
    '# none\n',
    'unknown: whether firewall-cmd has it already is known only after pkg:firewalld',
    { later: coming },
  ],
  ['firewalld: to go where there is none', firewalld('x', { masquerade: true, state: 'absent' }), '# none\n', []],
  [
    'firewalld: does not run',
    firewalld('x', { service: 'a' }),
    '# silent not running\n',
    'refused: firewall-cmd does not answer: not running',
  ],
]
tryRows(rows)

test('invalid options are refused', () => {
  assert.throws(() => firewalld('x', { service: 'a', port: '80/tcp' }), /given one of/)
  assert.throws(() => ufwRule('x', { rule: 'allow', from: 'everywhere' }), /an address or a network/)
  assert.throws(() => ufwRule('x', { rule: 'allow', app: 'WWW', port: 80 }), /left out with app/)
  assert.throws(() => ufwRule('x', { rule: 'allow', app: '--x' }), /application profile/)
})

test('ufw: an application profile comes with the package of its name', () => {
  const web = ufwRule('web', { rule: 'allow', app: 'Nginx Full' })
  const after = (name: string) => {
    const later = new Prediction()
    later.record(`pkg:${name}`, [{ type: 'package', name, installed: true }])
    return words(web.evaluate(reply('no profile\n'), debian, later))
  }
  assert.equal(after('nginx'), ['add the rule allow in app Nginx Full'])
  assert.is(after('wget'), 'unknown: whether pkg:wget brings the application profile Nginx Full')
})

test.run()
