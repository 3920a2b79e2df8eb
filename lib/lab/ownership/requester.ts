import { realpath, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { exists } from '../machine/files.ts'
import { withLock } from '../machine/lock.ts'
import { checkedName, defaultLab, labError, type LabRequest, type Say } from '../model.ts'
import { readRecord, registryDirectory, runDirectory, type Entry, type LabRecord } from './registry.ts'

/** A checked request: the lab's name and the project's real path. */
export interface Requester {
  readonly name: string
  readonly project: string
}

/**
 * Checks a request.
 *
 * @throws {RolecallError} for an invalid name, or a project that is no directory.
 */
export async function requester(request: LabRequest): Promise<Requester> {
  const name = checkedName(request)
  try {
    return { name, project: await realpath(request.project) }
  } catch {
    throw labError(`the project directory ${request.project} does not exist`)
  }
}

/**
 * Does `work` while no other process changes the same lab.
 *
 * @throws {RolecallError} at once when that process works for another project.
 */
export async function withLab<T>({ name, project }: Requester, say: Say, work: () => Promise<T>): Promise<T> {
  const file = path.join(runDirectory, `${name}.lock`)
  const onBusy = async (): Promise<void> => {
    const entry = await readRecord(name)
    if (isRecord(entry) && entry.project !== project && (await exists(entry.project))) throw belongsTo(entry)
    say({ step: 'waiting', detail: `another process is working on lab ${name}` })
  }
  return await withLock(file, onBusy, async () => {
    try {
      return await work()
    } finally {
      // A lab that is not up leaves nothing in /run. `withLock` notices that a lock file it waited for was removed.
      if ((await readRecord(name)) === undefined) await rm(file, { force: true })
      for (const directory of [registryDirectory, runDirectory]) await rmdir(directory).catch(() => undefined)
    }
  })
}

/** Does `work` while no other process chooses a subnet or changes what labs share. */
export async function withMachine<T>(work: () => Promise<T>): Promise<T> {
  const file = path.join(runDirectory, 'machine.lock')
  return await withLock(
    file,
    () => undefined,
    async () => {
      try {
        return await work()
      } finally {
        await rm(file, { force: true })
      }
    },
  )
}

/** The record, if it exists and can be read. */
export function isRecord(entry: Entry): entry is LabRecord {
  return entry !== undefined && entry !== 'torn'
}

/**
 * Refuses a lab that another project uses: the project still exists, and hosts of the lab run.
 *
 * @throws {RolecallError} that names the project and what to do.
 */
export async function refuseOthers(
  entry: Entry,
  project: string,
  isRunning: (lab: string) => Promise<boolean>,
): Promise<void> {
  if (!isRecord(entry) || entry.project === project || !(await exists(entry.project))) return
  if (await isRunning(entry.name)) throw belongsTo(entry)
}

/** The option that names a lab on the command line. Empty for the default lab. */
export function nameOption(name: string): string {
  return name === defaultLab.name ? '' : ` --name ${name}`
}

function belongsTo(record: LabRecord): Error {
  return labError(`lab ${record.name} is up and belongs to ${record.project}`, {
    hint: `run \`rolecall lab down${nameOption(record.name)}\` there, or choose another lab here with --name`,
  })
}
