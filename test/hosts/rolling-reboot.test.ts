// Hosts: node-01, node-02, node-03, node-04, node-05
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, onLab, put, rolecall, ssh, start, verdicts, withoutPower } from '../support/lab.ts'

const all = ['node-01', 'node-02', 'node-03', 'node-04', 'node-05']
const boot = (host: string) => ssh(host, 'cat /proc/sys/kernel/random/boot_id')
const boots = () => Promise.all(all.map(boot))

put(
  'playbooks/rolling-reboot.ts',
  `import { file, playbook, reboot, role } from 'rolecall'
const settings = file('/etc/rc-rolling.conf', { content: 'a' })
const rebooting = role({
  name: 'rebooting',
  async apply({ ensure, host }) {
    // Short only where the power is cut: a host that stops its containers first may take minutes.
    const deadline = host.name === 'node-03' ? 45 : 400
    await ensure(
      settings,
      reboot('for the settings', { when: [], rebootedAfter: [settings], deadline }),
      file('/run/rc-behind', { content: 'b' }),
    )
  },
})
export default playbook({
  name: 'rolling-reboot',
  plays: [{ name: 'all', hosts: '${all.join(',')}', serial: 2, maxFailures: 1, roles: [rebooting] }],
})
`,
)

const clean = () => Promise.all(all.map((host) => ssh(host, 'rm -f /etc/rc-rolling.conf /run/rc-behind')))

onLab('five hosts reboot two at a time; one that loses power meanwhile is told, and done by the next run', async () => {
  await clean()
  const before = await boots()
  const check = await rolecall('check', 'rolling-reboot')
  assert.equal([check.code, changes(check).length], [0, 15], complaints(check))
  const apply = start('apply', 'rolling-reboot')
  await apply.until('{"type":"step","host":"node-03","role":"rebooting","resource":"reboot:for the settings"')
  let done: Awaited<typeof apply.done> | undefined
  await withoutPower('node-03', async () => {
    done = await apply.done
  })
  assert.ok(done !== undefined)
  assert.is(done.code, 4, complaints(done))
  assert.equal(
    done.problems.map(({ host, resource }) => `${host ?? ''} ${resource ?? ''}`),
    ['node-03 reboot:for the settings'],
  )
  const others = all.filter((host) => host !== 'node-03')
  assert.equal(
    verdicts(done).filter((line) => line.endsWith(' changed') && line.includes('rc-behind')),
    others.map((host) => `${host} file:/run/rc-behind changed`),
  )
  // Two at a time: a batch begins when the one before it has ended.
  const begun = done.events.flatMap((event, at) => (event.type === 'unit' ? [{ host: event.host, at }] : []))
  const ended = done.events.flatMap((event, at) => (event.type === 'unit-end' ? [{ host: event.host, at }] : []))
  for (const [at, { host, at: begin }] of begun.entries()) {
    const open = begun.slice(0, at).filter((other) => !ended.some((end) => end.host === other.host && end.at < begin))
    assert.ok(open.length < 2, `${host} begins beside ${open.map((other) => other.host).join(', ')}`)
  }
  const again = await rolecall('apply', 'rolling-reboot')
  assert.is(again.code, 0, complaints(again))
  // The boot after the power cut is the one that was due: what came first is there, and the role goes on behind it.
  assert.equal(
    changes(again).filter((line) => line.includes('node-03')),
    ['node-03 file:/run/rc-behind changed'],
  )
  const third = await rolecall('apply', 'rolling-reboot')
  assert.equal([third.code, changes(third)], [0, []], complaints(third))
  const after = await boots()
  for (const [at, id] of before.entries()) assert.is.not(after[at], id)
  await clean()
})

test.run()
