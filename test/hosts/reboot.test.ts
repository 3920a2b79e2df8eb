// Hosts: node-02
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, onLab, put, rolecall, ssh, verdicts } from '../support/lab.ts'

const boot = () => ssh('node-02', 'cat /proc/sys/kernel/random/boot_id')

function book(options: string): void {
  put(
    'playbooks/rebooting.ts',
    `import { file, playbook, reboot, role, service } from 'rolecall'
const settings = file('/etc/rc-reboot.conf', { content: 'a' })
const rebooting = role({
  name: 'rebooting',
  async apply({ ensure, $, note }) {
    await ensure(
      settings,
      reboot('for the settings', { when: [], rebootedAfter: [settings], message: "it's time", ${options} }),
      file('/run/rc-behind', { content: 'b' }),
      service('systemd-networkd', { running: true, restartedAfter: [settings] }),
    )
    note((await $.read\`cat /proc/sys/kernel/random/boot_id\`).stdout.trim())
  },
})
export default playbook({ name: 'rebooting', plays: [{ name: 'all', hosts: 'node-02', roles: [rebooting] }] })
`,
  )
}

const clean = () => ssh('node-02', 'rm -f /etc/rc-reboot.conf /run/rc-behind')

onLab(
  'a role goes on behind a reboot, as check says, with the lock of the host; and there is none without need',
  async () => {
    book('deadline: 400')
    await clean()
    const before = await boot()
    const check = await rolecall('check', 'rebooting')
    assert.is(await boot(), before)
    const apply = await rolecall('apply', 'rebooting')
    assert.is(apply.code, 0, complaints(apply))
    assert.equal(verdicts(apply), verdicts(check))
    assert.equal(changes(apply), [
      'node-02 file:/etc/rc-reboot.conf changed',
      'node-02 file:/run/rc-behind changed',
      'node-02 reboot:for the settings changed',
    ])
    const after = await boot()
    assert.is.not(after, before)
    assert.ok(apply.events.some((event) => event.type === 'note' && event.message === after))
    assert.match(await ssh('node-02', 'cat /run/rolecall/lock'), '"run":')
    const again = await rolecall('apply', 'rebooting')
    assert.equal([again.code, changes(again)], [0, []], complaints(again))
    assert.is(await boot(), after)
  },
)

onLab('a host that is not back in time fails with the reason, and the next run continues', async () => {
  book('deadline: 1')
  await clean()
  // It takes its time to go down.
  await ssh('node-02', 'systemd-run --unit rc-slow --property TimeoutStopSec=2 --property KillSignal=SIGURG sleep 600')
  const apply = await rolecall('apply', 'rebooting')
  assert.is(apply.code, 4, complaints(apply))
  const [problem] = apply.problems
  assert.match(problem?.message ?? '', 'the host did not come back within 1 s')
  assert.is(problem?.resource, 'reboot:for the settings')
  assert.ok((problem?.got ?? '') !== '')
  book('deadline: 400')
  const again = await rolecall('apply', 'rebooting')
  assert.is(again.code, 0, complaints(again))
  assert.equal(
    changes(again).filter((line) => line.includes('rc-behind')),
    ['node-02 file:/run/rc-behind changed'],
  )
  await clean()
})

test.run()
