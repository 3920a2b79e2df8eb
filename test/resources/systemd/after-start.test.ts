import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dockerCompose } from '../../../lib/resources/docker/compose/compose.ts'
import { dockerContainer } from '../../../lib/resources/docker/container.ts'
import type { Resource } from '../../../lib/resources/kit/kind.ts'
import { service } from '../../../lib/resources/systemd/service.ts'
import { reply, run, scratch, shells } from '../../support/converge-locally.ts'

const jail = service('fail2ban', { running: true })
const shown = (properties: Readonly<Record<string, string>>) =>
  Object.entries({ LoadState: 'loaded', ActiveState: 'active', SubState: 'running', NRestarts: '0', ...properties })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
const failed = {
  ActiveState: 'failed',
  SubState: 'failed',
  Result: 'exit-code',
  ExecMainCode: '1',
  ExecMainStatus: '255',
}

function state(resource: Resource, answer: string): string {
  const seen = resource.afterStart?.read(reply(answer))
  return seen?.type === 'up' ? `up ${seen.restarts}` : `${seen?.type}: ${seen?.message}`
}

test('a unit after its start', () => {
  const rows: readonly [Readonly<Record<string, string>>, string][] = [
    [{}, 'up 0'],
    [{ NRestarts: '3' }, 'up 3'],
    [{ SubState: 'exited' }, 'up 0'],
    [failed, 'failed: fail2ban.service has failed soon after its start: exit status 255'],
    [
      { ...failed, ExecMainCode: '2', ExecMainStatus: '11' },
      'failed: fail2ban.service has failed soon after its start: signal 11',
    ],
    [
      { ActiveState: 'failed', Result: 'start-limit-hit' },
      'failed: fail2ban.service has failed soon after its start: result start-limit-hit',
    ],
    [
      { ...failed, ActiveState: 'activating', SubState: 'auto-restart' },
      'restarting: fail2ban.service has ended soon after its start, and systemd is about to start it again: exit status 255',
    ],
    [
      { ...failed, ActiveState: 'activating', SubState: 'auto-restart-queued' },
      'restarting: fail2ban.service has ended soon after its start, and systemd is about to start it again: exit status 255',
    ],
    [
      { ActiveState: 'inactive', SubState: 'dead', ExecMainCode: '1', ExecMainStatus: '0' },
      'down: fail2ban.service has ended soon after its start: exit status 0',
    ],
    [{ ActiveState: 'inactive', LoadState: 'not-found' }, 'up 0'],
  ]
  for (const [properties, expected] of rows) assert.is(state(jail, shown(properties)), expected)
  // systemd before 235 does not count, and a host that does not answer has no problem of a unit.
  assert.is(state(jail, 'ActiveState=active\n'), 'up 0')
  assert.is(state(jail, ''), 'up 0')
})

test('only a service that is to run is looked at again', () => {
  assert.is(service('fail2ban', { running: false }).afterStart, undefined)
  assert.is(service('fail2ban', { enabled: true }).afterStart, undefined)
  assert.is(service('apt-daily.timer', { running: true }).afterStart, undefined)
  const reloaded = service('nginx', { reloadedAfter: ['/etc/nginx/nginx.conf'] })
  assert.is(state(reloaded, shown({ ActiveState: 'inactive' })), 'up 0')
  assert.match(state(reloaded, shown(failed)), /^failed/)
  const ofUser = service('app', { user: 'ada', running: true })
  assert.match(state(ofUser, shown(failed)), 'failed: app.service of ada has failed')
})

const web = dockerContainer('web', { image: 'app:v1' })
const shop = dockerCompose('/srv/shop')

test('containers after their start', () => {
  assert.is(state(web, '/web running 0 0\n'), 'up 0')
  assert.is(state(web, '/web running 2 0\n'), 'up 2')
  assert.is(state(web, '/web exited 0 3\n'), 'failed: container web has ended soon after its start: exit code 3')
  assert.is(state(web, '/web exited 0 0\n'), 'down: container web has ended soon after its start: exit code 0')
  assert.is(
    state(shop, '/shop_web_1 running 0 0\n/shop_db_1 restarting 2 1\n# log\nno space left\n'),
    'restarting: container shop_db_1 has ended soon after its start, and Docker is about to start it again: exit code 1',
  )
  assert.is(state(shop, ''), 'up 0')
  assert.is(dockerContainer('web', { image: 'app:v1', state: 'stopped' }).afterStart, undefined)
  assert.is(dockerCompose('/srv/shop', { state: 'absent' }).afterStart, undefined)
})

for (const shell of shells()) {
  const stage = (commands: Readonly<Record<string, string>>) => {
    const dir = scratch()
    for (const [name, body] of Object.entries(commands)) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${body}\n`)
      chmodSync(join(dir, name), 0o755)
    }
    return async (resource: Resource) => {
      const script = resource.afterStart?.look(5)
      assert.ok(script)
      const { code, stdout } = await run(shell, script, undefined, { PATH: `${dir}:${shell.path}` })
      assert.is(code, 0)
      return stdout.toString()
    }
  }
  const systemctl = (answer: string, active: number) =>
    `case $* in *is-active*) exit ${active};; *show*) printf '%s' '${answer}';; *) exit 9;; esac`

  test(`${shell.name}: a log is asked for only where the unit is not up, or was started again`, async () => {
    const journalctl = `case $* in *_SYSTEMD_UNIT=fail2ban.service*) [ -e "$0.mute" ] || echo own;; *-u*) echo manager;; esac`
    const up = stage({ systemctl: systemctl(shown({}), 0), journalctl })
    assert.is(await up(jail), shown({}))
    const down = stage({ systemctl: systemctl(shown(failed), 3), journalctl })
    assert.is(await down(jail), `${shown(failed)}# log\nown\n`)
    const again = stage({ systemctl: systemctl(shown({ NRestarts: '2' }), 0), journalctl })
    assert.is(await again(jail), `${shown({ NRestarts: '2' })}# log\nown\n`)
    const mute = stage({ systemctl: systemctl(shown(failed), 3), journalctl, 'journalctl.mute': '' })
    assert.is(await mute(jail), `${shown(failed)}# log\nmanager\n`)
    assert.is(await stage({ systemctl: 'exit 1', journalctl })(jail), '')
  })

  test(`${shell.name}: the log of the container that is not up is printed`, async () => {
    const docker = (lines: string) =>
      `case $* in *ps*) echo id1 id2;; *inspect*) printf '${lines}';; "logs --tail 15 "*) echo "words of $4";; esac`
    const inactive = 'printf "active\\nactive\\n"'
    const up = stage({ systemctl: inactive, docker: docker('/a running 0 0\\n/b running 0 0\\n') })
    assert.is(await up(shop), '/a running 0 0\n/b running 0 0\n')
    const down = stage({ systemctl: inactive, docker: docker('/a running 0 0\\n/b exited 0 3\\n') })
    assert.is(await down(shop), '/a running 0 0\n/b exited 0 3\n# log\nwords of b\n')
    const stopped = stage({ systemctl: 'printf "inactive\\nactive\\n"', docker: 'echo woken' })
    assert.is(await stopped(shop), '')
  })
}

test.run()
