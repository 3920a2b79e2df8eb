import { userInfo } from 'node:os'
import { z } from 'zod'
import { run, succeeds, type RunOptions } from '../machine/run.ts'
import { textOf } from '../machine/files.ts'
import { hasProgram } from '../machine/requirements.ts'
import { labError } from '../model.ts'

export type EngineName = 'podman' | 'docker'

/** podman or docker: the words that both understand, with what this machine needs before them. */
export interface Engine {
  readonly name: EngineName
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<string>
  readonly succeeds: (args: readonly string[]) => Promise<boolean>
}

/** The engine of that name as it is called on this machine. */
export async function engineOf(name: EngineName): Promise<Engine> {
  const before = name === 'podman' ? await podmanOptions() : []
  return {
    name,
    run: (args, options) => run(name, [...before, ...args], options),
    succeeds: (args) => succeeds(name, [...before, ...args]),
  }
}

/** Whether the engine is there and works for this user. */
export async function isUsable(name: EngineName): Promise<boolean> {
  if (!(await hasProgram(name))) return false
  const engine = await engineOf(name)
  return (await engine.succeeds(['info'])) && (name === 'docker' || (await hasEnoughIds(engine)))
}

/** @throws {RolecallError} with what the engine says when it does not work for this user. */
export async function requireEngine(name: EngineName): Promise<void> {
  if (!(await hasProgram(name)))
    throw labError(`the lab's hosts are to be containers of ${name}, which is not installed`, {
      hint: `install ${name} with the package manager of this machine${name === 'podman' ? '; for hosts without root uidmap and slirp4netns too' : ''}`,
    })
  const engine = await engineOf(name)
  await engine.run(['info'])
  if (name === 'docker' || (await hasEnoughIds(engine))) return
  const user = userInfo().username
  throw labError(`podman has no accounts to give to the hosts' own: ${user} has no subordinate ids`, {
    expected: `${ENOUGH_IDS} or more in /etc/subuid and in /etc/subgid`,
    hint: `sudo usermod --add-subuids 200000-265535 --add-subgids 200000-265535 ${user}, then podman system migrate`,
  })
}

/** The accounts of a host have numbers up to 65535. */
const ENOUGH_IDS = 65_536

/**
 * Without root the accounts of a container are subordinate ids of the user; an account that was made without them has its own number alone.
 *
 * Source: subuid(5), subgid(5); podman-info(1). With root podman maps none.
 */
async function hasEnoughIds({ run: ask }: Engine): Promise<boolean> {
  return mapsEnough(await ask(['info', '--format', '{{json .Host.IDMappings}}']))
}

/** Whether such mappings have an account of this machine for each of a host. */
export function mapsEnough(mappings: string): boolean {
  const { uidmap, gidmap } = z.object({ uidmap: ranges, gidmap: ranges }).parse(JSON.parse(mappings))
  return [uidmap, gidmap].every((map) => map === null || map.reduce((sum, { size }) => sum + size, 0) >= ENOUGH_IDS)
}

const ranges = z.array(z.object({ size: z.number() })).nullable()

/**
 * On a machine that has control groups of both versions, crun starts nothing, and runc does; without systemd as the machine's
 * own first process control groups are made as directories.
 */
async function podmanOptions(): Promise<readonly string[]> {
  if (await hasOnlyCgroup2()) return []
  return ['--cgroup-manager=cgroupfs', ...((await hasProgram('runc')) ? ['--runtime', 'runc'] : [])]
}

/** Whether control groups are those of version 2 alone. True also where there are none to be seen, as on a Mac. */
export async function hasOnlyCgroup2(): Promise<boolean> {
  const last = (await mounts()).filter(({ at }) => at === CGROUP).at(-1)
  return last === undefined || last.line.includes(' - cgroup2 ')
}

/** Where this machine has each of its controllers of version 1. */
export async function cgroupControllers(): Promise<readonly string[]> {
  return [...new Set((await mounts()).flatMap(({ at }) => (at.startsWith(`${CGROUP}/`) ? [at] : [])))]
}

const CGROUP = '/sys/fs/cgroup'

/** Source: proc_pid_mountinfo(5): the fifth field is the mount point. */
async function mounts(): Promise<readonly { readonly at: string; readonly line: string }[]> {
  const text = (await textOf('/proc/self/mountinfo')) ?? ''
  return text.split('\n').map((line) => ({ at: line.split(' ')[4] ?? '', line }))
}

/** What every container is started with: where root may not raise limits itself, podman's own are too high. */
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

/** Whether containers are kept from the machine's own network: this user has no root, or they run in a virtual machine. */
export async function isApart({ name, run: ask }: Engine): Promise<boolean> {
  if (process.platform !== 'linux') return true
  if (name === 'podman') return process.getuid?.() !== 0
  return (await ask(['info', '--format', '{{.SecurityOptions}}'])).includes('rootless')
}
