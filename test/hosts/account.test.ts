// Hosts: node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dir } from '../../lib/resources/files/dir.ts'
import { exec } from '../../lib/resources/commands/exec.ts'
import { file } from '../../lib/resources/files/file.ts'
import { group } from '../../lib/resources/accounts/group.ts'
import { hostname } from '../../lib/resources/system/hostname.ts'
import { sysctl } from '../../lib/resources/system/sysctl.ts'
import { user } from '../../lib/resources/accounts/user.ts'
import { secret } from '../../lib/secret.ts'
import { onHost } from './ground.ts'

const node = 'node-04'

onHost(node, 'a group, its user and what belongs to them come at once, as check says', async (machine) => {
  const password = secret('$6$rolecall$notarealhashatall')
  const options = { uid: 1700, groups: ['rc-web'], shell: '/bin/sh', comment: "it's a test", password }
  const wanted = [
    group('rc-web', { gid: 1700 }),
    user('rc-deploy', options),
    dir('/srv/rc-deploy', { owner: 'rc-deploy', group: 'rc-web', mode: '0750' }),
  ]
  try {
    const { check, apply, again } = await machine.settle(...wanted)
    assert.equal(check, [
      'changed: create group rc-web (gid 1700)',
      'changed: create user rc-deploy (uid 1700) in rc-web: set the password of rc-deploy',
      'changed: make directory /srv/rc-deploy',
    ])
    assert.equal(apply, check)
    assert.equal(again, ['ok', 'ok', 'ok'])
    assert.match(
      await machine.sh('getent passwd rc-deploy'),
      /^rc-deploy:x:1700:\d+:it's a test:\/home\/rc-deploy:\/bin\/sh$/,
    )
    assert.match(await machine.sh('getent shadow rc-deploy'), password.reveal())

    await machine.sh(
      'gpasswd -d rc-deploy rc-web >/dev/null; usermod -s /bin/false -p x rc-deploy; rm -r /home/rc-deploy',
    )
    const drifted = await machine.settle(user('rc-deploy', { ...options, createHome: true }))
    assert.equal(drifted.apply, [
      'changed: change user rc-deploy: shell /bin/sh: add rc-deploy to rc-web: create /home/rc-deploy: set the password of rc-deploy',
    ])
    assert.equal(drifted.again, ['ok'])

    const gone = await machine.settle(
      user('rc-deploy', { state: 'absent', removeHome: true }),
      group('rc-web', { state: 'absent' }),
    )
    assert.equal(gone.check, gone.apply)
    assert.equal(gone.again, ['ok', 'ok'])
  } finally {
    await machine.sh('userdel -rf rc-deploy 2>/dev/null; groupdel rc-web 2>/dev/null; rm -rf /srv/rc-deploy; true')
  }
})

onHost(node, 'a command sees what comes before it, and runs once', async (machine) => {
  try {
    const wanted = [
      dir('/srv/rc-exec'),
      file('/srv/rc-exec/in', { content: 'x\n' }),
      exec('copy', { run: 'cp in out', cwd: '/srv/rc-exec', creates: 'out' }),
      exec('tell', {
        run: `printf %s "$TOKEN" >token`,
        cwd: '/srv/rc-exec',
        unless: '[ -s token ]',
        env: { TOKEN: secret('s3cr3t!') },
      }),
    ]
    const { check, apply, again } = await machine.settle(...wanted)
    assert.equal(check.slice(0, 3), apply.slice(0, 3))
    assert.match(check[3] ?? '', /^changed: run printf/)
    assert.match(apply[3] ?? '', /^changed: run printf/)
    assert.equal(again, ['ok', 'ok', 'ok', 'ok'])
    assert.is(await machine.sh('cat /srv/rc-exec/token'), 's3cr3t!')
    const failed = await machine.make(
      'apply',
      exec('bad', { run: 'echo why >&2; exit 3', creates: '/srv/rc-exec/never' }),
    )
    assert.match(failed.at(-1) ?? '', /status 3[^]*why/)
  } finally {
    await machine.sh('rm -rf /srv/rc-exec')
  }
})

onHost(node, 'a hostname is set at once and for the next boot', async (machine) => {
  const before = await machine.sh('uname -n')
  try {
    const { check, apply, again } = await machine.settle(hostname('rc-test.host.com'))
    assert.equal(check, [`changed: set hostname rc-test.host.com (was ${before})`])
    assert.equal([...apply, ...again], [...check, 'ok'])
    assert.is(await machine.sh('uname -n; cat /etc/hostname'), 'rc-test.host.com\nrc-test.host.com')
    await machine.sh('echo other >/etc/hostname')
    assert.equal(await machine.make('apply', hostname('rc-test.host.com')), [
      'changed: set hostname rc-test.host.com (was other at boot)',
    ])
  } finally {
    await machine.make('apply', hostname(before))
  }
})

onHost(node, 'a kernel parameter of its own is set and kept, one of the machine is refused', async (machine) => {
  const key = 'net.ipv4.ip_default_ttl'
  const before = await machine.sh(`cat /proc/sys/net/ipv4/ip_default_ttl`)
  try {
    const { check, apply, again } = await machine.settle(sysctl(key, 63))
    assert.equal(check, [`changed: set ${key} = 63 (was ${before}): keep ${key} = 63 for the next boot`])
    assert.equal([...apply, ...again], [...check, 'ok'])
    assert.match((await machine.make('apply', sysctl('vm.swappiness', 61))).at(-1) ?? '', '/proc/sys is read-only')
    assert.match((await machine.make('apply', sysctl(key, 'many'))).at(-1) ?? '', 'many')
    assert.match(await machine.sh('cat /etc/sysctl.d/90-rolecall-*'), `${key} = 63`)
  } finally {
    await machine.make('apply', sysctl(key, before))
    await machine.sh('rm -f /etc/sysctl.d/90-rolecall-*')
  }
})

test.run()
