import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'

export interface Entry {
  /** Type, mode, owner, group, and what it holds. */
  readonly is: string
  /** Its inode and when it last changed. */
  readonly at: string
  /** Where it leads, of a symbolic link. */
  readonly to?: string
  /** What it holds, of a list of accounts. */
  readonly text?: string
}

/** The lists of accounts, which everybody who has an account stands in. */
export const ACCOUNTS = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}`)

/** What is on a host, by path. What a kind writes down for itself is left out. */
export type Snapshot = ReadonlyMap<string, Entry>

/** Walks a tree and gives its entries under the names that the host has for them. `top` itself is left out. */
export function walk(top: string, under: string, skip: (path: string) => boolean): Map<string, Entry> {
  const found = new Map<string, Entry>()
  const visit = (real: string, path: string): void => {
    for (const name of readdirSync(real)) {
      const [child, at] = [join(real, name), `${path === '/' ? '' : path}/${name}`]
      if (skip(at)) continue
      const stats = lstatSync(child, { throwIfNoEntry: false })
      if (stats === undefined) continue
      const entry = entryOf(child, stats)
      found.set(at, ACCOUNTS.includes(at) ? { ...entry, text: readFileSync(child, 'utf8') } : entry)
      if (stats.isDirectory()) visit(child, at)
    }
  }
  visit(top, under)
  return found
}

export function entryOf(path: string, stats: Stats): Entry {
  const { ino, ctimeMs, uid, gid } = stats
  const mode = (stats.mode & 0o7777).toString(8)
  const at = `${ino} ${ctimeMs}`
  if (stats.isSymbolicLink()) {
    const to = readlinkSync(path)
    return { is: `link ${uid} ${gid} ${to}`, at, to }
  }
  if (stats.isFile()) return { is: `file ${mode} ${uid} ${gid} ${digestOf(path, stats)}`, at }
  if (stats.isDirectory()) return { is: `dir ${mode} ${uid} ${gid}`, at }
  return { is: `${typeOf(stats)} ${mode} ${uid} ${gid} ${stats.rdev}`, at }
}

const digests = new Map<string, string>()
/** Twice a tick of the kernel's clock, and more: what was changed within it may change again and have the same time. */
const SETTLED_MS = 100

/** A file is read once for each time that it has changed: a host has thousands, and is walked many times. */
function digestOf(path: string, { dev, ino, ctimeMs, size }: Stats): string {
  const key = `${dev} ${ino} ${ctimeMs} ${size}`
  const found = digests.get(key) ?? digest(readFileSync(path))
  if (Date.now() - ctimeMs > SETTLED_MS) digests.set(key, found)
  return found
}

function typeOf(stats: Stats): string {
  if (stats.isFIFO()) return 'pipe'
  if (stats.isSocket()) return 'socket'
  return stats.isCharacterDevice() ? 'device' : 'disk'
}

export function digest(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('hex').slice(0, 12)
}

/** Paths whose entry is another one, with both. `strictly`: also such as were written again, with the same in them. */
export function differences(
  before: Snapshot,
  after: Snapshot,
  strictly = false,
): { path: string; from: string; to: string }[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths.flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)]
    const same = from?.is === to?.is && (!strictly || from?.at === to?.at)
    return same ? [] : [{ path, from: from?.is ?? 'nothing', to: to?.is ?? 'nothing' }]
  })
}
