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

/** How long a host may take to shut down cleanly; docker and databases take their time. */
const haltLimitMs = 30_000

/**
 * The host's mounts are made in a mount namespace of its own: they vanish with its last process, whatever happens to us.
 *
 * `volatile` because a throwaway host need not survive a power cut, and apt's fsyncs cost half its time; the kernel
 * refuses to mount such a layer twice unless told that nothing was lost.
 *
 * systemd-nspawn leaves files in /run/systemd; they go to a tmpfs in that namespace, and with it.
 *
 * systemd-nspawn with --keep-unit leaves a `reboot` in the host to whoever started it, by exit code 133, hence the loop.
 * The loop stays out of the host's control group, which may have no process of its own once it hands controllers down,
 * and is made anew for every boot for the same reason.
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
 * What a process does to become the host: the groups in version 1 that are to be the host's own are emptied and made anew, since what pods leave in
 * them costs kubelet half a minute; then the process enters its groups.
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

/** Starts a host that has a disk and does not run. It goes on after this process has ended. Does not wait. */
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
    // A host without groups of its own gets version 2 alone, also on a machine with both. Docker needs system calls nspawn would filter.
    env: { ...environment, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: own.length === 0 ? '1' : '0', SYSTEMD_SECCOMP: '0' },
  })
  closeSync(console)
  child.once('error', () => undefined) // The host will not come up, and `waitUntilReady` says so.
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
 * Waits until sshd of a host answers and systemd has finished booting. A host some of whose units failed is ready,
 * and said to be degraded.
 *
 * @throws {RolecallError} with the last lines of the host's console when it does not come up within 90 s.
 */
export async function waitUntilReady(dirs: LabDirectories, lab: Lab, node: LabNode, say: Say): Promise<void> {
  const group = await groupOf(lab.name, node.name)
  const giveUp = Date.now() + bootLimitMs
  while (!(await sshAnswers(node.ssh))) {
    if (Date.now() < giveUp && (await hasNotDied(group))) {
      await sleep(50)
      continue
    }
    throw labError(`${node.name} does not come up`, {
      host: node.name,
      expected: `an SSH server at ${node.address}:22 within ${bootLimitMs / 1000} s`,
      got: (await isPopulated(group)) ? 'no answer' : 'its processes have ended',
      output: lastLines((await textOf(path.join(diskOf(dirs, node.name), 'console.log'))) ?? ''),
      hint: `rolecall lab reset ${node.name} --name ${lab.name}`,
    })
  }
  say({ step: 'host', node: node.name, detail: await readiness(group), fraction: 1 })
}

/** How far systemd of a host that answers has come, in words: units that failed, or that are still starting when it was given enough time. */
async function readiness(group: string): Promise<string> {
  const state = (await inHost(group, ['systemctl', 'is-system-running', '--wait'], unitsLimitMs)).trim()
  if (state === 'running') return 'ready'
  const plain = ['--plain', '--no-legend']
  if (state !== '')
    return `ready, but ${state}: ${wordsOf(await inHost(group, ['systemctl', 'list-units', '--failed', ...plain]), 0)}`
  // Such as a member of a cluster that waits for others, which may be off.
  return `ready, but still starting: ${wordsOf(await inHost(group, ['systemctl', 'list-jobs', 'running', ...plain]), 1)}`
}

/** The word in this column of every line. */
function wordsOf(lines: string, column: number): string {
  const words = lines.split('\n').map((line) => line.trim().split(/ +/)[column] ?? '')
  return words.filter((word) => word !== '').join(', ')
}

/**
 * A host that dies while it boots is started once more, and that is said: the kernel lets go of the last life's network and
 * mounts when it has time to, and on a busy machine a new one may come too early.
 */
export async function boot(dirs: LabDirectories, lab: Lab, node: LabNode, say: Say): Promise<void> {
  await start(dirs, lab, node)
  if (node.memoryMiB !== undefined && !(await limitMemory(await groupOf(lab.name, node.name), node.memoryMiB)))
    say({
      step: 'host',
      node: node.name,
      detail: 'has no limit of memory: this machine’s control groups (version 2) hand none down',
    })
  try {
    await waitUntilReady(dirs, lab, node, say)
  } catch (error) {
    const [problem] = error instanceof RolecallError ? error.problems : []
    if (problem === undefined || (await isPopulated(await groupOf(lab.name, node.name)))) throw error
    const last = problem.output?.split('\n').at(-1) ?? ''
    say({ step: 'host', node: node.name, detail: `died while booting (${last}), is started again` })
    await cutPowerOf(lab, node)
    await start(dirs, lab, node)
    await waitUntilReady(dirs, lab, node, say)
  }
}

/** A host just started needs a moment until its first process is in its group; on a busy machine a long one. */
async function hasNotDied(group: string): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (await isPopulated(group)) return true
    await sleep(100)
  }
  return false
}

/** Shuts a host down as its power button would, and takes the power away if that takes too long. */
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

/** Takes a host's power away. Its disk stays as it is. */
export async function cutPowerOf(lab: Lab, node: LabNode): Promise<void> {
  await destroyGroup(await groupOf(lab.name, node.name))
  await removeOwnGroups(lab.name, node.name)
}
