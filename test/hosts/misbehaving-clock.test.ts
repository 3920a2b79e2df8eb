// Hosts: node-03, node-04
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, onLab, project, put, rolecall, ssh, start, type Ran } from '../support/lab.ts'

const HOST = 'node-03'
const UNIT = '/etc/systemd/system/rc-clock.service'
const HOUR_MS = 3_600_000

put(
  'playbooks/clock.ts',
  `import { dir, exec, file, playbook, role, service, waitFor, z } from 'rolecall'
const clock = role({ name: 'clock', vars: z.object({ words: z.string() }), async apply({ ensure, vars }) {
  const conf = file('/etc/rc-clock.conf', { content: vars.words })
  const unit = file('${UNIT}', { content: '[Unit]\\n[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' })
  const running = service('rc-clock', { running: true, enabled: true, restartedAfter: [conf] })
  await ensure(conf, unit, running, waitFor('it', { file: '/etc/rc-clock.conf', againAfter: [running] }))
} })
const waits = role({ name: 'waits', async apply({ ensure }) { await ensure(exec('wait', { run: 'while [ ! -e /run/go ]; do sleep 0.1; done', unless: 'test -e /run/go' })) } })
export default playbook({ name: 'clock', plays: [{ name: 'a', hosts: '${HOST}', roles: [clock], tags: ['clock'] }, { name: 'b', hosts: '${HOST}', roles: [waits], tags: ['waits'] }] })
`,
)

// The hosts of a lab have the clock of this machine. It is the controller's that is off: what counts is how far the two are apart.
async function off(hours: number, work: () => Promise<void>): Promise<void> {
  const before = process.env['NODE_OPTIONS']
  process.env['NODE_OPTIONS'] = `${before ?? ''} --require ${join(project, 'clock.cjs')}`
  put(
    'clock.cjs',
    `const Right = Date
globalThis.Date = class Date extends Right {
  constructor(...given) { if (given.length === 0) super(Date.now()); else super(...given) }
  static now() { return Right.now() + ${hours * HOUR_MS} }
}
`,
  )
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env['NODE_OPTIONS']
    else process.env['NODE_OPTIONS'] = before
  }
}

const run = (mode: 'check' | 'apply', words: string) =>
  rolecall(mode, 'clock', '--tags', 'clock', '-e', `clock.words=${words}`)
const starts = async () =>
  Number(await ssh(HOST, 'journalctl -q -o cat _PID=1 UNIT=rc-clock.service | grep -c ^Started'))

/** When the run said that it was connected, by its own clock. */
const told = ({ events }: Ran) => events.find((event) => event.type === 'connected')?.at ?? 0

for (const hours of [-1, 1]) {
  const where = hours > 0 ? 'an hour behind' : 'an hour ahead'

  onLab(`a host whose clock is ${where}: a service is restarted once for a change, and never again`, async () => {
    await ssh(
      HOST,
      `systemctl -q disable --now rc-clock 2>/dev/null; rm -f ${UNIT} /etc/rc-clock.conf; systemctl daemon-reload`,
    )
    try {
      await off(hours, async () => {
        for (const words of ['one', 'two']) {
          const check = await run('check', words)
          const before = words === 'one' ? 0 : await starts()
          const apply = await run('apply', words)
          assert.is(apply.code, 0, complaints(apply))
          assert.is(Math.round((told(apply) - Date.now()) / HOUR_MS), hours, 'its clock is off')
          assert.equal(changes(apply), changes(check))
          if (words === 'two') assert.is((await starts()) - before, 1)
          const again = await run('apply', words)
          assert.equal([again.code, changes(again)], [0, []], complaints(again))
        }
      })
      // With the right clock again nothing is to be done either.
      assert.equal(changes(await run('apply', 'two')), [])
    } finally {
      await ssh(HOST, `systemctl -q disable --now rc-clock; rm -f ${UNIT} /etc/rc-clock.conf; systemctl daemon-reload`)
    }
  })

  onLab(`a host whose clock is ${where} keeps a second run out, and lets nobody in for its clock`, async () => {
    await ssh(HOST, 'rm -f /run/go')
    await off(hours, async () => {
      const first = start('apply', 'clock', '--tags', 'waits')
      await first.until('"type":"step"')
      const second = await rolecall('apply', 'clock', '--tags', 'waits')
      assert.is(second.problems[0]?.code, 'busy', complaints(second))
      await ssh(HOST, 'touch /run/go')
      assert.is((await first.done).code, 0)
    })
    await ssh(HOST, 'rm -f /run/go')
  })
}

test.run()
