import * as assert from 'uvu/assert'
import { complaints, put, rolecall, ssh, text } from '../support/lab.ts'

/** The host that misbehaves, for one user alone: the tests themselves go on as another. The other host must not notice. */
export const ODD = 'node-03'
export const OTHER = 'node-04'
export const HOSTS = 'inventory/hosts.yml'
export const CONF = '/etc/ssh/sshd_config.d/odd.conf'

/**
 * Has sshd read its settings anew. Not `systemctl reload`: sshd starts itself anew on SIGHUP and listens to nobody
 * meanwhile, while a restart ends when it listens again (Type=notify). Sessions stay; systemd's count of starts does not.
 */
export const SSHD_ANEW = 'systemctl reset-failed ssh; systemctl restart ssh'

/** The words of a resource that writes a file. */
export const writes = (path: string) => `file('${path}', { content: 'x', validate: 'grep -q x {}' })`
/** A playbook of one role with these resources on the odd host, and of one that writes /run/other on the other. */
export function book(odd: string): void {
  put(
    'playbooks/odd.ts',
    `import { exec, file, pkg, playbook, role, service, waitFor } from 'rolecall'
const odd = role({ name: 'odd', async apply({ ensure }) { await ensure(${odd}) } })
const other = role({ name: 'other', async apply({ ensure }) { await ensure(file('/run/other', { content: 'x' })) } })
export default playbook({ name: 'odd', plays: [{ name: 'a', hosts: '${ODD}', roles: [odd] }, { name: 'b', hosts: '${OTHER}', roles: [other] }] })
`,
  )
}

/** Makes the user afresh, runs with it, and takes it away again, with all that was said of it. */
export async function asOdd(setUp: string, work: () => Promise<void>, vars = ''): Promise<void> {
  const hosts = text(HOSTS)
  await ssh(
    ODD,
    `useradd -m -s /bin/bash odd && install -d -o odd /home/odd/.ssh && install -o odd ~ops/.ssh/authorized_keys /home/odd/.ssh/
echo 'odd ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/odd; rm -f /run/odd; ${setUp}
sshd -t && { ${SSHD_ANEW}; }`,
  )
  put(HOSTS, hosts.replace(`    ${ODD}:\n`, `    ${ODD}:\n      ansible_user: odd\n${vars}`))
  try {
    await work()
  } finally {
    put(HOSTS, hosts)
    await ssh(
      ODD,
      `rm -f /etc/ssh/sshd_config.d/odd.conf /etc/sudoers.d/odd /etc/profile.d/odd.sh; ${SSHD_ANEW}
pkill -KILL -u odd; for i in 1 2 3 4 5; do userdel -rf odd 2>/dev/null && break; sleep 0.3; done; true`,
    )
  }
}

/** Applied, as check said, and nothing left to do; the other host as well. */
export async function runsWell(): Promise<void> {
  await ssh(OTHER, 'rm -f /run/other')
  const check = await rolecall('check', 'odd')
  assert.is(check.code, 0, complaints(check))
  const run = await rolecall('apply', 'odd')
  assert.is(run.code, 0, complaints(run))
  for (const host of [ODD, OTHER]) assert.is(run.summary.hosts[host]?.changed, 1)
  assert.is(check.summary.hosts[ODD]?.changed, 1)
  assert.is(await ssh(ODD, 'cat /run/odd'), 'x')
}

/** This host has this problem, and the other one is as wanted. */
export async function isRefused(code: string): Promise<string> {
  await ssh(OTHER, 'rm -f /run/other')
  const run = await rolecall('apply', 'odd')
  assert.is(run.code, 4, complaints(run))
  assert.equal(
    run.problems.map((problem) => [problem.host, problem.code]),
    [[ODD, code]],
  )
  assert.is(run.summary.hosts[OTHER]?.changed, 1)
  const [problem] = run.problems
  return [problem?.message, problem?.got, problem?.output, problem?.hint].join('\n')
}
