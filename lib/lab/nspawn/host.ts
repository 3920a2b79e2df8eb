import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RolecallError } from '../../errors.ts'
import { baseRoot } from '../bases/base.ts'
import { destroyGroup, groupOf, isPopulated, limitMemory, makeGroup } from './cgroup.ts'
import { diskOf, type LabDirectories } from '../disks/directories.ts'
import { textOf } from '../machine/files.ts'
import { layersOf } from '../disks/layers.ts'
import { hostnameOf, labError, type Lab, type LabNode, type Say } from '../model.ts'
import { writeKubeletFiles } from './kubelet.ts'
import { interfaceName, machineName } from './network.ts'
import { planOwnGroups, removeOwnGroups } from './own-groups.ts'
import { inHost, supervisorOf } from './process.ts'
import { environment, lastLines } from '../machine/run.ts'
import { sshAnswers } from '../machine/probe.ts'
import { repairLayers } from '../disks/sharing.ts'

/** How long a host may take to boot. On two cores, five at once take two seconds; a busy machine takes longer. */
const bootLimitMs = 90_000

/** How long units may take to start once the host answers. */
const unitsLimitMs = 30_000

/** How long a host may take to shut down cleanly. Docker and databases are slow. */
const haltLimitMs = 30_000

/**
 * The script that runs a host. The host's mounts are in a mount namespace of their own, so they vanish with its last process, even if this process dies.
 *
 * `volatile`, because fsyncs take half of apt's time and a throwaway host need not survive a power cut. The kernel refuses
 * to mount such a layer again unless its marker is removed.
 *
 * The files that systemd-nspawn leaves in /run/systemd are on a tmpfs of the namespace, and vanish with it.
 *
 * With --keep-unit, systemd-nspawn exits with 133 for a `reboot` in the host, and the loop starts it again. The loop is
 * not in the host's control group: a group with controllers for child groups may have no processes. For the same reason
 * the group is created again at every boot.
 */
const script = `
group=$1 lower=$2 disk=$3 link=$4 become=$5 own=$6
shift 6
echo $$ >"$group/keeper/cgroup.procs" && rm -rf "$disk/work/work/incompat" && mount -t overlay overlay \
  -o "lowerdir=$lower,upperdir=$disk/upper,workdir=$disk/work,volatile" "$disk/root" &&
  mkdir -p /run/systemd && mount -t tmpfs -o mode=755 tmpfs /run/systemd || exit
boot() {
  [ ! -d "$group/host" ] || find "$group/host" -depth -type d -exec rmdir {} +
  mkdir "$group/host" || return
  ip link delete "$link" 2>/dev/null || :
  sh -c "$become" "$group" "$own" "$@"
}
while boot "$@"; [ $? -eq 133 ]; do :; done`

/**
 * What the host's process does first. It recreates the host's version 1 groups, because groups left by pods delay kubelet by half
 * a minute. Then it enters its groups.
 */
const becomeHost = `
own=$1
shift
IFS='
'
set -f
for each in $own; do
  [ ! -d "$each" ] || find "$each" -depth -type d -exec rmdir {} +
  mkdir "$each" || exit
  for file in cpuset.cpus cpuset.mems; do
    [ ! -e "$each/$file" ] || cat "\${each%/*}/$file" >"$each/$file" || exit
  done
done
for each in "$0/host" $own; do echo $$ >"$each/cgroup.procs" || exit; done
exec "$@"`

/** Starts a host that has a disk and does not run, without waiting. The host runs on after this process ends. */
async function start(dirs: LabDirectories, lab: Lab, node: LabNode): Promise<void> {
  const disk = diskOf(dirs, node.name)
  const fingerprint = (await textOf(path.join(disk, 'base'))) ?? ''
  await repairLayers(dirs, node.name)
  const lower = [...(await layersOf(disk)), baseRoot({ fingerprint })].join(':')
  const group = await groupOf(lab.name, node.name)
  await makeGroup(group)
  await writeKubeletFiles(path.join(disk, 'upper'), node.kubelet === true)
  const own = node.kubelet === true ? await planOwnGroups(lab.name, node.name) : []
  const console = openSync(path.join(disk, 'console.log'), 'w')
  const relative = path.relative(dirs.cache, disk)
  const nspawn = nspawnCommand(dirs, lab, node)
  const setup = ['--mount', '--propagation', 'slave', '--', 'sh', '-c', script, 'sh']
  const link = interfaceName(lab, node)
  const child = spawn('unshare', [...setup, group, lower, relative, link, becomeHost, own.join('\n'), ...nspawn], {
    cwd: dirs.cache,
    detached: true,
    stdio: ['ignore', console, console],
    // A host without version 1 groups gets version 2 only, even on a machine with both. Docker needs system calls that nspawn filters by default.
    env: { ...environment, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: own.length === 0 ? '1' : '0', SYSTEMD_SECCOMP: '0' },
  })
  closeSync(console)
  child.once('error', () => undefined) // The host will not start; `waitUntilReady` throws the error.
  child.unref()
}

function nspawnCommand(dirs: LabDirectories, lab: Lab, node: LabNode): readonly string[] {
  const disk = diskOf(dirs, node.name)
  return [
    'systemd-nspawn',
    '--quiet',
    '--register=no',
    '--keep-unit',
    '--settings=no',
    '--boot',
    `--directory=${path.join(disk, 'root')}`,
    `--machine=${machineName(lab, node)}`,
    `--hostname=${hostnameOf(node)}`,
    `--network-bridge=${lab.bridge}`,
    // Docker's data cannot be on an overlay.
    `--bind=${path.join(disk, 'data').replaceAll(':', '\\:')}:/data`,
    '--capability=all',
    '--kill-signal=SIGRTMIN+3',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--console=read-only',
  ]
}

/**
 * Waits until sshd of a host answers and systemd has finished booting. A host with failed units is ready, and reported as
 * degraded.
 *
 * @throws {RolecallError} with the last lines of the host's console when it does not start within 90 s.
 */
export async function waitUntilReady(dirs: LabDirectories, lab: Lab, node: LabNode, say: Say): Promise<void> {
  const group = await groupOf(lab.name, node.name)
  const giveUp = Date.now() + bootLimitMs
  while (!(await sshAnswers(node.ssh))) {
    if (Date.now() < giveUp && (await hasNotDied(group))) {
      await sleep(50)
      continue
    }
    throw labError(`${node.name} does not start`, {
      host: node.name,
      expected: `an SSH server at ${node.address}:22 within ${bootLimitMs / 1000} s`,
      got: (await isPopulated(group)) ? 'no answer' : 'its processes have ended',
      output: lastLines((await textOf(path.join(diskOf(dirs, node.name), 'console.log'))) ?? ''),
      hint: `rolecall lab reset ${node.name} --name ${lab.name}`,
    })
  }
  say({ step: 'host', node: node.name, detail: await readiness(group), fraction: 1 })
}

/** The state of systemd in a host that answers, in words: failed units, or units that are still starting after a long wait. */
async function readiness(group: string): Promise<string> {
  const state = (await inHost(group, ['systemctl', 'is-system-running', '--wait'], unitsLimitMs)).trim()
  if (state === 'running') return 'ready'
  const plain = ['--plain', '--no-legend']
  if (state !== '')
    return `ready, but ${state}: ${wordsOf(await inHost(group, ['systemctl', 'list-units', '--failed', ...plain]), 0)}`
  // For example a member of a cluster that waits for hosts which are off.
  return `ready, but still starting: ${wordsOf(await inHost(group, ['systemctl', 'list-jobs', 'running', ...plain]), 1)}`
}

/** The words in one column of all lines. */
function wordsOf(lines: string, column: number): string {
  const words = lines.split('\n').map((line) => line.trim().split(/ +/)[column] ?? '')
  return words.filter((word) => word !== '').join(', ')
}

/**
 * Starts a host that died while booting a second time, and reports this. On a busy machine the kernel may still hold the network and mounts of
 * the host's last run.
 */
export async function boot(dirs: LabDirectories, lab: Lab, node: LabNode, say: Say): Promise<void> {
  await start(dirs, lab, node)
  if (node.memoryMiB !== undefined && !(await limitMemory(await groupOf(lab.name, node.name), node.memoryMiB)))
    say({
      step: 'host',
      node: node.name,
      detail: 'has no memory limit: this machine’s control groups (version 2) do not offer the memory controller',
    })
  try {
    await waitUntilReady(dirs, lab, node, say)
  } catch (error) {
    const [problem] = error instanceof RolecallError ? error.problems : []
    if (problem === undefined || (await isPopulated(await groupOf(lab.name, node.name)))) throw error
    const last = problem.output?.split('\n').at(-1) ?? ''
    say({ step: 'host', node: node.name, detail: `died while booting (${last}), starting it again` })
    await cutPowerOf(lab, node)
    await start(dirs, lab, node)
    await waitUntilReady(dirs, lab, node, say)
  }
}

/** Waits until the first process of a host that was just started is in its group. On a busy machine this takes a while. */
async function hasNotDied(group: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (await isPopulated(group)) return true
    await sleep(100)
  }
  return false
}

/** Shuts a host down as its power button would, and kills it if that takes too long. */
export async function shutDown(lab: Lab, node: LabNode): Promise<void> {
  const group = await groupOf(lab.name, node.name)
  const supervisor = await supervisorOf(group)
  if (supervisor !== undefined) {
    process.kill(supervisor, 'SIGTERM')
    const giveUp = Date.now() + haltLimitMs
    while (Date.now() < giveUp && (await isPopulated(group))) await sleep(50)
  }
  await cutPowerOf(lab, node)
}

/** Kills a host at once, as a power cut would. Its disk stays as it is. */
export async function cutPowerOf(lab: Lab, node: LabNode): Promise<void> {
  await destroyGroup(await groupOf(lab.name, node.name))
  await removeOwnGroups(lab.name, node.name)
}
