import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, lab, onLab, put, rolecall, ssh, text, told, withoutPower, type Ran } from '../support/lab.ts'

const VARS = 'inventory/group_vars/dns.yml'
const HOSTS = 'inventory/hosts.yml'
const asItWas = text(VARS)

put(
  'playbooks/hello.ts',
  `import { file, playbook, role } from 'rolecall'
const hello = role({ name: 'hello', async apply({ ensure }) { await ensure(file('/run/hello', { content: 'hello' })) } })
export default playbook({ name: 'hello', plays: [{ name: 'all', hosts: 'all', roles: [hello] }] })
`,
)
put(
  'playbooks/nobody.ts',
  `import { playbook } from 'rolecall'
import base from '../roles/base.ts'
export default playbook({ name: 'nobody', plays: [{ name: 'all', hosts: 'dsn', roles: [base] }] })
`,
)

const logins = async () => Number(await ssh('node-01', 'journalctl -u ssh --no-pager -q | grep -c Accepted'))

/** Nobody was asked, and the first problem says this. */
async function refused(...args: readonly string[]): Promise<Ran> {
  const before = await logins()
  const run = await rolecall(...args)
  assert.is(run.code, 1, complaints(run))
  assert.equal(
    run.events.filter(({ type }) => type !== 'problem' && type !== 'summary'),
    [],
  )
  // The only new one is the question itself.
  assert.is((await logins()) - before, 1, 'no host was touched')
  return run
}

async function withKeys(keys: (line: string) => string, work: (file: string) => Promise<void>): Promise<void> {
  const { knownHosts } = await lab()
  const known = readFileSync(knownHosts, 'utf8')
  const hosts = text(HOSTS)
  put('known_hosts', known.split('\n').map(keys).join('\n'))
  put(HOSTS, hosts.replace(knownHosts, '../known_hosts'))
  try {
    await work('known_hosts')
  } finally {
    put(HOSTS, hosts)
  }
}

onLab('a value of the wrong type is told with its file, line and column', async () => {
  put(VARS, 'dns-server:\n  forwarders: 10.4.7.1\n  zones:\n    - name: host.com\n      hosts: 5\n')
  const { problems } = await refused('apply', 'site')
  assert.equal(
    problems.map(({ place }) => [place?.file, place?.line, place?.column]),
    [
      [VARS, 2, 15],
      [VARS, 5, 14],
    ],
  )
  assert.match(problems[0]?.message ?? '', 'forwarders')
  const { code, err } = await told('apply', 'site')
  assert.is(code, 1)
  assert.match(err, `${VARS}:2:15`)
  assert.match(err, 'No host was touched')
  put(VARS, asItWas)
})

onLab('a misspelt variable is reported with the nearest name', async () => {
  put(VARS, 'dns-server:\n  forwarderz: [10.4.7.1]\n')
  const { problems } = await refused('apply', 'site')
  assert.equal([problems.length, problems[0]?.place], [1, { file: VARS, line: 2, column: 3 }])
  assert.match(problems[0]?.message ?? '', 'forwarderz')
  assert.match(problems[0]?.hint ?? '', 'forwarders')
  put(VARS, asItWas)
})

onLab('a pattern without a match is reported with the nearest names', async () => {
  const limit = await refused('apply', 'site', '--limit', 'node-01,nod-02')
  assert.match(limit.problems[0]?.message ?? '', 'nod-02')
  assert.match(limit.problems[0]?.hint ?? '', 'node-02')
  const play = await refused('check', 'nobody')
  assert.match(play.problems[0]?.message ?? '', 'dsn')
  assert.match(play.problems[0]?.hint ?? '', 'dns')
  const role = await refused('apply', 'site', '--role', 'dns-sever')
  assert.match(role.problems[0]?.hint ?? '', 'dns-server')
})

onLab(
  'a host whose key nobody knows is refused while the others go on, and believed when the user says so',
  async () => {
    const node = (await lab()).nodes.find(({ name }) => name === 'node-04')
    await withKeys(
      (line) => (line.startsWith('node-04') ? '' : line),
      async (file) => {
        const run = await rolecall('apply', 'hello')
        onlyUnreachable(run, 'node-04', 'host-key')
        assert.match(run.problems[0]?.message ?? '', `the host key of ${node?.address ?? ''} is not known`)
        assert.match(run.problems[0]?.got ?? '', /^ssh-ed25519 SHA256:/)
        assert.match(run.problems[0]?.hint ?? '', '--accept-new-host-keys')
        assert.is((await rolecall('apply', 'hello', '--accept-new-host-keys')).code, 0)
        // Debian's own ssh_config says HashKnownHosts: then the address is not to be read there.
        assert.match(text(file), new RegExp(`^(${node?.address ?? ''}|\\|1\\|\\S+) ssh-ed25519 `, 'm'))
        assert.is((await rolecall('apply', 'hello')).code, 0)
      },
    )
  },
)

onLab('a host whose key has changed is always refused, with both fingerprints', async () => {
  const { nodes } = await lab()
  const address = nodes.find(({ name }) => name === 'node-04')?.address ?? ''
  const other = (await ssh('node-03', 'cat /etc/ssh/ssh_host_ed25519_key.pub')).split(' ').slice(0, 2).join(' ')
  const prints = await Promise.all(
    ['node-03', 'node-04'].map((node) => ssh(node, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2")),
  )
  await withKeys(
    (line) => (line.startsWith('node-04') ? `${address} ${other}` : line),
    async () => {
      for (const flags of [[], ['--accept-new-host-keys']]) {
        const run = await rolecall('apply', 'hello', ...flags)
        onlyUnreachable(run, 'node-04', 'host-key')
        assert.match(run.problems[0]?.message ?? '', 'has changed')
        assert.match(run.problems[0]?.expected ?? '', prints[0] ?? '')
        assert.match(run.problems[0]?.got ?? '', prints[1] ?? '')
      }
    },
  )
})

onLab('a dead host does not stop the others', async () => {
  await withoutPower('node-05', async () => {
    const run = await rolecall('apply', 'hello')
    onlyUnreachable(run, 'node-05', 'connect')
    assert.match(run.problems[0]?.hint ?? '', /see whether the host is up/)
  })
})

/** Exit 4; this host could not be reached, and the others are as wanted. */
function onlyUnreachable(run: Ran, host: string, code: string): void {
  assert.is(run.code, 4, complaints(run))
  assert.equal(
    run.problems.map((problem) => [problem.host, problem.code]),
    [[host, code]],
  )
  for (const [name, counts] of Object.entries(run.summary.hosts)) {
    assert.is(counts.unreachable, name === host, name)
    assert.is(counts.failed, 0, name)
    assert.is(counts.ok + counts.changed, name === host ? 0 : 1, name)
  }
}

test.run()
