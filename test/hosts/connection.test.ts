// Hosts: node-03, node-04
import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, onLab, put, rolecall, ssh, sshTried, start, text } from '../support/lab.ts'

/** Unlike any other number of seconds, so that the process can be found. */
const LONG = 'sleep 4357.5'
const longOnes = (node: string) => ssh(node, "pgrep -fc '^sleep 4357[.]5' || true")

/** Writes a playbook of one role on one host, or of several. */
function playbook(name: string, parts: Readonly<Record<string, string>>): void {
  const roles = Object.entries(parts).map(
    ([host, body]) =>
      `{ name: '${host}', hosts: '${host}', roles: [role({ name: '${name}-${host}', async apply({ ensure }) { await ensure(${body}) } })] }`,
  )
  put(
    `playbooks/${name}.ts`,
    `import { dir, exec, file, playbook, role } from 'rolecall'
const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * at * 31 + (at >> 8) * 7) & 255)
export default playbook({ name: '${name}', plays: [${roles.join(',\n')}] })
`,
  )
}

const long = (more = '') => `exec('a long one', { run: '${LONG} & ${LONG}; wait', unless: 'false'${more} })`
const begun = '"type":"step"'

onLab(
  'a connection that is lost inside a step is told with host, step and what to do, and the others go on',
  async () => {
    playbook('lost', { 'node-03': long(), 'node-04': `file('/run/lost', { content: 'other' })` })
    const running = start('apply', 'lost')
    await running.until(begun)
    await sshTried('node-03', "pkill -KILL -f '^sshd: op[s]'")
    const run = await running.done
    assert.is(run.code, 4, complaints(run))
    const [problem] = run.problems
    assert.is(run.problems.length, 1, complaints(run))
    assert.equal([problem?.code, problem?.host, problem?.role], ['lost', 'node-03', 'lost-node-03'])
    assert.is(problem?.resource, 'exec:a long one')
    assert.match(problem?.message ?? '', /lost the connection to .* run sleep 4357/)
    assert.match(problem?.hint ?? '', 'run the same command again')
    assert.ok(run.summary.hosts['node-03']?.unreachable)
    assert.is(run.summary.hosts['node-04']?.unreachable, false)
    assert.is(await ssh('node-04', 'cat /run/lost'), 'other')
    await ssh('node-03', "pkill -f '^slee[p] 4357[.]5' || true")
  },
)

onLab('a host that falls silent is given up after the keepalive, and the run ends', async () => {
  const hosts = text('inventory/hosts.yml')
  put('inventory/hosts.yml', hosts.replace('-o UserKnownHostsFile', '-o ServerAliveInterval=1 -o UserKnownHostsFile'))
  playbook('silent', {
    'node-03': `exec('cut', { run: 'systemd-run --quiet --on-active=10 ip link set host0 up; ip link set host0 down; ${LONG}', unless: 'false', deadline: 30 })`,
  })
  const run = await rolecall('apply', 'silent')
  put('inventory/hosts.yml', hosts)
  assert.is(run.code, 4, complaints(run))
  assert.is(run.problems[0]?.code, 'lost')
  await ssh('node-03', 'until ip link show host0 | grep -q UP; do sleep 0.2; done')
  // The host has not noticed, and would keep others out until the lost run has been silent for a minute.
  await sshTried('node-03', "pkill -KILL -f '^sshd: op[s]'")
})

onLab('Ctrl-C ends what runs on the host with its children, and exits with 130', async () => {
  playbook('interrupted', {
    'node-03': `file('/run/before', { content: 'x' }), ${long()}, file('/run/after', { content: 'x' })`,
  })
  await ssh('node-03', 'rm -f /run/before /run/after')
  const running = start('apply', 'interrupted')
  await running.until('4357.5')
  assert.is(await longOnes('node-03'), '2')
  running.kill('SIGINT')
  const run = await running.done
  assert.is(run.code, 130, complaints(run))
  assert.is(await longOnes('node-03'), '0')
  assert.is(await ssh('node-03', 'ls /run/before /run/after 2>/dev/null || true'), '/run/before')
  assert.ok(run.events.some((event) => event.type === 'unit-end' && event.end === 'cancelled'))
})

onLab('a deadline ends the command with its children', async () => {
  playbook('deadline', { 'node-03': long(', deadline: 1') })
  const run = await rolecall('apply', 'deadline')
  assert.is(run.code, 2, complaints(run))
  assert.is(run.problems[0]?.code, 'step-timeout')
  assert.match(run.problems[0]?.message ?? '', 'it reached its deadline of 1 s')
  assert.is(await longOnes('node-03'), '0')
})

onLab('5 MB of binary content arrive intact, and so does an empty file', async () => {
  playbook('large', {
    'node-03': `file('/var/tmp/large', { content: bytes(5_000_000) }), file('/var/tmp/empty', { content: '' })`,
  })
  const bytes = Uint8Array.from({ length: 5_000_000 }, (_, at) => (at * at * 31 + (at >> 8) * 7) & 255)
  const run = await rolecall('apply', 'large')
  assert.is(run.code, 0, complaints(run))
  const sums = await ssh('node-03', 'sha256sum </var/tmp/large; stat -c %s /var/tmp/empty')
  assert.is(sums, `${createHash('sha256').update(bytes).digest('hex')}  -\n0`)
  assert.is((await rolecall('apply', 'large')).summary.hosts['node-03']?.changed, 0)
})

onLab('names with spaces, quotes, newlines and letters of other languages are names like any other', async () => {
  const names = [' a space ', `it's "so"`, 'two\nlines', '名字 ü', '$HOME `id` \\', '-rf *', "';exit 7;'"]
  const paths = names.map((name) => `/var/tmp/odd/${name}`)
  const files = paths.map((path) => `file(${JSON.stringify(path)}, { content: ${JSON.stringify(path)} })`)
  playbook('names', { 'node-03': [`dir('/var/tmp/odd')`, ...files].join(', ') })
  const check = await rolecall('check', 'names')
  const run = await rolecall('apply', 'names')
  assert.is(run.code, 0, complaints(run))
  assert.is(run.summary.hosts['node-03']?.changed, check.summary.hosts['node-03']?.changed)
  const found = await ssh(
    'node-03',
    'cd /var/tmp/odd; for f in * .[!.]*; do [ -e "$f" ] && cat -- "$f" && echo @; done; true',
  )
  assert.equal(
    found
      .split('@')
      .map((path) => path.trim())
      .filter((path) => path !== '')
      .sort(),
    paths.map((path) => path.trim()).sort(),
  )
  assert.is((await rolecall('apply', 'names')).summary.hosts['node-03']?.changed, 0)
})

onLab('a full disk is reported with needed and free space, and leaves neither file nor candidate', async () => {
  await ssh(
    'node-03',
    'mkdir -p /mnt/small; mountpoint -q /mnt/small || mount -t tmpfs -o size=1m tmpfs /mnt/small; echo old >/mnt/small/it',
  )
  playbook('full', { 'node-03': `file('/mnt/small/it', { content: bytes(5_000_000) })` })
  const run = await rolecall('apply', 'full')
  const left = await ssh('node-03', 'ls -A /mnt/small; cat /mnt/small/it; umount /mnt/small')
  assert.is(run.code, 2, complaints(run))
  assert.match(run.problems[0]?.message ?? '', /it takes 5000000 bytes, and its file system has \d+ left/)
  assert.is(run.problems[0]?.resource, 'file:/mnt/small/it')
  assert.is(left, 'it\nold')
})

onLab('20 MB of output without a newline neither stop nor fail a step', async () => {
  playbook('flood', {
    'node-03': `exec('flood', { run: 'head -c 20000000 /dev/zero | tr "\\\\0" x; touch /run/flooded', creates: '/run/flooded' })`,
  })
  await ssh('node-03', 'rm -f /run/flooded')
  const run = await rolecall('apply', 'flood')
  assert.is(run.code, 0, complaints(run))
  assert.is(run.summary.hosts['node-03']?.changed, 1)
})

onLab('sudo that refuses root is reported as that', async () => {
  await ssh(
    'node-03',
    'id guest >/dev/null 2>&1 || useradd -m guest; install -d -o guest /home/guest/.ssh; cp ~ops/.ssh/authorized_keys /home/guest/.ssh/; chown guest /home/guest/.ssh/authorized_keys',
  )
  playbook('become', { 'node-03': `file('/run/become', { content: 'x' })` })
  const hosts = text('inventory/hosts.yml')
  put('inventory/hosts.yml', hosts.replace('"ops"', '"guest"'))
  const run = await rolecall('apply', 'become')
  put('inventory/hosts.yml', hosts)
  await ssh('node-03', 'userdel -r guest 2>/dev/null || true')
  assert.is(run.code, 4, complaints(run))
  assert.is(run.problems[0]?.code, 'become')
  assert.match(run.problems[0]?.message ?? '', 'sudo does not let us become root')
  assert.match(run.problems[0]?.got ?? '', /password is required|not in the sudoers/)
  assert.match(run.problems[0]?.hint ?? '', 'ansible_become_password')
})

test.run()
