// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { firewalld } from '../../lib/resources/network/firewalld.ts'
import { ufw, ufwRule } from '../../lib/resources/network/ufw.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
import { service } from '../../lib/resources/systemd/service.ts'
import { onHost } from './ground.ts'

onHost('node-02', 'rules of ufw are added and deleted as check says, and ufw is active', async (machine) => {
  const off = 'ufw --force reset >/dev/null 2>&1; ufw disable >/dev/null 2>&1; true'
  try {
    const all = [
      pkg('ufw'),
      ufwRule('ssh', { rule: 'allow', port: 22, protocol: 'tcp' }),
      ufwRule('database', { rule: 'allow', from: '10.0.0.0/24', port: 5432, protocol: 'tcp', comment: 'app servers' }),
      ufwRule('web', { rule: 'allow', app: 'WWW Full' }),
      ufw({ incoming: 'deny' }),
    ]
    const first = await machine.settle(...all)
    assert.equal(first.apply, first.check)
    assert.equal(
      first.again,
      all.map(() => 'ok'),
    )
    await machine.sh("ufw delete allow 'WWW Full' >/dev/null; ufw default allow incoming >/dev/null")
    const drifted = await machine.settle(...all)
    assert.equal(
      [drifted.check[3], drifted.check[4]],
      ['changed: add the rule allow in app WWW Full', 'changed: deny incoming by default'],
    )
    assert.equal([drifted.apply, drifted.again], [drifted.check, all.map(() => 'ok')])
    const unwanted = await machine.settle(ufwRule('web', { rule: 'allow', app: 'WWW Full', state: 'absent' }))
    assert.equal([unwanted.apply, unwanted.again, unwanted.check.length], [unwanted.check, ['ok'], 1])
    assert.is(await machine.sh('ufw status | grep -c WWW; true'), '0')
    const gone = await machine.settle(
      ufwRule('database', { rule: 'allow', from: '10.0.0.0/24', port: 5432, protocol: 'tcp', state: 'absent' }),
      ufw({ enabled: false }),
    )
    assert.equal([gone.apply, gone.again], [gone.check, ['ok', 'ok']])
    assert.is(gone.check[1], 'changed: disable ufw')
  } finally {
    await machine.sh(off)
  }
})

onHost(
  'node-02',
  'firewalld has what is wanted, now and after the next boot, and check says what is not so',
  async (machine) => {
    try {
      const all = [
        firewalld('web', { service: 'http' }),
        firewalld('app', { port: '8080/tcp', zone: 'internal' }),
        firewalld('range', { port: '6000-6007/udp' }),
        firewalld('office', { source: '192.0.2.0/24', zone: 'internal' }),
        firewalld('out', { masquerade: true, zone: 'external', state: 'absent' }),
        firewalld('one', { richRule: 'rule family="ipv4" source address="192.0.2.7" service name="ssh" accept' }),
      ]
      const started = [pkg('firewalld'), service('firewalld', { running: true, enabled: true })]
      const first = await machine.settle(...started, ...all)
      // What a zone has that is still to come is known only then: "external" has masquerade.
      assert.equal([first.check[6], first.apply[6]], ['unknown', 'changed: remove masquerade in zone external'])
      const others = (said: readonly string[]) => said.toSpliced(6, 1)
      assert.equal(others(first.apply), others(first.check))
      assert.equal(
        first.again,
        [...started, ...all].map(() => 'ok'),
      )
      await machine.sh(
        'firewall-cmd -q --remove-service=http; firewall-cmd -q --permanent --zone=internal --remove-port=8080/tcp; firewall-cmd -q --zone=internal --remove-source=192.0.2.0/24',
      )
      const drifted = await machine.settle(...all)
      assert.equal(drifted.check.slice(0, 4), [
        'changed: add service http now',
        'changed: add port 8080/tcp in zone internal for the next boot',
        'ok',
        'changed: add source 192.0.2.0/24 in zone internal now',
      ])
      assert.equal([drifted.apply, drifted.again], [drifted.check, all.map(() => 'ok')])
      assert.is(
        await machine.sh(
          'firewall-cmd --reload >/dev/null; firewall-cmd --list-services | tr " " "\\n" | grep -cx http',
        ),
        '1',
      )
      const wrong = await machine.make('apply', firewalld('none', { service: 'rc-none' }))
      assert.match(wrong.join('\n'), /INVALID_SERVICE/)
      await machine.sh('systemctl stop firewalld')
      assert.match((await machine.make('check', ...all)).join('\n'), /firewall-cmd does not answer: not running/)
      const gone = await machine.settle(
        service('firewalld', { running: true }),
        firewalld('web', { service: 'http', state: 'absent' }),
      )
      assert.equal(gone.again, ['ok', 'ok'])
    } finally {
      await machine.sh(
        'systemctl stop firewalld; apt-get -y -q purge firewalld >/dev/null 2>&1; rm -rf /etc/firewalld; true',
      )
    }
  },
)

test.run()
