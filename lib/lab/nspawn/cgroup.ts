import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '../machine/files.ts'
import { labError } from '../model.ts'

/**
 * Every host runs in a control group of its own. The group tells which host a process belongs to, even after its parents died:
 * when systemd-nspawn is killed by SIGKILL, the systemd of its host goes on running.
 */
const top = 'rolecall'

/** The mount point of control groups version 2. A hybrid machine has version 1 as well. */
async function mountPoint(): Promise<string> {
  const mounts = (await textOf('/proc/self/mountinfo')) ?? ''
  const line = mounts.split('\n').find((mount) => mount.includes(' - cgroup2 '))
  const point = line?.split(' ')[4]
  if (point === undefined) throw labError('control groups version 2 are not mounted on this machine')
  return point
}

/** The control group of a lab, or of one of its hosts. */
export async function groupOf(lab: string, node = ''): Promise<string> {
  return path.join(await mountPoint(), top, lab, node)
}

/** The group that the host itself manages. The process that restarts the host is in `keeper` beside it. */
export function hostPart(group: string): string {
  return path.join(group, 'host')
}

/** Makes a host's group, and enables in it every controller that the machine offers. */
export async function makeGroup(group: string): Promise<void> {
  await mkdir(path.join(group, 'keeper'), { recursive: true })
  for (const parent of [path.dirname(path.dirname(group)), path.dirname(group), group]) {
    const controllers = ((await textOf(path.join(parent, 'cgroup.controllers'))) ?? '').trim()
    const wanted = controllers.split(' ').filter((name) => ['cpu', 'io', 'memory', 'pids'].includes(name))
    for (const name of wanted) {
      // Best effort: a host without memory limits is still a host.
      await writeFile(path.join(parent, 'cgroup.subtree_control'), `+${name}`).catch(() => undefined)
    }
  }
}

/** Limits the memory of a host's group. False where this machine cannot. */
export async function limitMemory(group: string, mebibytes: number): Promise<boolean> {
  return await writeFile(path.join(group, 'memory.max'), String(mebibytes * 1024 * 1024)).then(
    () => true,
    () => false,
  )
}

/** The processes of a group and of all below it. */
export async function processesIn(group: string): Promise<readonly number[]> {
  const below = await Promise.all((await groupsIn(group)).map((child) => processesIn(child)))
  return [...(await ownProcesses(group)), ...below.flat()]
}

/** The processes of a group, without those of the groups below it. */
export async function ownProcesses(group: string): Promise<readonly number[]> {
  const lines = ((await textOf(path.join(group, 'cgroup.procs'))) ?? '').split('\n')
  return lines.filter((line) => line !== '').map(Number)
}

/** Whether any process lives in a group or below it. */
export async function isPopulated(group: string): Promise<boolean> {
  return /^populated 1$/m.test((await textOf(path.join(group, 'cgroup.events'))) ?? '')
}

/**
 * Kills all processes of a group and removes the group. Does nothing without such a group.
 *
 * @throws {RolecallError} when processes still run after ten seconds, which happens only when they wait for I/O in the kernel.
 */
export async function destroyGroup(group: string): Promise<void> {
  for (let tries = 0; await isPopulated(group); tries++) {
    if (tries > 500) throw labError(`the processes in ${group} cannot be killed`, { hint: 'look at them with ps' })
    // Repeated, because a process may start between reading and killing.
    for (const pid of await processesIn(group)) kill(pid)
    await sleep(20)
  }
  await removeGroup(group)
  // Parent groups can be removed once they are empty. A parent that is still in use is no failure.
  const [parent, grandparent] = [path.dirname(group), path.dirname(path.dirname(group))]
  if (path.basename(parent) === top) await rmdir(parent).catch(() => undefined)
  else for (const above of [parent, grandparent]) await rmdir(above).catch(() => undefined)
}

async function removeGroup(group: string): Promise<void> {
  for (const child of await groupsIn(group)) await removeGroup(child)
  await rmdir(group).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
}

async function groupsIn(group: string): Promise<readonly string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(group, entry.name))
}

function kill(pid: number): void {
  try {
    // 0 stands for a process of another pid namespace, and would mean our own process group here.
    if (pid > 0) process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
