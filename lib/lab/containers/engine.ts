import { thisAccount } from '../../machine/account.ts'
import { z } from 'zod'
import { run, succeeds, type RunOptions } from '../machine/run.ts'
import { textOf } from '../machine/files.ts'
import { hasProgram } from '../machine/requirements.ts'
import { labError } from '../model.ts'

export type EngineName = 'podman' | 'docker'

/** podman or docker: the commands that both have, and the options that this machine needs before them. */
export interface Engine {
  readonly name: EngineName
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<string>
  readonly succeeds: (args: readonly string[]) => Promise<boolean>
}

/** The engine of that name, with the options for this machine. */
export async function engineOf(name: EngineName): Promise<Engine> {
  const before = name === 'podman' ? await podmanOptions() : []
  return {
    name,
    run: (args, options) => run(name, [...before, ...args], options),
    succeeds: (args) => succeeds(name, [...before, ...args]),
  }
}

/** Whether the engine is installed and works for this user. */
export async function isUsable(name: EngineName): Promise<boolean> {
  if (!(await hasProgram(name))) return false
  const engine = await engineOf(name)
  return (await engine.succeeds(['info'])) && (name === 'docker' || (await hasEnoughIds(engine)))
}

/** @throws {RolecallError} with the engine's own message when it does not work for this user. */
export async function requireEngine(name: EngineName): Promise<void> {
  if (!(await hasProgram(name)))
    throw labError(`the lab's driver is ${name}, which is not installed`, {
      hint: `install ${name} with the package manager of this machine${name === 'podman' ? '; for hosts without root uidmap and slirp4netns too' : ''}`,
    })
  const engine = await engineOf(name)
  await engine.run(['info'])
  if (name === 'docker' || (await hasEnoughIds(engine))) return
  const user = thisAccount().name
  throw labError(`podman cannot map the accounts of hosts: ${user} has no subordinate ids`, {
    expected: `${ENOUGH_IDS} or more in /etc/subuid and in /etc/subgid`,
    hint: `sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 ${user}, then podman system migrate`,
  })
}

/** The ids of a host's accounts go up to 65535. */
const ENOUGH_IDS = 65_536

/**
 * Without root, the accounts of a container are subordinate ids of the user. A user without subordinate ids can map only one account.
 *
 * Source: subuid(5), subgid(5); podman-info(1). podman run by root maps no ids.
 */
async function hasEnoughIds({ run: ask }: Engine): Promise<boolean> {
  return mapsEnough(await ask(['info', '--format', '{{json .Host.IDMappings}}']))
}

/** Whether such mappings cover all accounts of a host. */
export function mapsEnough(mappings: string): boolean {
  const { uidmap, gidmap } = z.object({ uidmap: ranges, gidmap: ranges }).parse(JSON.parse(mappings))
  return [uidmap, gidmap].every((map) => map === null || map.reduce((sum, { size }) => sum + size, 0) >= ENOUGH_IDS)
}

const ranges = z.array(z.object({ size: z.number() })).nullable()

/**
 * crun cannot start containers on a machine with both versions of control groups; runc can. Where systemd is not the machine's
 * first process, the engine makes control groups as plain directories.
 */
async function podmanOptions(): Promise<readonly string[]> {
  if (await hasOnlyCgroup2()) return []
  return ['--cgroup-manager=cgroupfs', ...((await hasProgram('runc')) ? ['--runtime', 'runc'] : [])]
}

/** Whether the machine has control groups of version 2 only. Also true where none can be seen, as on a Mac. */
export async function hasOnlyCgroup2(): Promise<boolean> {
  const last = (await mounts()).filter(({ at }) => at === CGROUP).at(-1)
  return last === undefined || last.line.includes(' - cgroup2 ')
}

/** The mount point of each version 1 controller of this machine. */
export async function cgroupControllers(): Promise<readonly string[]> {
  return [...new Set((await mounts()).flatMap(({ at }) => (at.startsWith(`${CGROUP}/`) ? [at] : [])))]
}

const CGROUP = '/sys/fs/cgroup'

/** Source: proc_pid_mountinfo(5): the fifth field is the mount point. */
async function mounts(): Promise<readonly { readonly at: string; readonly line: string }[]> {
  const text = (await textOf('/proc/self/mountinfo')) ?? ''
  return text.split('\n').map((line) => ({ at: line.split(' ')[4] ?? '', line }))
}

/** Limits for every container of root's podman: its defaults are too high on a machine where root may not raise limits. */
export function startOptions({ name }: Engine): readonly string[] {
  if (name !== 'podman' || process.getuid?.() !== 0) return []
  return ['--ulimit', 'nofile=20000:20000', '--ulimit', 'nproc=10000:10000']
}

/** Whether the engine can give a container less memory than the machine has. */
export async function canLimitMemory({ name, run: ask }: Engine): Promise<boolean> {
  if (name === 'docker') return (await ask(['info', '--format', '{{.MemoryLimit}}'])).trim() === 'true'
  const { length } = /\bmemory\b/.exec(await ask(['info', '--format', '{{.Host.CgroupControllers}}'])) ?? ''
  return length > 0
}

/** Whether the machine cannot reach containers by their addresses: the user is not root, or the engine runs in a virtual machine. */
export async function isApart({ name, run: ask }: Engine): Promise<boolean> {
  if (process.platform !== 'linux') return true
  if (name === 'podman') return process.getuid?.() !== 0
  return (await ask(['info', '--format', '{{.SecurityOptions}}'])).includes('rootless')
}
