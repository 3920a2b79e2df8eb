import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Families } from '../family.ts'
import type { DriverName, HostPlan } from '../model.ts'
import { cacheDirectory, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'

/** What the machine knows about a lab that is up. It is gone after a restart of the machine, as the hosts are. */
export interface LabRecord {
  readonly name: string
  /** The project directory whose lab it is. */
  readonly project: string
  /** The third octet of 10.10.x.0/24. */
  readonly subnet: number
  /** Where the hosts' disks are. */
  readonly rooms: string
  /** What the hosts are. Those that are not named are Debian. */
  readonly families?: Families
  /** Those of the default lab, when there are none. */
  readonly hosts?: readonly HostPlan[]
  /** The inventory that the hosts are the image of; without it they are those of the project's `lab/lab.ts`. */
  readonly like?: string
  /** Default `nspawn`. */
  readonly driver?: DriverName
  /** See `LabOptions`. */
  readonly byPorts?: boolean
  /** Of the running kernel: a record of another boot is about nothing. */
  readonly boot: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** Machine-wide, whoever's lab it is, for labs that root boots. */
const rootDirectory = '/run/rolecall'
const isRoot = process.getuid?.() === 0

/** Where the locks and records of this user's labs are. */
export const runDirectory = isRoot ? rootDirectory : path.join(cacheDirectory(process.env, homedir()), 'run')
export const registryDirectory = path.join(runDirectory, 'labs')
/** Where anybody can read of the labs that root has booted. */
const rootRegistry = path.join(rootDirectory, 'labs')

/** A lab that was left half-recorded, by a full disk or a crash, has a name and nothing else. */
export type Entry = LabRecord | 'torn' | undefined

/** The record of a lab. `torn` when there is one that cannot be read; undefined when there is none of this boot. */
export async function readRecord(name: string, directory = registryDirectory): Promise<Entry> {
  const text = await textOf(path.join(directory, `${name}.json`))
  if (text === undefined)
    return directory === registryDirectory && !isRoot ? await readRecord(name, rootRegistry) : undefined
  const record = parseRecord(text)
  if (record === undefined) return 'torn'
  return record.boot === (await bootId()) ? record : undefined
}

/** Reads a record. Undefined for a text that is not one. Pure. */
export function parseRecord(text: string): LabRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is LabRecord {
  const types = {
    name: 'string',
    project: 'string',
    subnet: 'number',
    rooms: 'string',
    boot: 'string',
    since: 'number',
  }
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  return Object.entries(types).every(([field, type]) => typeof fields.get(field) === type)
}

/** Every lab that is recorded and readable. */
export async function readRecords(directory = registryDirectory): Promise<readonly LabRecord[]> {
  const others = directory === registryDirectory && !isRoot ? await namesIn(rootRegistry) : []
  const names = [...(await namesIn(directory)), ...others].filter((name) => name.endsWith('.json'))
  const entries = await Promise.all(names.map((name) => readRecord(path.basename(name, '.json'), directory)))
  return entries.filter((entry) => entry !== undefined && entry !== 'torn')
}

export async function writeRecord(record: LabRecord, directory = registryDirectory): Promise<void> {
  await mkdir(path.dirname(path.dirname(directory)), { recursive: true })
  await makeDirectory(path.dirname(directory))
  await makeDirectory(directory)
  await replaceAtomically(path.join(directory, `${record.name}.json`), `${JSON.stringify(record, null, 2)}\n`)
}

export async function removeRecord(name: string, directory = registryDirectory): Promise<void> {
  await rm(path.join(directory, `${name}.json`), { force: true })
}

/** The kernel's name for the time since it was started. */
export async function bootId(): Promise<string> {
  return ((await textOf('/proc/sys/kernel/random/boot_id')) ?? '').trim()
}
