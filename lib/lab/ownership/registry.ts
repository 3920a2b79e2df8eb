import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { homeDirectory } from '../../machine/account.ts'
import type { Families } from '../family.ts'
import type { DriverName, HostPlan } from '../model.ts'
import { cacheDirectory, namesIn, replaceAtomically, makeDirectory, textOf } from '../machine/files.ts'

/** The machine's record of a lab that is up. A reboot of the machine removes the record and the hosts. */
export interface LabRecord {
  readonly name: string
  /** The project directory whose lab it is. */
  readonly project: string
  /** The third octet of 10.10.x.0/24. */
  readonly subnet: number
  /** The directory of the hosts' disks. */
  readonly rooms: string
  /** The families of the hosts. Default Debian. */
  readonly families?: Families
  /** Default: the hosts of the default lab. */
  readonly hosts?: readonly HostPlan[]
  /** The inventory that the hosts are copied from. Absent: they are those of the project's `lab/lab.ts`. */
  readonly like?: string
  /** Default `nspawn`. */
  readonly driver?: DriverName
  /** See `LabOptions`. */
  readonly byPorts?: boolean
  /** The boot id of the kernel. A record of an earlier boot does not count. */
  readonly boot: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** The directory for all labs that root boots on this machine. */
const rootDirectory = '/run/rolecall'
const isRoot = process.getuid?.() === 0

/** The directory of locks and records of this user's labs. */
export const runDirectory = isRoot ? rootDirectory : path.join(cacheDirectory(process.env, homeDirectory()), 'run')
export const registryDirectory = path.join(runDirectory, 'labs')
/** The directory where everybody can read the records of root's labs. */
const rootRegistry = path.join(rootDirectory, 'labs')

/** A damaged record, left by a full disk or a crash: only the name is known. */
export type Entry = LabRecord | 'torn' | undefined

/** The record of a lab. `torn` for a record that cannot be read; undefined without a record of this boot. */
export async function readRecord(name: string, directory = registryDirectory): Promise<Entry> {
  const text = await textOf(path.join(directory, `${name}.json`))
  if (text === undefined)
    return directory === registryDirectory && !isRoot ? await readRecord(name, rootRegistry) : undefined
  const record = parseRecord(text)
  if (record === undefined) return 'torn'
  return record.boot === (await bootId()) ? record : undefined
}

/** Parses a record. Undefined for any other text. Pure. */
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

/** The kernel's id of the present boot. */
export async function bootId(): Promise<string> {
  return ((await textOf('/proc/sys/kernel/random/boot_id')) ?? '').trim()
}
