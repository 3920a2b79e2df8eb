// Hosts: node-01, node-02, node-03, node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, onLab, put, rolecall, ssh, start } from '../support/lab.ts'

/** Unlike any other number of seconds, so that the process can be found. */
const LONG = 'sleep 4361.5'
const longOnes = (node: string) => ssh(node, "pgrep -fc '^sleep 4361[.]5' || true")

function book(name: string, plays: string): void {
  put(
    `playbooks/${name}.ts`,
    `import { exec, file, playbook, role } from 'rolecall'
const long = exec('long', { run: '${LONG} & ${LONG}; wait', unless: 'false' })
const fails = exec('fails', { run: 'exit 7', unless: 'false' })
export default playbook({ name: '${name}', plays: [${plays}] })
`,
  )
}

onLab('the deadline of a role ends its step on the host with its children, and the other hosts go on', async () => {
  book(
    'late',
    `{ name: 'a', hosts: 'node-03', deadline: 6, roles: [role({ name: 'late', async apply({ ensure }) { await ensure(long) } })] },
     { name: 'b', hosts: 'node-04', roles: [role({ name: 'prompt', async apply({ ensure }) { await ensure(file('/run/prompt', { content: 'x' })) } })] }`,
  )
  const run = await rolecall('apply', 'late')
  assert.is(run.code, 2, complaints(run))
  const [problem] = run.problems
  assert.equal([problem?.code, problem?.host, problem?.resource], ['step-timeout', 'node-03', 'exec:long'])
  assert.match(problem?.message ?? '', 'it reached the deadline of its role')
  assert.is(await longOnes('node-03'), '0')
  assert.is(run.summary.hosts['node-04']?.failed, 0)
})

onLab('the deadline of a role also ends commands of $, and pipes of two commands', async () => {
  book(
    'late',
    `{ name: 'a', hosts: 'node-03', roles: [role({ name: 'late', deadline: 1, async apply({ $ }) { await $.read\`echo x; ${LONG}\`.pipe($.read\`cat; ${LONG}\`) } })] }`,
  )
  const run = await rolecall('apply', 'late')
  assert.is(run.code, 2, complaints(run))
  assert.is(run.problems[0]?.code, 'unit-timeout')
  assert.is(await longOnes('node-03'), '0')
})

onLab('Ctrl-C ends two commands in a pipe', async () => {
  book(
    'fed',
    `{ name: 'a', hosts: 'node-03', roles: [role({ name: 'fed', async apply({ $, ensure }) { await ensure(file('/run/fed', { content: String(Date.now()) })); await $.read\`echo x; ${LONG}\`.pipe($.read\`cat; ${LONG}\`) } })] }`,
  )
  const running = start('apply', 'fed')
  await running.until('"status":"changed"')
  for (let tries = 0; tries < 50 && (await longOnes('node-03')) !== '1'; tries++) continue
  running.kill('SIGINT')
  const run = await running.done
  assert.is(run.code, 130, complaints(run))
  assert.is(await longOnes('node-03'), '0')
})

for (const [says, more] of [
  ['maxFailures: 0', 'maxFailures: 0'],
  ["maxFailures: '20%'", "maxFailures: '20%'"],
  ['anyErrorsFatal', 'anyErrorsFatal: true'],
] as const) {
  onLab(`a rolling update with ${says} stops before the batch after the one that failed`, async () => {
    book(
      'rolling',
      `{ name: 'a', hosts: 'node-01:node-02:node-03:node-04', serial: 1, ${more}, roles: [role({ name: 'roll', async apply({ ensure, host }) { await ensure(host.name === 'node-02' ? fails : file('/run/rolled', { content: String(process.pid) })) } })] }`,
    )
    const run = await rolecall('apply', 'rolling')
    assert.is(run.code, 2, complaints(run))
    const ends = run.events.flatMap((event) => (event.type === 'unit-end' ? [`${event.host} ${event.end}`] : []))
    assert.equal(ends, ['node-01 done', 'node-02 failed', 'node-03 skipped', 'node-04 skipped'])
    assert.ok(!run.events.some((event) => event.type === 'connecting' && event.host === 'node-03'), 'nor is it touched')
  })
}

test.run()
