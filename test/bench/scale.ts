import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf } from '../../lib/lab/cgroup.ts'
import { leaderOf } from '../../lib/lab/process.ts'
import { contest, type Contender } from './contest.ts'
import { labGround, playbookOf, projectWith, rolecall } from './ground.ts'
import { EXCHANGES, quoted, sshOptions } from './plain-ssh.ts'
import { cpuOf } from './processes.ts'
import { memory, sample } from './sample.ts'
import type { Extent } from './site.ts'
import { markdown, seconds, tableOf } from './table.ts'

const PORT = 2277
/** So many are asked at the same time, by each of them. */
const AT_ONCE = 50

/**
 * Many hosts: addresses of the loopback device, all of them on one sshd, which sees the disk of one host of the lab. An apply would
 * have that for itself alone; `check` asks the same questions, and takes no lock.
 */
export async function benchScale({ isSmoke }: Extent): Promise<string> {
  const { lab } = await labGround()
  const node = lab.nodes[4]
  const leader = node && (await leaderOf(await groupOf(lab.name, node.name)))
  if (leader === undefined) throw new Error('the lab has no fifth host')
  const sshd = startSshd(leader)
  try {
    await sleep(1000)
    const [, key = ''] =
      new RegExp(`^${node?.name ?? ''},\\S+ (.*)$`, 'm').exec(readFileSync(lab.knownHosts, 'utf8')) ?? []
    const target = () => cpuOf(sshd.pid ?? 0)
    const parts: string[] = []
    for (const count of isSmoke ? [3] : [50, 200]) {
      const { project, script } = manyHosts(count, key, lab.privateKey)
      const ours = rolecall(project, 'check', playbookOf('twenty'), '--concurrency', String(AT_ONCE))
      // They share one disk: one of them makes it so for all.
      await sample(rolecall(project, 'apply', playbookOf('twenty'), '-l', 'host-0'), target)
      const contenders: Contender[] = [
        { name: 'rolecall', command: ours },
        ...Object.entries(EXCHANGES).map(([name, options]) => ({
          name,
          command: byXargs(project, script, options, lab.privateKey),
        })),
      ]
      const work = `${count} hosts, 20 resources, nothing to do`
      const result = await contest({ work, contenders, target, rounds: count > 50 || isSmoke ? 1 : 3 })
      parts.push(tableOf(work, result, Object.keys(EXCHANGES)))
    }
    parts.push(await growth(isSmoke ? [2, 4] : [50, 200, 1000], key, lab.privateKey, target))
    return parts.join('\n')
  } finally {
    sshd.kill()
  }
}

/** Whether a host costs the same however many there are. */
async function growth(
  counts: readonly number[],
  key: string,
  privateKey: string,
  target: () => number,
): Promise<string> {
  const rows = [['hosts', 'seconds', 'CPU here', 'CPU here for each host, ms', 'memory here, MiB']]
  for (const count of counts) {
    const { project } = manyHosts(count, key, privateKey)
    const ours = rolecall(project, 'check', playbookOf('twenty'), '--concurrency', String(AT_ONCE))
    const { wallMs, controllerMs } = await sample(ours, target)
    const most = await memory(ours)
    rows.push([
      String(count),
      seconds(wallMs),
      seconds(controllerMs),
      (controllerMs / count).toFixed(1),
      most.toFixed(0),
    ])
  }
  return markdown(rows)
}

/** The network is this machine's, everything else the host's: so it listens on our loopback, and nothing is installed here. */
function startSshd(leader: number) {
  const options = [
    'UsePAM=no',
    'StrictModes=no',
    'PermitRootLogin=prohibit-password',
    'MaxStartups=2000',
    'PidFile=none',
  ]
  const words = [
    ...options,
    'AuthorizedKeysFile=/home/ops/.ssh/authorized_keys',
    'ListenAddress=0.0.0.0',
    `Port=${PORT}`,
  ]
  const sshd = ['/usr/sbin/sshd', '-D', '-f', '/dev/null', '-h', '/etc/ssh/ssh_host_ed25519_key']
  const argv = ['-t', String(leader), '-m', '--', ...sshd, ...words.flatMap((word) => ['-o', word])]
  return spawn('nsenter', argv, { stdio: ['ignore', 'ignore', 'inherit'] })
}

function manyHosts(count: number, key: string, privateKey: string): { project: string; script: string } {
  const addresses = Array.from({ length: count }, (_, at) => `127.77.${at >> 8}.${at & 255}`)
  const hosts = addresses.map((address, at) => `    host-${at}: { ansible_host: ${address} }\n`).join('')
  const project = projectWith({
    known_hosts: addresses.map((address) => `[${address}]:${PORT} ${key}\n`).join(''),
    addresses: addresses.map((address) => `${address}\n`).join(''),
  })
  const vars = {
    ansible_user: 'root',
    ansible_port: PORT,
    ansible_ssh_private_key_file: privateKey,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${join(project, 'known_hosts')}`,
  }
  const lines = Object.entries(vars).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`)
  mkdirSync(join(project, 'inventory'))
  writeFileSync(join(project, 'inventory/hosts.yml'), `all:\n  hosts:\n${hosts}  vars:\n${lines.join('')}`)
  const script = join(project, 'twenty.sh')
  writeFileSync(script, readFileSync(join(import.meta.dirname, 'limit/twenty.sh')))
  return { project, script }
}

function byXargs(project: string, script: string, options: readonly string[], privateKey: string) {
  const known = { address: '', port: PORT, user: 'root', privateKey, knownHosts: join(project, 'known_hosts') }
  const ssh = ['ssh', ...sshOptions(known), ...options].map(quoted).join(' ')
  const one = `exec ${ssh} "root@$1" /bin/sh -s <${quoted(script)}`
  return { argv: ['/bin/sh', '-c', `xargs -P ${AT_ONCE} -n 1 /bin/sh -c ${quoted(one)} sh <addresses`], cwd: project }
}
