// Hosts: node-02
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, lab, onLab, project, put, rolecall, ssh, text } from '../support/lab.ts'
import { Random, seedOfRun } from '../support/random.ts'
import { relay, type Line, type Relay } from '../support/relay.ts'

const FAR = 'node-02'
const HOSTS = 'inventory/hosts.yml'

function book(content: string): void {
  const files = Array.from({ length: 5 }, (_, index) => `file('/var/tmp/far/${index}', { content: '${content}' })`)
  put(
    'playbooks/far.ts',
    `import { dir, file, playbook, role } from 'rolecall'
const far = role({ name: 'far', async apply({ ensure }) { await ensure(dir('/var/tmp/far')); for (const each of [${files.join(', ')}]) await ensure(each) } })
export default playbook({ name: 'far', plays: [{ name: 'a', hosts: '${FAR}', roles: [far] }] })
`,
  )
}

/** Runs with a relay between the controller and one host. */
async function through(line: Line, work: (between: Relay) => Promise<void>): Promise<void> {
  const { nodes, knownHosts } = await lab()
  const address = nodes.find(({ name }) => name === FAR)?.address ?? ''
  const between = await relay(address, line)
  const hosts = text(HOSTS)
  const [, key = ''] = new RegExp(`^${FAR},\\S+ (.*)$`, 'm').exec(readFileSync(knownHosts, 'utf8')) ?? []
  put('known_hosts', `[127.0.0.1]:${between.port} ${key}\n`)
  const there = `    ${FAR}:\n      ansible_host: `
  put(
    HOSTS,
    hosts
      .replace(knownHosts, `${project}/known_hosts`)
      .replace(`${there}${address}\n`, `${there}127.0.0.1\n      ansible_port: ${between.port}\n`),
  )
  try {
    await work(between)
  } finally {
    put(HOSTS, hosts)
    between.close()
  }
}

onLab('200 ms of latency cost time and nothing else', async () => {
  book('slow')
  await ssh(FAR, 'rm -rf /var/tmp/far')
  await through({ delayMs: 100 }, async () => {
    const run = await rolecall('apply', 'far')
    assert.is(run.code, 0, complaints(run))
    assert.is(run.summary.hosts[FAR]?.changed, 6)
    assert.is((await rolecall('apply', 'far')).summary.hosts[FAR]?.changed, 0)
  })
})

onLab('a connection that is reset before any change is tried again, and this is reported', async () => {
  book('again')
  await through({ cuts: (packet, connection) => connection === 1 && packet === 4 }, async (between) => {
    const run = await rolecall('apply', 'far')
    assert.is(run.code, 0, complaints(run))
    assert.equal(between.seen, { connections: 2, cut: 1 })
    assert.is(run.events.filter(({ type }) => type === 'waiting').length, 1)
    assert.is(run.problems.length, 0)
  })
})

onLab('when 1 % of packets reset their connection, each run succeeds or reports the lost host', async () => {
  const chances = new Random(seedOfRun(1))
  await through({ cuts: () => chances.next() < 0.01 }, async (between) => {
    for (let tries = 1; tries <= 4; tries++) {
      book(`try ${tries}`)
      const run = await rolecall('apply', 'far', '--wait', '60')
      const ends = run.code === 0 ? [] : run.problems.map(({ code }) => code)
      assert.ok(run.code === 0 || run.code === 4, complaints(run))
      assert.ok(
        ends.every((code) => code === 'lost' || code === 'connect'),
        complaints(run),
      )
      if (run.code === 0) assert.is(await ssh(FAR, 'cat /var/tmp/far/*'), `try ${tries}`.repeat(5))
    }
    process.stdout.write(`${between.seen.cut} of ${between.seen.connections} connections were reset\n`)
  })
  book('at last')
  const last = await rolecall('apply', 'far', '--wait', '60')
  assert.is(last.code, 0, complaints(last))
  assert.is(await ssh(FAR, 'ls -A /var/tmp/far | tr "\\n" " "; cat /var/tmp/far/*'), `0 1 2 3 4 ${'at last'.repeat(5)}`)
})

test.run()
