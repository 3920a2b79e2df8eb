import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { destroyGroup, groupOf } from '../nspawn/cgroup.ts'
import { discardDisks, type LabDirectories } from '../disks/disk.ts'
import { cacheDirectory, exists, namesIn, replaceAtomically, textOf } from '../machine/files.ts'
import { describeLab, labError, type Lab } from '../model.ts'
import { isForwarding, removeNetwork, setForwarding, subnetsInUse } from '../nspawn/network.ts'
import { isRecord, nameOption, refuseOthers, withMachine, type Requester } from './requester.ts'
import { bootId, readRecord, readRecords, removeRecord, runDirectory, writeRecord, type LabRecord } from './registry.ts'
import { run } from '../machine/run.ts'
import { chooseSubnet } from './subnet.ts'

const forwardingFile = path.join(runDirectory, 'forwarding')

/** A lab that is ours now, and where its disks are. */
export interface Ownership {
  readonly lab: Lab
  readonly dirs: LabDirectories
}

/**
 * Makes the lab the claimant's: finds its record, or writes one with a free subnet. What a crashed or vanished owner
 * left running under this name is removed first.
 *
 * @throws {Refusal} when the lab is up and belongs to another project that still exists.
 */
export async function takeOwnership(who: Requester): Promise<Ownership> {
  return await withMachine(async () => {
    const entry = await readRecord(who.name)
    await refuseOthers(entry, who.project)
    if (isRecord(entry) && entry.project === who.project) return ownershipOf(entry)

    await removeRunning(who.name)
    const cache = cacheDirectory(process.env, homedir())
    const dirs = path.join(cache, directoryOf(who))
    await mkdir(dirs, { recursive: true, mode: 0o700 })
    const labs = await readRecords()
    const { subnet: before } = await readNote(dirs)
    const subnet = chooseSubnet({
      name: who.name,
      before,
      labs: new Set(labs.filter((lab) => lab.name !== who.name).map((lab) => lab.subnet)),
      machine: await subnetsInUse(who.name),
    })
    // A host's address is on its disk.
    if (before !== subnet) await discardDisks({ cache, lab: directoryOf(who) })
    await replaceAtomically(path.join(dirs, 'lab.json'), JSON.stringify({ project: who.project, subnet }))
    await removeAbandoned(cache, [dirs, ...labs.map((lab) => lab.rooms)])
    const record = {
      name: who.name,
      project: who.project,
      subnet,
      rooms: dirs,
      boot: await bootId(),
      since: Date.now(),
    }
    await writeRecord(record)
    return ownershipOf(record)
  })
}

/**
 * The lab of this project, when it is up.
 *
 * @throws {Refusal} when it is not up, or is another project's.
 */
export async function currentOwnership(who: Requester): Promise<Ownership> {
  const entry = await readRecord(who.name)
  await refuseOthers(entry, who.project)
  if (!isRecord(entry) || entry.project !== who.project)
    throw labError(`lab ${who.name} is not up`, { hint: `rolecall lab up${nameOption(who.name)}` })
  return ownershipOf(entry)
}

/**
 * Gives the name back: processes, network, record, and the machine's forwarding with the last lab.
 * Works without a record just as well. Gives back where the disks are.
 */
export async function release(who: Requester): Promise<LabDirectories> {
  return await withMachine(async () => {
    const entry = await readRecord(who.name)
    await refuseOthers(entry, who.project)
    await removeRunning(who.name)
    await removeRecord(who.name)
    if ((await readRecords()).length === 0 && (await textOf(forwardingFile)) !== undefined) {
      if ((await textOf(forwardingFile)) === (await bootId())) await setForwarding('0')
      await rm(forwardingFile, { force: true })
    }
    if (isRecord(entry)) return ownershipOf(entry).dirs
    return { cache: cacheDirectory(process.env, homedir()), lab: directoryOf(who) }
  })
}

/** Lets the kernel route packets, and remembers that it did not, for `release`. */
export async function ensureForwarding(): Promise<void> {
  await withMachine(async () => {
    if ((await isForwarding()) !== false) return
    await writeFile(forwardingFile, await bootId())
    await setForwarding('1')
  })
}

async function removeRunning(name: string): Promise<void> {
  await destroyGroup(await groupOf(name))
  await removeNetwork(name)
}

/** The two halves of a record: where the hosts are, and where their disks are. */
export function ownershipOf(record: LabRecord): Ownership {
  const cache = path.dirname(path.dirname(record.rooms))
  return {
    lab: describeLab(record.name, record.project, record.subnet, record.families),
    dirs: { cache, lab: path.relative(cache, record.rooms) },
  }
}

/** Two projects' labs of the same name have directories of their own, also when one is up after the other. */
function directoryOf({ name, project }: Requester): string {
  return path.join('labs', `${name}-${createHash('sha256').update(project).digest('hex').slice(0, 8)}`)
}

/** What `lab.json` in the directory of a lab says: whose they are, and the subnet the lab had last. */
async function readNote(dirs: string): Promise<{ project?: string; subnet?: number }> {
  try {
    const note: unknown = JSON.parse((await textOf(path.join(dirs, 'lab.json'))) ?? '{}')
    return typeof note === 'object' && note !== null ? note : {}
  } catch {
    return {}
  }
}

/** Removes the directories of labs whose project is gone, so that temporary projects do not fill the cache. */
async function removeAbandoned(cache: string, inUse: readonly string[]): Promise<void> {
  for (const name of await namesIn(path.join(cache, 'labs'))) {
    const dirs = path.join(cache, 'labs', name)
    const { project } = await readNote(dirs)
    if (inUse.includes(dirs) || (project !== undefined && (await exists(project)))) continue
    await run('rm', ['-rf', '--one-file-system', '--', dirs])
  }
}
