import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '../machine/files.ts'

/** A hierarchy of control groups version 1: its mount point, and the group of this process in it. */
export interface Hierarchy {
  readonly controllers: readonly string[]
  readonly mount: string
  readonly group: string
}

/** The directory of all labs in this process's group, as in version 2. */
const top = 'rolecall'

/** A new cpuset group has no processors and no memory nodes, and no process can enter before they are set. */
const cpusetFiles = ['cpuset.cpus', 'cpuset.mems']

/**
 * The version 1 hierarchies in the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`. None on a machine with version 2 only. Pure.
 */
export function hierarchiesOf(mountinfo: string, cgroup: string): readonly Hierarchy[] {
  const groups = cgroup.split('\n').flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]+):(\/.*)$/.exec(line) ?? []
    return controllers === undefined || group === undefined ? [] : [{ controllers: controllers.split(','), group }]
  })
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '/', mount = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    return type === 'cgroup' ? [{ root, mount, options: options.split(',') }] : []
  })
  return groups.flatMap(({ controllers, group }) => {
    const found = mounts.find(({ options }) => controllers.every((name) => options.includes(name)))
    if (found === undefined) return []
    const inside = group === found.root ? '' : group.startsWith(found.root) ? group.slice(found.root.length) : ''
    return [{ controllers, mount: found.mount, group: path.join('/', inside) }]
  })
}

/** This machine's version 1 hierarchies. */
async function hierarchies(): Promise<readonly Hierarchy[]> {
  const all = hierarchiesOf((await textOf('/proc/self/mountinfo')) ?? '', (await textOf('/proc/self/cgroup')) ?? '')
  return all.some(({ controllers }) => controllers.includes('memory')) ? all : []
}

/**
 * The directories for a host's own groups, one in each version 1 hierarchy. They are below the group of this process, so limits and
 * accounting of this process include the host. Parent groups are made. None on a machine with version 2
 * only.
 */
export async function planOwnGroups(lab: string, node: string): Promise<readonly string[]> {
  const places = (await hierarchies()).map(({ mount, group }) => ({ above: path.join(mount, group), mount }))
  for (const { above } of places) {
    await makeGroups([path.join(above, top), path.join(above, top, lab)])
  }
  return places.map(({ above }) => path.join(above, top, lab, node))
}

/**
 * Makes nested groups. Tries again when another lab removes the empty outer group before the inner one exists.
 */
async function makeGroups(directories: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      for (const directory of directories) {
        await mkdir(directory, { recursive: true })
        for (const file of cpusetFiles) {
          const value = (await textOf(path.join(path.dirname(directory), file)))?.trim()
          if (value !== undefined && value !== '') await writeFile(path.join(directory, file), value)
        }
      }
      return
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (tries >= 100 || !['ENOENT', 'ENODEV'].includes(code))
        throw new Error(`the control groups ${directories.join(', ')} cannot be made`, { cause: error })
      await sleep(20)
    }
  }
}

/**
 * Removes the groups of a host, or all groups of a lab, whichever process made them. Their processes were killed before. The lab's own group stays
 * when a single host goes, because another host may be starting.
 */
export async function removeOwnGroups(lab: string, node?: string): Promise<void> {
  for (const { mount } of await hierarchies()) {
    for (const directory of await groupsOf(mount, lab)) {
      await removeBelow(node === undefined ? directory : path.join(directory, node))
      if (node !== undefined) continue
      for (const above of [directory, path.dirname(directory)]) await rmdir(above).catch(() => undefined)
    }
  }
}

/** All directories of a lab in a hierarchy. Does not search the groups of other labs. */
async function groupsOf(directory: string, lab: string): Promise<readonly string[]> {
  const found = await Promise.all(
    (await directoriesIn(directory)).map(async (name) => {
      const inside = path.join(directory, name)
      if (name !== top) return await groupsOf(inside, lab)
      return (await directoriesIn(inside)).includes(lab) ? [path.join(inside, lab)] : []
    }),
  )
  return found.flat()
}

async function directoriesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Retries, because a group is busy until its last killed process is gone. */
async function removeBelow(directory: string): Promise<void> {
  for (const name of await directoriesIn(directory)) await removeBelow(path.join(directory, name))
  for (let tries = 0; tries < 100; tries++) {
    const code = await rmdir(directory).then(
      () => 'ENOENT',
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    )
    if (code !== 'EBUSY') return
    await sleep(20)
  }
}
