import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inventoryFor } from '../../lib/lab/lab.ts'
import { ansibleIsIdle, ansibleProject, hasAnsible, pythonOnHosts } from './ansible.ts'
import { contest, type Contender } from './contest.ts'
import { labGround, playbookOf, projectWith, rolecall, withoutSite, type Ground } from './ground.ts'
import { quoted, sshOptions } from './plain-ssh.ts'
import { sample, type Command } from './sample.ts'
import { rolecallIsIdle, targetsOf, type Extent, type Tables } from './site.ts'
import { against, beyond, memoryColumn, tableOf } from './table.ts'

const EXTENT = { megabytes: 100, hosts: 10_000 }

/**
 * A hundred files and a hundred commands on one host, beside connecting alone, and Ansible with the same; one large file to five hosts.
 */
export async function* benchWork({ rounds, ansibleRounds, isSmoke }: Extent): Tables {
  const ground = await labGround()
  await withoutSite(ground, isSmoke)
  // The site's variables belong to roles that are not in these playbooks.
  const project = projectWith({ 'inventory/hosts.yml': inventoryFor(ground.lab) })
  const ours = (name: string): Command => rolecall(project, 'apply', playbookOf(name))
  const clear = () => sample(overSsh(ground, 2, 'sudo rm -rf /opt/bench'), ground.target)
  const ansible = ansibleRounds > 0 && !isSmoke && hasAnsible({ isSmoke }) ? await ansibleWork(ground, clear) : []
  const contenders: readonly Contender[] = [
    { name: 'connecting alone', command: ours('idle') },
    { name: '100 files, first write', command: ours('files'), prepare: clear },
    { name: '100 files, nothing to do', command: ours('files'), judge: rolecallIsIdle },
    { name: '100 commands in sequence', command: ours('commands') },
    { name: '100 x ssh over one master', command: master(ground) },
  ]
  const one = await contest({ work: 'one host', contenders, target: ground.target, rounds })
  yield tableOf('one host', one, [memoryColumn, beyond('connecting alone')])
  yield await benchLarge({ ...ground, project }, rounds, isSmoke ? 2 : EXTENT.megabytes)
  if (ansible.length > 0) {
    // Minutes each: once, after the others, whose host would have files or not by whoever was before them.
    const theirs = await contest({ work: 'one host', contenders: ansible, target: ground.target, rounds: 1 })
    yield tableOf('one host, Ansible', theirs, [memoryColumn])
  }
}

/** The same files and commands, first write, nothing to do, and commands, each in both setups of Ansible. */
async function ansibleWork(ground: Ground, clear: () => Promise<unknown>): Promise<Contender[]> {
  const project = ansibleProject(inventoryFor(ground.lab))
  await pythonOnHosts(project, '-l', 'node-03')
  const all = (what: string, playbook: string, more: Partial<Contender>): Contender[] =>
    project.contenders(1, playbook).map((each) => ({ ...each, ...more, name: `${each.name}: ${what}` }))
  const first = all('100 files, first write', 'files.yml', { prepare: clear })
  const again = all('100 files, nothing to do', 'files.yml', { judge: ansibleIsIdle })
  const commands = all('100 commands', 'commands.yml', {})
  // A rerun comes right after its first write.
  return [...first.flatMap((each, at) => [each, ...again.slice(at, at + 1)]), ...commands]
}

async function benchLarge(ground: Ground, rounds: number, megabytes: number): Promise<string> {
  const path = join(ground.project, 'large')
  writeFileSync(path, randomBytes(megabytes * 1024 * 1024))
  const targets = targetsOf(ground)
  const prepare = () =>
    Promise.all(targets.map((_, at) => sample(overSsh(ground, at, 'sudo rm -f /opt/large /tmp/large'), ground.target)))
  const copies = targets.map((target) => {
    const options = sshOptions(target).map((word) => (word === '-p' ? '-P' : word))
    return `${['scp', '-q', ...options, path, `${target.user}@${target.address}:/tmp/large`].map(quoted).join(' ')} & all="$all $!"`
  })
  const wait = 'for one in $all; do wait "$one" || exit 1; done'
  const contenders: readonly Contender[] = [
    {
      name: 'rolecall',
      command: { ...rolecall(ground.project, 'apply', playbookOf('large')), env: { NO_COLOR: '1', BENCH_LARGE: path } },
      prepare,
    },
    { name: 'scp', command: { argv: ['/bin/sh', '-c', `all=; ${copies.join('\n')}\n${wait}`] }, prepare },
  ]
  const work = `one file of ${megabytes} MiB to five hosts`
  return tableOf(work, await contest({ work, contenders, target: ground.target, rounds: Math.min(rounds, 4) }), [
    memoryColumn,
    against('scp'),
  ])
}

/** What a person waits for before anything is connected. */
export async function* benchStart({ rounds, isSmoke }: Extent): Tables {
  const ground = await labGround()
  const count = isSmoke ? 100 : EXTENT.hosts
  const large = projectWith(largeInventory(count))
  const small = projectWith(SMALL)
  const none = () => 0
  const contenders: readonly Contender[] = [
    { name: 'node -e 0', command: { argv: [process.execPath, '-e', '0'] } },
    { name: 'rolecall --version', command: rolecall(ground.project, '--version') },
    { name: 'rolecall list hosts', command: rolecall(ground.project, 'list', 'hosts') },
    { name: 'rolecall check, types known', command: rolecall(small, 'check', 'site') },
    { name: 'rolecall check --no-types', command: rolecall(small, 'check', 'site', '--no-types') },
    { name: `rolecall list hosts, ${count} hosts`, command: rolecall(large, 'list', 'hosts') },
  ]
  yield tableOf('start-up', await contest({ work: 'start-up', contenders, target: none, rounds }), [
    against('node -e 0'),
  ])
}

/** One role on this machine. */
const SMALL = {
  'inventory/hosts.yml': 'all: { hosts: { here: { ansible_connection: local } } }\n',
  'playbooks/site.ts': `import { dir, playbook, role } from 'rolecall'
const tmp = role({ name: 'tmp', apply: async ({ ensure }) => void (await ensure(dir('/tmp', { mode: '1777' }))) })
export default playbook({ name: 'site', plays: [{ name: 'all', hosts: 'all', roles: [tmp] }] })
`,
}

/** A hundred groups, each with variables of its own. */
function largeInventory(hosts: number): Record<string, string> {
  const groups = Array.from({ length: 100 }, (_, at) => `group${at}`)
  const each = groups.map((group, at) => {
    const names = Array.from({ length: hosts / 100 }, (_, host) => `        host-${at * (hosts / 100) + host}:\n`)
    return `    ${group}:\n      hosts:\n${names.join('')}`
  })
  return {
    'inventory/hosts.yml': `all:\n  children:\n${each.join('')}`,
    'inventory/group_vars/all.yml': 'ansible_user: root\n',
    ...Object.fromEntries(
      groups.map((group, at) => [`inventory/group_vars/${group}.yml`, `base:\n  tools: [tool-${at}]\n`]),
    ),
  }
}

function overSsh(ground: Ground, at: number, script: string): Command {
  const target = targetsOf(ground)[at]
  if (target === undefined) throw new Error('the lab has no such host')
  return { argv: ['ssh', ...sshOptions(target), `${target.user}@${target.address}`, script] }
}

/** The program `ssh` with one connection for all of them. */
function master(ground: Ground): Command {
  const { argv } = overSsh(ground, 2, 'true')
  const [ssh = 'ssh', ...words] = [...argv.slice(0, -2), '-o', 'ControlPath=./control-%C', ...argv.slice(-2)]
  const one = [ssh, ...words].map(quoted).join(' ')
  const open = [ssh, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=60', ...words].map(quoted).join(' ')
  const close = [ssh, '-O', 'exit', ...words.slice(0, -1)].map(quoted).join(' ')
  const loop = `i=0; while [ $i -lt 100 ]; do ${one} || exit 1; i=$((i+1)); done`
  return {
    argv: ['/bin/sh', '-c', `${open} </dev/null >/dev/null 2>&1; ${loop}; ${close} 2>/dev/null`],
    cwd: ground.project,
  }
}
