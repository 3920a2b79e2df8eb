// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ufw, ufwRule } from '../../lib/resources/network/ufw.ts'
import { pkg } from '../../lib/resources/packages/pkg.ts'
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

test.run()
