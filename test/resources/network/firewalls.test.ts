import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { firewalld } from '../../../lib/resources/network/firewalld.ts'
import { ufw, ufwRule } from '../../../lib/resources/network/ufw.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { debian, reply, words } from '../../support/converge-locally.ts'

const https = ufwRule('https', { rule: 'allow', port: 443, protocol: 'tcp' })
const active = 'Status: active\nDEFAULT_INPUT_POLICY="DROP"\nDEFAULT_OUTPUT_POLICY="ACCEPT"\n'
const table: readonly (readonly [says: string, resource: Resource, have: string, then: readonly string[] | string])[] =
  [
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
    [
      'firewalld: does not run',
      firewalld('x', { service: 'a' }),
      '# silent not running\n',
      'refused: firewall-cmd does not answer: not running',
    ],
  ]
for (const [says, resource, have, then] of table) {
  test(says, () => assert.equal(words(resource.evaluate(reply(have), debian, new Prediction())), then))
}

test('what cannot be meant is refused', () => {
  assert.throws(() => firewalld('x', { service: 'a', port: '80/tcp' }), /given one of/)
  assert.throws(() => ufwRule('x', { rule: 'allow', from: 'everywhere' }), /an address or a network/)
})

test.run()
