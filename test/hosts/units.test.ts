// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { service } from '../../lib/resources/systemd/service.ts'
import { timer } from '../../lib/resources/systemd/timer.ts'
import { dropIn } from '../../lib/resources/drop-ins/unit-drop-in.ts'
import { unit } from '../../lib/resources/systemd/unit.ts'
import { onHost } from './ground.ts'

onHost('node-02', 'units, drop-ins and timers are made as check says, and systemd reads them', async (machine) => {
  const app = unit('rc-unit', {
    sections: { Service: { ExecStart: '/bin/sleep 1000' }, Install: { WantedBy: 'multi-user.target' } },
  })
  const limits = dropIn('rc-unit', 'limits', { sections: { Service: { LimitNOFILE: 4321 } } })
  const job = timer('rc-timer', { command: '/bin/true', calendar: 'Mon *-*-* 03:00', persistent: true })
  const clean =
    'systemctl disable --now rc-unit rc-timer.timer 2>/dev/null; rm -rf /etc/systemd/system/rc-unit.service* /etc/systemd/system/rc-timer.*; systemctl daemon-reload'
  await machine.sh(clean)
  try {
    const all = [
      app,
      ...limits,
      service('rc-unit', { running: true, enabled: true, restartedAfter: [app, ...limits] }),
      ...job,
    ]
    const { check, apply, again } = await machine.settle(...all)
    assert.equal(apply, check)
    assert.ok(
      apply.every((said) => said.startsWith('changed')),
      apply.join('\n'),
    )
    assert.equal(
      again,
      all.map(() => 'ok'),
    )
    assert.is(
      await machine.sh('systemctl show -p LimitNOFILE --value rc-unit; systemctl is-active rc-timer.timer'),
      '4321\nactive',
    )
    const bad = unit('rc-unit', { sections: { Service: { ExecStart: '/bin/sleep 1000', Restrat: 'always' } } })
    for (const mode of ['check', 'apply'] as const)
      assert.match((await machine.make(mode, bad)).join('\n'), /rc-unit\.service:3: Unknown key.*Restrat/)
    const gone = timer('rc-timer', { state: 'absent' })
    const second = await machine.settle(...gone)
    assert.equal(second.apply, second.check)
    assert.equal(second.again, ['ok', 'ok', 'ok'])
  } finally {
    await machine.sh(clean)
  }
})

test.run()
