import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { RunEvent } from '../../lib/events.ts'
import { leaderOf } from '../../lib/transport/nspawn-leader.ts'
import { rolecall, write } from '../support/project.ts'

/** A role with a package, a file, a service and an account. */
const SITE = {
  'roles/app.ts': `import { file, pkg, role, service, user } from 'rolecall'

export default role({
  name: 'app',
  async apply({ ensure, $ }) {
    await ensure(
      pkg('cron'),
      file('/etc/cron.d/app', { content: '# $HOME $$ \${x} %n\\n'.repeat(10_000), mode: '0644' }),
      service('cron', { running: true, enabled: true, restartedAfter: ['/etc/cron.d/app'] }),
      user('worker'),
    )
    const said = await $.read\`id -un; printf '%s' \${'a\\tb "c" $d'}\`
    if (said.stdout !== 'root\\na\\tb "c" $d') throw new Error(said.stdout)
  },
})
`,
  'playbooks/app.ts': `import { playbook } from 'rolecall'
import app from '../roles/app.ts'

export default playbook({ name: 'app', plays: [{ name: 'app', hosts: 'all', roles: [app] }] })
`,
}

export interface Way {
  readonly connection: 'docker' | 'podman' | 'machinectl' | 'nspawn'
  readonly container: string
  /** Programs that come first. */
  readonly path?: string
  /** Takes back what an apply has made, as root in the container. */
  readonly undo: (script: string) => Promise<unknown>
}

const CHANGED = ['file:/etc/cron.d/app', 'service:cron', 'user:worker']

/** Sets a running container up without sshd, as root (check says what apply does, and a second apply has nothing left) and as a user who becomes root. */
export async function setUpWithoutSsh(project: string, { connection, container, path, undo }: Way): Promise<void> {
  const inventory = 'inventory/without-ssh.yml'
  const host = `ansible_connection: ${connection}, ansible_host: ${container}`
  write(project, {
    ...SITE,
    [inventory]: `all:
  hosts:
    itself: { ${host} }
    ops: { ${host}, ansible_user: ops, ansible_become: true }
    nobody: { ${host}, ansible_user: nobody-here }
    gone: { ansible_connection: ${connection}, ansible_host: no-such-container }
`,
  })
  const env = path === undefined ? {} : { PATH: `${path}:${process.env['PATH'] ?? ''}` }
  const run = async (mode: string, name: string) => {
    const { code, out, err } = await rolecall(
      project,
      [mode, 'app', '--no-types', '--json', '-i', inventory, '-l', name],
      env,
    )
    const events = out.split('\n').filter((line) => line !== '')
    const changed = events.flatMap((line) => {
      const event = JSON.parse(line) as RunEvent
      return event.type === 'resource' && event.status === 'changed' ? [event.resource] : []
    })
    return { code, changed, said: out + err }
  }
  for (const name of ['itself', 'ops']) {
    await undo('rm -f /etc/cron.d/app; userdel worker 2>/dev/null; true')
    const check = name === 'itself' ? await run('check', name) : undefined
    assert.is(check?.code ?? 0, 0, check?.said)
    const apply = await run('apply', name)
    assert.is(apply.code, 0, apply.said)
    assert.equal(
      apply.changed.filter((each) => each !== 'pkg:cron'),
      CHANGED,
      connection,
    )
    if (check === undefined) continue
    assert.equal(check.changed, apply.changed, connection)
    const again = await run('apply', name)
    assert.equal([again.code, again.changed], [0, []], again.said)
  }
  for (const [name, words] of [
    ['nobody', /cannot run commands in/],
    ['gone', /no-such-container/],
  ] as const) {
    const refused = await run('check', name)
    assert.is.not(refused.code, 0)
    assert.match(refused.said, words)
  }
}

/**
 * Boots a machine within a host, where systemd-machined knows of it. Its disk is the host's own, and what is written is in memory.
 * The machine is called `inner`.
 */
export const BOOT_INNER = `set -e
apt-get install -qq -y --no-install-recommends systemd-container >/dev/null 2>&1
systemctl start systemd-machined
mkdir -p /mnt/lower /run/upper /var/lib/machines/inner
mount --bind / /mnt/lower
mount -t tmpfs tmpfs /run/upper
mkdir /run/upper/u /run/upper/w
mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/run/upper/u,workdir=/run/upper/w /var/lib/machines/inner
systemd-run --quiet --collect --unit inner -p Delegate=yes -E SYSTEMD_SECCOMP=0 -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \\
  systemd-nspawn --quiet --keep-unit -D /var/lib/machines/inner -M inner --private-network --capability=all -b
tries=0
until systemd-run --machine=inner --pipe --wait --quiet --collect -- /bin/true 2>/dev/null; do
  tries=$((tries + 1)); [ $tries -lt 300 ] || exit 1
  sleep 0.1
done`

/** A directory with a systemd-run that runs in that container of this machine: where systemd-machined is, and a bus. */
export function systemdRunOf(machine: string, directory: string): string {
  const leader = leaderOf(machine)
  if (leader === undefined) throw new Error(`no systemd-nspawn runs ${machine}`)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  writeFileSync(
    join(directory, 'systemd-run'),
    `#!/bin/sh\nexec nsenter --target=${leader} --mount --uts --ipc --net --pid --root --wd -- systemd-run "$@"\n`,
    { mode: 0o755 },
  )
  return directory
}
