import { createServer, type AddressInfo, type Socket } from 'node:net'
import { connect } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, lab, onLab, put, rolecall, ssh, start, text, told } from '../support/lab.ts'

/** The host that misbehaves, for one user alone: the tests themselves go on as another. The other host must not notice. */
const ODD = 'node-03'
const OTHER = 'node-04'
const HOSTS = 'inventory/hosts.yml'

const writes = (path: string) => `file('${path}', { content: 'x', validate: 'grep -q x {}' })`
function book(odd: string): void {
  put(
    'playbooks/odd.ts',
    `import { exec, file, playbook, role } from 'rolecall'
const odd = role({ name: 'odd', async apply({ ensure }) { await ensure(${odd}) } })
const other = role({ name: 'other', async apply({ ensure }) { await ensure(file('/run/other', { content: 'x' })) } })
export default playbook({ name: 'odd', plays: [{ name: 'a', hosts: '${ODD}', roles: [odd] }, { name: 'b', hosts: '${OTHER}', roles: [other] }] })
`,
  )
}

/** Makes the user afresh, runs with it, and takes it away again, with all that was said of it. */
async function asOdd(setUp: string, work: () => Promise<void>, vars = ''): Promise<void> {
  const hosts = text(HOSTS)
  await ssh(
    ODD,
    `useradd -m -s /bin/bash odd && install -d -o odd /home/odd/.ssh && install -o odd ~ops/.ssh/authorized_keys /home/odd/.ssh/
echo 'odd ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/odd; rm -f /run/odd; ${setUp}
sshd -t && systemctl reload ssh`,
  )
  put(HOSTS, hosts.replace(`    ${ODD}:\n`, `    ${ODD}:\n      ansible_user: odd\n${vars}`))
  try {
    await work()
  } finally {
    put(HOSTS, hosts)
    await ssh(
      ODD,
      `rm -f /etc/ssh/sshd_config.d/odd.conf /etc/sudoers.d/odd /etc/profile.d/odd.sh; systemctl reload ssh
pkill -KILL -u odd; for i in 1 2 3 4 5; do userdel -rf odd 2>/dev/null && break; sleep 0.3; done; true`,
    )
  }
}

/** Applied, as check said, and nothing left to do; the other host as well. */
async function runsWell(): Promise<void> {
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
async function isRefused(code: string): Promise<string> {
  await ssh(OTHER, 'rm -f /run/other')
  const run = await rolecall('apply', 'odd')
  assert.is(run.code, 4, complaints(run))
  assert.equal(
    run.problems.map((problem) => [problem.host, problem.code]),
    [[ODD, code]],
  )
  assert.is(run.summary.hosts[OTHER]?.changed, 1)
  const [problem] = run.problems
  return [problem?.message, problem?.got, problem?.hint].join('\n')
}

const CONF = '/etc/ssh/sshd_config.d/odd.conf'

onLab(
  'a banner, a message of the day and a profile that prints and asks are no answer and eat no request',
  async () => {
    book(writes('/run/odd'))
    await asOdd(
      `echo 'Keep out! -=ready= 5' >/run/banner; printf 'Match User odd\\n  Banner /run/banner\\n' >${CONF}
printf 'echo welcome; echo trouble >&2; printf "Your name? "; read -r name; read -r age; echo "hello $name"\\n' >/home/odd/.bashrc`,
      runsWell,
    )
  },
)

onLab('csh and fish as login shells pass on what they get', async () => {
  book(writes('/run/odd'))
  await ssh(
    ODD,
    'command -v tcsh >/dev/null && command -v fish >/dev/null || { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends tcsh fish; } >/dev/null 2>&1',
  )
  for (const shell of ['tcsh', 'fish']) await asOdd(`usermod -s "$(command -v ${shell})" odd`, runsWell)
})

onLab('a noexec /tmp hinders nothing', async () => {
  book(writes('/run/odd'))
  await asOdd('mount -t tmpfs -o noexec tmpfs /tmp', async () => {
    try {
      await runsWell()
    } finally {
      await ssh(ODD, 'umount /tmp')
    }
  })
})

onLab('a read-only file system is told in the words of the host', async () => {
  book(writes('/opt/odd'))
  await ssh(ODD, 'mount --bind /opt /opt && mount -o remount,bind,ro /opt')
  try {
    const run = await rolecall('apply', 'odd')
    assert.is(run.code, 2, complaints(run))
    assert.equal([run.problems.length, run.problems[0]?.host], [1, ODD])
    assert.match(JSON.stringify(run.problems[0]), /Read-only file system/i)
  } finally {
    await ssh(ODD, 'umount /opt')
  }
})

onLab('sudo with a password is given it, and told when it is refused', async () => {
  book(writes('/run/odd'))
  const wants = `echo 'odd:let me in' | chpasswd; echo 'odd ALL=(ALL) ALL' >/etc/sudoers.d/odd`
  await asOdd(wants, runsWell, '      ansible_become_password: let me in\n')
  await asOdd(
    wants,
    async () => assert.match(await isRefused('become'), 'the password was refused'),
    '      ansible_become_password: wrong\n',
  )
})

onLab('sudo that wants a terminal is told as such, and one that uses a pty is none the worse', async () => {
  book(writes('/run/odd'))
  await asOdd(`echo 'Defaults:odd requiretty' >>/etc/sudoers.d/odd`, async () => {
    assert.match(await isRefused('become'), /must have a tty[^]*requiretty/)
  })
  await asOdd(`echo 'Defaults:odd use_pty' >>/etc/sudoers.d/odd`, runsWell)
})

onLab('MaxSessions 1 is enough, also for Ctrl-C', async () => {
  book(`exec('a long one', { run: 'sleep 4363.5 & sleep 4363.5; wait', unless: 'false' })`)
  await asOdd(`printf 'Match User odd\\n  MaxSessions 1\\n' >${CONF}`, async () => {
    const running = start('apply', 'odd', '-l', ODD)
    await running.until('"type":"step"')
    running.kill('SIGINT')
    assert.is((await running.done).code, 130)
    assert.is(await ssh(ODD, "pgrep -fc '^sleep 4363[.]5' || true"), '0')
  })
})

onLab('an sshd that refuses because too many log in is tried again, and that is told', async () => {
  book(writes('/run/odd'))
  const address = (await lab()).nodes.find(({ name }) => name === ODD)?.address ?? ''
  await asOdd('', async () => {
    await ssh(ODD, `echo 'MaxStartups 2' >${CONF}; systemctl reload ssh; sleep 1`)
    const knocking: Socket[] = [1, 2].map(() => connect(22, address).on('error', () => undefined))
    try {
      await Promise.all(knocking.map((socket) => new Promise((ready) => socket.once('data', ready))))
      const running = start('apply', 'odd')
      await running.until('"type":"waiting"')
      for (const socket of knocking) socket.destroy()
      const run = await running.done
      assert.is(run.code, 0, complaints(run))
      assert.equal([run.summary.hosts[ODD]?.changed, run.problems.length], [1, 0])
    } finally {
      for (const socket of knocking) socket.destroy()
    }
  })
})

onLab('a host that accepts and never answers costs its own time alone', async () => {
  book(writes('/run/odd'))
  const deaf = createServer(() => undefined)
  await new Promise<void>((ready) => deaf.listen(0, '127.0.0.1', ready))
  const { port } = deaf.address() as AddressInfo
  const hosts = text(HOSTS)
  const there = new RegExp(`(    ${ODD}:\\n {6}ansible_host: ).*\\n`)
  put(
    HOSTS,
    hosts
      .replace(there, `$1127.0.0.1\n      ansible_port: ${port}\n`)
      .replace('-o User', '-o ConnectTimeout=2 -o User'),
  )
  try {
    assert.match(await isRefused('connect'), `cannot connect to 127.0.0.1:${port}`)
  } finally {
    put(HOSTS, hosts)
    deaf.close()
  }
})

onLab(
  '100 MB of output, letters that are none and another language of the host neither stop nor fail a step',
  async () => {
    book(
      `exec('loud', { run: 'head -c 100000000 /dev/zero | tr "\\\\\\\\0" x', unless: 'false' }), exec('odd letters', { run: 'printf "a\\\\\\\\377\\\\\\\\303(b"; echo "locale $LC_ALL"; exit 9', unless: 'false' })`,
    )
    await asOdd(`printf 'export LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 LANGUAGE=de\\n' >/home/odd/.bashrc`, async () => {
      const said = await told('apply', 'odd')
      assert.is(said.code, 2)
      assert.match(said.out + said.err, 'status 9')
      assert.match(said.out + said.err, 'a\ufffd\ufffd(blocale C')
      assert.not.match(said.out, 'xxxxxxxx')
    })
  },
)

test.run()
