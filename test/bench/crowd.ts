import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupOf } from '../../lib/lab/nspawn/cgroup.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import { leaderOf } from '../../lib/lab/nspawn/process.ts'
import { addFile, projectWith } from './ground.ts'
import { runGroup } from './group.ts'
import type { TargetClock } from './sample.ts'

/** The port of the bench's own sshd. */
export const PORT = 2277

/** Many hosts that are one: addresses of the loopback device with one sshd behind them. */
export interface Crowd {
  /** What the sshd and all its sessions have used. */
  readonly clock: TargetClock
  hosts(count: number): Many
  stop(): Promise<void>
}

/** A directory with an inventory of so many hosts, and what `xargs` and `ssh` need for the same. */
export interface Many {
  readonly project: string
  readonly inventory: string
  readonly privateKey: string
}

/** Starts the sshd, which sees the disk of the lab's fifth host. */
export async function startCrowd(lab: Lab): Promise<Crowd> {
  const node = lab.nodes[4]
  const leader = node && (await leaderOf(await groupOf(lab.name, node.name)))
  if (node === undefined || leader === undefined) throw new Error('the lab has no fifth host')
  const [, key = ''] = new RegExp(`^${node.name},\\S+ (.*)$`, 'm').exec(readFileSync(lab.knownHosts, 'utf8')) ?? []
  const sshd = await startSshd(leader)
  return { ...sshd, hosts: (count) => manyHosts(count, key, lab.privateKey) }
}

/**
 * The network is this machine's, everything else the host's: so it listens on our loopback, and nothing is installed here. Its processes are the
 * host's as well: in a /proc of others nobody finds itself, and who looks for itself there asks by a process more. By itself
 * sshd turns connections away from the tenth on that is not logged in yet (MaxStartups).
 */
async function startSshd(leader: number): Promise<{ readonly clock: TargetClock; stop(): Promise<void> }> {
  const options = [
    'UsePAM=no',
    'StrictModes=no',
    'PermitRootLogin=prohibit-password',
    'MaxStartups=2000',
    'PidFile=none',
    'AuthorizedKeysFile=/home/ops/.ssh/authorized_keys',
    'ListenAddress=0.0.0.0',
    `Port=${PORT}`,
  ]
  const sshd = ['/usr/sbin/sshd', '-D', '-f', '/dev/null', '-h', '/etc/ssh/ssh_host_ed25519_key']
  const argv = [
    'nsenter',
    '-t',
    String(leader),
    '-m',
    '-p',
    '--',
    ...sshd,
    ...options.flatMap((option) => ['-o', option]),
  ]
  if (await listens())
    throw new Error(`port ${PORT} is taken: another sshd of the bench, or what an interrupted one has left`)
  const group = await runGroup()
  spawn('/bin/sh', group.entering(argv), { stdio: ['ignore', 'ignore', 'inherit'] })
  await untilItListens()
  return { clock: () => group.cpuMs(), stop: () => group.remove() }
}

async function untilItListens(): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await listens()) return
    await sleep(100)
  }
  throw new Error(`the sshd of the bench does not listen on port ${PORT}`)
}

async function listens(): Promise<boolean> {
  const socket = connect(PORT, '127.0.0.1')
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy())
}

function manyHosts(count: number, key: string, privateKey: string): Many {
  const addresses = Array.from({ length: count }, (_, at) => `127.77.${at >> 8}.${at & 255}`)
  const hosts = addresses.map((address, at) => `    host-${at}: { ansible_host: ${address} }\n`).join('')
  const project = projectWith({
    known_hosts: addresses.map((address) => `[${address}]:${PORT} ${key}\n`).join(''),
    addresses: addresses.map((address) => `${address}\n`).join(''),
    'twenty.sh': readFileSync(join(import.meta.dirname, 'limit/twenty.sh'), 'utf8'),
  })
  const vars = {
    ansible_user: 'root',
    ansible_port: PORT,
    ansible_ssh_private_key_file: privateKey,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${join(project, 'known_hosts')}`,
  }
  const lines = Object.entries(vars).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`)
  const inventory = `all:\n  hosts:\n${hosts}  vars:\n${lines.join('')}`
  addFile(project, 'inventory/hosts.yml', inventory)
  return { project, inventory, privateKey }
}
