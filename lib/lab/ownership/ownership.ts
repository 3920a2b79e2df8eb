import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import type { LabDirectories } from '../disks/directories.ts'
import type { LabDriver, Ownership } from '../drivers/driver.ts'
import { driverOf } from '../drivers/drivers.ts'
import { cacheDirectory, exists, namesIn, replaceAtomically, textOf } from '../machine/files.ts'
import { run } from '../machine/run.ts'
import { describeLab, labError, type HostPlan } from '../model.ts'
import { restoreForwarding } from './forwarding.ts'
import { bootId, readRecord, readRecords, removeRecord, writeRecord, type LabRecord } from './registry.ts'
import { isRecord, nameOption, refuseOthers, withMachine, type Requester } from './requester.ts'
import { chooseSubnet } from './subnet.ts'

/** The hosts that a lab should have. */
export interface HostChoice {
  /** Chooses the hosts, given the lab's earlier record. */
  readonly hosts: (before: readonly HostPlan[] | undefined) => readonly HostPlan[]
  /** The inventory that the hosts are copied from. */
  readonly like?: string
}

/**
 * Claims the lab for the requester: finds its record, or writes one with a free subnet. Removes first what a crashed or
 * vanished owner left running under this name.
 *
 * @throws {RolecallError} when the lab is up and belongs to another project that still exists.
 */
export async function takeOwnership(who: Requester, driver: LabDriver, choice: HostChoice): Promise<Ownership> {
  return await withMachine(async () => {
    const entry = await readRecord(who.name)
    const before = isRecord(entry) ? driverOf(entry.driver) : driver
    await refuseOthers(entry, who.project, before.isRunning)
    if (isRecord(entry) && entry.project === who.project) return await withHosts(entry, choice)

    await before.removeRunning(who.name)
    const cache = cacheDirectory(process.env, homeDirectory())
    const dirs = { cache, lab: directoryOf(who) }
    const directory = path.join(cache, dirs.lab)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const labs = await readRecords()
    const note = await readNote(directory)
    const subnet = chooseSubnet({
      name: who.name,
      before: note.subnet,
      labs: new Set(labs.filter((lab) => lab.name !== who.name).map((lab) => lab.subnet)),
      machine: await driver.subnetsInUse(who.name),
    })
    const hosts = choice.hosts(note.hosts)
    // A host's address is written on its disk.
    const isSame = note.subnet === subnet && (note.driver ?? 'nspawn') === driver.name
    if (!isSame) await driver.discardAll(who.name, dirs)
    const text = JSON.stringify({ project: who.project, subnet, driver: driver.name, hosts })
    await replaceAtomically(path.join(directory, 'lab.json'), text)
    await removeAbandoned(cache, [directory, ...labs.map((lab) => lab.rooms)])
    const record: LabRecord = {
      name: who.name,
      project: who.project,
      subnet,
      rooms: directory,
      hosts,
      driver: driver.name,
      ...(await driver.options()),
      ...(choice.like === undefined ? {} : { like: choice.like }),
      boot: await bootId(),
      since: Date.now(),
    }
    await writeRecord(record)
    return ownershipOf(record)
  })
}

/** The same lab with its new hosts. */
async function withHosts(record: LabRecord, { hosts, like }: HostChoice): Promise<Ownership> {
  const changed = { ...record, hosts: hosts(record.hosts), ...(like === undefined ? {} : { like }) }
  if (JSON.stringify(changed) !== JSON.stringify(record)) await writeRecord(changed)
  return ownershipOf(changed)
}

/**
 * The lab of this project, when it is up.
 *
 * @throws {RolecallError} when it is not up, or is another project's.
 */
export async function currentOwnership(who: Requester): Promise<Ownership> {
  const entry = await readRecord(who.name)
  if (isRecord(entry)) await refuseOthers(entry, who.project, driverOf(entry.driver).isRunning)
  if (!isRecord(entry) || entry.project !== who.project)
    throw labError(`lab ${who.name} is not up`, { hint: `rolecall lab up${nameOption(who.name)}` })
  return ownershipOf(entry)
}

/**
 * Releases the lab's name: ends its processes, removes network and record, and restores the machine's forwarding after the last lab.
 * Works without a record as well. Returns the directories of the disks.
 */
export async function release(who: Requester, driver: LabDriver): Promise<LabDirectories> {
  return await withMachine(async () => {
    const entry = await readRecord(who.name)
    await refuseOthers(entry, who.project, driver.isRunning)
    await driver.removeRunning(who.name)
    await removeRecord(who.name)
    await restoreForwarding()
    if (isRecord(entry)) return ownershipOf(entry).dirs
    return { cache: cacheDirectory(process.env, homeDirectory()), lab: directoryOf(who) }
  })
}

/** Makes the lab and the disk directories of a record. */
export function ownershipOf(record: LabRecord): Ownership {
  const cache = path.dirname(path.dirname(record.rooms))
  return {
    lab: describeLab(record.name, record.project, record.subnet, record),
    dirs: { cache, lab: path.relative(cache, record.rooms) },
  }
}

/** Labs of the same name in two projects have different directories, even if they are never up together. */
function directoryOf({ name, project }: Requester): string {
  return path.join('labs', `${name}-${createHash('sha256').update(project).digest('hex').slice(0, 8)}`)
}

/** What is kept about a lab that is not up. */
type Note = Partial<Pick<LabRecord, 'project' | 'subnet' | 'driver' | 'hosts'>>

/** Reads `lab.json` in the directory of a lab: its project, and its last hosts. */
async function readNote(dirs: string): Promise<Note> {
  try {
    const note: unknown = JSON.parse((await textOf(path.join(dirs, 'lab.json'))) ?? '{}')
    return typeof note === 'object' && note !== null ? note : {}
  } catch {
    return {}
  }
}

/** Removes the directories of labs whose project no longer exists, so that temporary projects do not fill the cache. */
async function removeAbandoned(cache: string, inUse: readonly string[]): Promise<void> {
  for (const name of await namesIn(path.join(cache, 'labs'))) {
    const dirs = path.join(cache, 'labs', name)
    const { project } = await readNote(dirs)
    if (inUse.includes(dirs) || (project !== undefined && (await exists(project)))) continue
    await run('rm', ['-rf', '--one-file-system', '--', dirs])
  }
}
