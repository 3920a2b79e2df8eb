// Hosts: node-03, node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, onLab, put, rolecall, ssh, start, text, told, verdicts } from '../support/lab.ts'

const WAIT = "exec('wait', { run: 'while [ ! -e /run/go ]; do sleep 0.1; done', unless: 'test -e /run/go' })"

/** A run that is at work on its hosts until /run/go is there on node-03. */
function books(): void {
  put(
    'playbooks/waits.ts',
    `import { exec, file, playbook, role } from 'rolecall'
const waits = role({ name: 'waits', async apply({ ensure }) { await ensure(${WAIT}) } })
const writes = role({ name: 'writes', async apply({ ensure, host }) { await ensure(file('/run/by-' + host.name, { content: 'x' })) } })
export default playbook({ name: 'waits', plays: [{ name: 'a', hosts: 'node-03', roles: [waits] }, { name: 'b', hosts: 'node-03:node-04', roles: [writes] }] })
`,
  )
}
const atWork = '"type":"step"'
const clean = (node: string) => ssh(node, 'rm -f /run/go /run/by-*')

onLab('a host that another run uses is refused, with who and since when; the others go on', async () => {
  books()
  await clean('node-03')
  const first = start('apply', 'waits', '-l', 'node-03')
  await first.until(atWork)
  const second = await rolecall('apply', 'waits')
  assert.is(second.code, 4, complaints(second))
  const [problem, ...others] = second.problems
  assert.is(others.length, 0, complaints(second))
  assert.equal([problem?.code, problem?.host], ['busy', 'node-03'])
  assert.match(problem?.got ?? '', /run \d{8}-\d{6}-\w{5} of \S+ on \S+ \(process \d+\), since \d{4}-/)
  assert.match(problem?.hint ?? '', '--wait')
  assert.is(second.summary.hosts['node-04']?.changed, 1)
  assert.is(second.summary.hosts['node-03']?.roundTrips, 1)
  assert.is((await rolecall('check', 'waits', '-l', 'node-03')).code, 0, 'check takes no lock and asks for none')
  await ssh('node-03', 'touch /run/go')
  assert.is((await first.done).code, 0)
})

onLab('--wait waits for it, reports that, and gives up when the time is over', async () => {
  books()
  await clean('node-03')
  const first = start('apply', 'waits', '-l', 'node-03')
  await first.until(atWork)
  const late = await told('apply', 'waits', '-l', 'node-03', '--wait', '1')
  assert.is(late.code, 4)
  assert.match(late.out, /node-03 {2}waiting +run \S+ of .*: waiting up to 1 s/)
  assert.match(late.out, 'another run is using this host')
  const second = start('apply', 'waits', '-l', 'node-03', '--wait')
  await second.until('waiting until it is free')
  await ssh('node-03', 'touch /run/go')
  assert.is((await first.done).code, 0)
  assert.is((await second.done).code, 0, complaints(await second.done))
})

onLab('a killed run does not block others: after its last command the host is free', async () => {
  books()
  await clean('node-03')
  const first = start('apply', 'waits', '-l', 'node-03')
  await first.until(atWork)
  first.kill('SIGKILL')
  await first.done.catch(() => undefined)
  const second = start('apply', 'waits', '-l', 'node-03')
  await second.until('the last command of run')
  await ssh('node-03', 'touch /run/go')
  const run = await second.done
  assert.is(run.code, 0, complaints(run))
  assert.is((await rolecall('apply', 'waits', '-l', 'node-03')).code, 0, 'and nothing has to be cleaned up')
})

onLab('a user who becomes nobody else has a lock of its own', async () => {
  const hosts = text('inventory/hosts.yml')
  const asOps = hosts.replace(/ansible_become"?: true/, (word) => word.replace('true', 'false'))
  assert.is.not(asOps, hosts)
  put('inventory/hosts.yml', asOps)
  put(
    'playbooks/own.ts',
    `import { exec, playbook, role } from 'rolecall'
const waits = role({ name: 'waits', async apply({ ensure }) { await ensure(${WAIT}) } })
export default playbook({ name: 'own', plays: [{ name: 'a', hosts: 'node-03', roles: [waits] }] })
`,
  )
  await clean('node-03')
  const first = start('apply', 'own')
  await first.until(atWork)
  const second = await rolecall('apply', 'own')
  put('inventory/hosts.yml', hosts)
  await ssh('node-03', 'touch /run/go')
  assert.is((await first.done).code, 0)
  assert.is(second.problems[0]?.code, 'busy', complaints(second))
  await clean('node-03')
})

onLab(
  'a host that a role of another one works on is locked by its run, is told, and comes out as check says',
  async () => {
    put(
      'playbooks/hands.ts',
      `import { exec, file, playbook, role } from 'rolecall'
const hands = role({
  name: 'hands',
  async apply({ ensure, site, host }) {
    const name = await site.on('node-04', async (there) => {
      await there.ensure(file('/run/by-hands', { content: host.name }), ${WAIT})
      return there.host.hostname + (await there.$.read\`hostname\`).stdout.trim()
    })
    await ensure(file('/run/by-name', { content: name }))
  },
})
export default playbook({ name: 'hands', plays: [{ name: 'a', hosts: 'node-03', roles: [hands] }] })
`,
    )
    await Promise.all([clean('node-03'), clean('node-04')])
    const check = await rolecall('check', 'hands')
    assert.is(check.code, 0, complaints(check))
    const first = start('apply', 'hands')
    await first.until(atWork)
    books()
    const second = await rolecall('apply', 'waits', '-l', 'node-04')
    assert.equal([second.code, second.problems[0]?.code, second.problems[0]?.host], [4, 'busy', 'node-04'])
    await ssh('node-04', 'touch /run/go')
    const run = await first.done
    assert.is(run.code, 0, complaints(run))
    assert.equal(verdicts(run), verdicts(check))
    assert.is(await ssh('node-03', 'cat /run/by-name'), 'node-04node-04')
    assert.equal(changes(await rolecall('apply', 'hands')), [])
    await Promise.all([clean('node-03'), clean('node-04')])
  },
)

test.run()
