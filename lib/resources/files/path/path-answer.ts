import { bringDirectory } from './package-directories.ts'
import { posix } from 'node:path'
import { blockedWay, readWay } from './untrusted-path.ts'
import type { Way } from './way.ts'
import type { Refused, Reply } from '../../kit/plan.ts'
import { asWanted, type KnownAccount } from './known-account.ts'
import type { Account } from './path.ts'

/** What a probe saw at a path, or what earlier steps will have put there. */
export interface Found {
  readonly path: string
  readonly type: 'absent' | 'file' | 'dir' | 'link' | 'special'
  /** Four octal digits; undefined when there is nothing, or when the path is predicted and its mode is not known. */
  readonly mode?: string | undefined
  readonly owner?: Account | undefined
  readonly group?: Account | undefined
  readonly size?: number | undefined
  /** A directory above is reached through a link: `dir` is `to`. With `parent: 'blocked'` there is no directory yet where it leads. */
  readonly real?: { readonly dir: string; readonly to: string }
  /** How many names a file has, when it has hard links. */
  readonly names?: number
  /** The directory above: there, missing, or with something in the way that is no directory. */
  readonly parent: 'dir' | 'absent' | 'blocked'
  /** The nearest path above that exists. */
  readonly above: string
  /** Hidden candidates of an interrupted run are beside it. */
  readonly leftovers: boolean
  /** The host did not let us look. */
  readonly denied: boolean
  /** Accounts that are wanted as owner or group, and that the host does not know. */
  readonly lacks: readonly Lack[]
  /** Accounts that are wanted as owner or group, and whose name the path does not show: several accounts may share one number. */
  readonly known?: readonly KnownAccount[]
  /** Another account can change the directory that it is in, or will be; undefined where only root can. */
  readonly way?: Way | undefined
  /** The earlier resource that this comes from; undefined when it was really seen. */
  readonly from?: string | undefined
}

export interface Lack {
  readonly type: 'user' | 'group'
  readonly name: string
  /** Whatever is there has this number, which nobody has now, and which the next system account will be given. */
  readonly next?: string
}

const TYPES: Readonly<Record<string, Found['type']>> = { '4': 'dir', '8': 'file', a: 'link' }

/** Reads what `probePath` printed. The rest of the answer belongs to the kind. */
export function readPath(path: string, reply: Reply): { readonly found: Found; readonly rest: Buffer } {
  const bytes = Buffer.from(reply.bytes.buffer, reply.bytes.byteOffset, reply.bytes.byteLength)
  let at = 0
  const next = () => {
    const end = bytes.indexOf(10, at)
    const line = bytes.toString('utf8', at, end < 0 ? bytes.length : end)
    at = end < 0 ? bytes.length : end + 1
    return line
  }
  let first = next()
  const [, length, to] = /^real (\d+) (\/.*)$/s.exec(first) ?? []
  const real =
    to === undefined ? undefined : { dir: Buffer.from(path).subarray(0, Number(length)).toString('utf8'), to }
  if (real !== undefined) first = next()
  const way = first.startsWith('way ') ? readWay(first.slice(4)) : undefined
  const head = way === undefined ? first : next()
  const lacks: Lack[] = []
  const names = bytes.toString('latin1', at, at + 6) === 'names ' ? Number(next().slice(6)) : 1
  const known: KnownAccount[] = []
  // The target of a link comes last, without a line break, and may begin with any word.
  while (['lacks ', 'known '].includes(bytes.toString('latin1', at, at + 6)) && bytes.includes(10, at)) {
    const [, word, kind, name, number] = /^(lacks|known) (user|group) (.*?)(?: (\d+))?$/s.exec(next()) ?? []
    const type = kind === 'user' ? 'user' : 'group'
    if (name === undefined) continue
    if (word === 'lacks') lacks.push({ type, name, ...(number === undefined ? {} : { next: number }) })
    else if (number !== undefined) known.push({ type, name, id: number })
  }
  const more = { ...(names > 1 && { names }), ...(way && { way }), ...(real && { real }) }
  const found = { path, ...readHead(path, head), lacks, ...more }
  return { found: known.length === 0 ? found : { ...asWanted(found, known), known }, rest: bytes.subarray(at) }
}

function readHead(path: string, head: string): Omit<Found, 'path' | 'lacks' | 'way'> {
  const none = /^none ([01]) (\d+) (dir|absent|blocked|denied)$/.exec(head)
  if (none !== null) {
    const above = Buffer.from(path).subarray(0, Number(none[2])).toString('utf8')
    const parent = none[3] === 'dir' || none[3] === 'blocked' ? none[3] : 'absent'
    return { type: 'absent', parent, above, leftovers: none[1] === '1', denied: none[3] === 'denied' }
  }
  const have = /^have ([01]) ([0-9a-f]+) (\d+) (\d+) (\d+) ([^:]*):(.*)$/s.exec(head)
  if (have === null)
    throw new Error(`Expected answer about ${path} to begin with have or none, got ${JSON.stringify(head)}`)
  const [, leftovers, rawMode = '0', size, uid, gid, user, group] = have
  const bits = Number.parseInt(rawMode, 16)
  return {
    type: TYPES[(bits >> 12).toString(16)] ?? 'special',
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    owner: { name: user, id: uid },
    group: { name: group, id: gid },
    size: Number(size),
    parent: 'dir',
    above: path,
    leftovers: leftovers === '1',
    denied: false,
  }
}

/** The path without the links on its way. */
export function placeOf({ path, real }: Pick<Found, 'path' | 'real'>): string {
  return real === undefined ? path : posix.normalize(`${real.to}/${path.slice(real.dir.length)}`)
}

/** Of kinds whose tools take a path by its name: where another account can change the directory, the name may lead elsewhere by then. */
export function foreignDirectory({ path, way }: Found): Refused | undefined {
  return way === undefined
    ? undefined
    : {
        refused: `another account can change the directory of ${path}`,
        hint: 'give the directory to root before this resource',
      }
}

/** Why nothing can be made at this path, whatever the kind. */
export function blockedPath(found: Found, needsParent = true): Refused | undefined {
  const { path } = found
  const dir = posix.dirname(path)
  const lost = found.way && blockedWay(path, found.way)
  if (lost !== undefined) return lost
  if (found.denied) return { refused: `${path} cannot be looked at: permission denied`, hint: 'become root' }
  for (const { type, name } of found.lacks) {
    return {
      refused: `${path} is to belong to ${type} ${name}, which the host does not know`,
      hint: `put ${type}('${name}') before this resource`,
    }
  }
  if (found.type !== 'absent' || found.parent === 'dir') return undefined
  if (found.parent === 'blocked') {
    const there = found.above === path ? dir : found.above
    return {
      refused: `${path} cannot be made: ${there} is not a directory`,
      hint: `remove ${there}, or choose another path`,
    }
  }
  if (!needsParent) return undefined
  return { refused: `${path} cannot be made: there is no directory ${dir}`, hint: bringDirectory(dir) }
}
