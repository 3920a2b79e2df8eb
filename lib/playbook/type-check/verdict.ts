import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { weaknessOf } from '../../machine/trusted.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { selfDirectory, selfIndexPath } from '../load/self-path.ts'

/** The state of a file: any change of its content changes one of these values, which the file's owner cannot reset. */
interface FileState {
  /** Size, inode, and times of content and inode in nanoseconds; empty when there is no such file. */
  readonly stat: string
  /** SHA-256 of the content; none for a file that represents a whole package. */
  readonly sha256?: string
}

/** The cache file of a positive type check. */
export function verdictFile(directory: string, entry: string): string {
  const id = createHash('sha256').update([entry, selfIndexPath()].join('\0')).digest('hex').slice(0, 16)
  return join(directory, `${id}.types.json`)
}

/** Whether all types were right and every file is unchanged since then. */
export function readVerdict(file: string, entry: string): boolean {
  let text: string
  try {
    if (weaknessOf(file) !== undefined) return false
    text = readFileSync(file, 'utf8')
  } catch {
    return false
  }
  const files = parseVerdict(text)
  return files?.[entry] !== undefined && Object.entries(files).every(([path, state]) => isAsBefore(path, state))
}

/**
 * The files of a cached result and their states; undefined if the text does not hold them. There are hundreds, read at every start: a schema would
 * take 10 ms.
 */
export function parseVerdict(text: string): Readonly<Record<string, FileState>> | undefined {
  const { files } = (asJson(text) ?? {}) as { files?: unknown }
  if (typeof files !== 'object' || files === null) return undefined
  return Object.values(files).every(isFileState) ? (files as Record<string, FileState>) : undefined
}

function isFileState(value: unknown): value is FileState {
  if (typeof value !== 'object' || value === null) return false
  const { stat, sha256 } = value as { stat?: unknown; sha256?: unknown }
  return typeof stat === 'string' && (sha256 === undefined || typeof sha256 === 'string')
}

/** Records a positive type check. A check with errors is not recorded: the cause may be a missing file. */
export function writeVerdict(file: string, files: readonly string[]): void {
  const states = new Map<string, FileState>()
  for (const path of files) {
    const stamp = stampOf(path)
    const stat = stamp === undefined ? '' : statOf(stamp)
    if (stamp !== undefined && stat !== '') states.set(stamp, { stat })
    else for (const each of [path, ...settingsAbove(path)]) states.set(each, stateOf(each))
  }
  const draft = `${file}.${randomUUID()}`
  writeWhole(draft, JSON.stringify({ files: Object.fromEntries(states) }), { flag: 'wx', mode: 0o644 })
  renameSync(draft, file)
}

/** Files that may influence the check, present or missing: settings, what npm has installed, and the compiler. */
const SETTINGS = [
  'tsconfig.json',
  'package.json',
  'node_modules/.package-lock.json',
  'node_modules/typescript/package.json',
  'node_modules/typescript-native/package.json',
]

function settingsAbove(path: string): string[] {
  const directory = dirname(path)
  const here = SETTINGS.map((name) => join(directory, name))
  return directory === dirname(directory) ? here : [...here, ...settingsAbove(directory)]
}

/** Compares by content if only the inode or the times differ, as after a checkout of the same commit. */
function isAsBefore(path: string, { stat, sha256 }: FileState): boolean {
  return statOf(path) === stat || (sha256 !== undefined && sha256 === hashOf(path))
}

function stateOf(path: string): FileState {
  const stat = statOf(path)
  return stat === '' ? { stat } : { stat, sha256: hashOf(path) ?? '' }
}

function statOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat?.isFile() !== true) return ''
  return `${stat.size} ${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`
}

function hashOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined
  }
}

/**
 * One file that represents all files of a package: it is written whenever the package is installed. A project has some forty files of its own and
 * five hundred of packages; checking each would take 10 ms of every start.
 */
function stampOf(path: string): string | undefined {
  if (path.startsWith(join(selfDirectory(), 'types/'))) return fileURLToPath(selfIndexPath())
  const [, directory] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
  return directory === undefined ? undefined : join(directory, 'package.json')
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
