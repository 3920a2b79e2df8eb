import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { PathState, PlaceEffect } from './effect.ts'
import type { Refused } from '../kit/kind.ts'

/** A path that a plan changes, and its new state. */
export interface ChangedPath {
  readonly path: string
  readonly state: PathState
  /** The option `inPlace` exists for it. */
  readonly mayBeInPlace?: boolean
}

/** A host's answer about the places that a plan changes. */
export interface Places {
  readonly mounts: readonly Mount[]
  /** Flags of chattr(1) by path, such as `i`; without paths that have none, or whose file system has none. */
  readonly flags: ReadonlyMap<string, string>
  readonly places: readonly Place[]
}

interface Mount {
  readonly id: string
  /** The mount that contains the path. */
  readonly parent: string
  readonly point: string
  readonly type: string
  readonly readOnly: boolean
}

interface Place {
  /** The nearest existing directory above, with links resolved. */
  readonly dir: string
  /** The path itself, with links on the way resolved. */
  readonly path: string
  readonly writable: boolean
  readonly isThere: boolean
  /** Bytes and inodes that are free on its file system. Undefined: not known. */
  readonly room?: { readonly bytes: number; readonly files: number }
}

/**
 * Probes the places of these paths: where links lead, and what is mounted, read-only, immutable or full. Changes nothing.
 *
 * Source: proc(5) (`mountinfo`), lsattr(1), stat(1) (`-f`), `test -w` of POSIX.1-2017, which asks access(2).
 */
export function askPlaces(touched: readonly ChangedPath[]): Sh {
  return lines(
    raw(`k=
place() {
d=\${1%/*}; d=\${d:-/}
while [ ! -d "$d" ] && [ "$d" != / ]; do d=\${d%/*}; d=\${d:-/}; done
if [ "$d" != "$k" ]; then
k=$d
cd -P -- "$d" 2>/dev/null && r=$PWD || r=$d
w=yes; [ -w "$d" ] || w=no
f=$(stat -f -c '%f %S %c %d' -- "$d" 2>/dev/null) || f=-
fi
e=no; if [ -e "$1" ] || [ -L "$1" ]; then e=yes; fi
echo "place $w $e \${f:--}"; echo "$d"; echo "$r"
}
echo mounts; cat /proc/self/mountinfo 2>/dev/null; echo places`),
    ...touched.map(({ path }) => sh`place ${path}`),
    sh`echo flags; lsattr -d -- ${[...new Set(touched.flatMap(({ path }) => [posix.dirname(path), path]))]} 2>/dev/null; :`,
  )
}

export function readPlaces(touched: readonly ChangedPath[], said: readonly string[]): Places {
  const [from, to] = [said.indexOf('places'), said.lastIndexOf('flags')]
  const mounts = visible(said.slice(1, Math.max(from, 1)).flatMap(readMount))
  const about = said.slice(from + 1, to < 0 ? undefined : to)
  const places = touched.map(({ path }, at): Place => {
    const [head = '', spelled = '', real = ''] = about.slice(at * 3, at * 3 + 3)
    const [, writable, there, room = '-'] = /^place (yes|no) (yes|no) (.*)$/s.exec(head) ?? []
    const [free = 0, size = 0, files = 0, left = 0] = room.split(' ').map(Number)
    const rest = path.slice(spelled === '/' ? 0 : spelled.length)
    return {
      dir: real,
      path: posix.normalize(`${real}/${rest}`),
      writable: writable !== 'no',
      isThere: there === 'yes',
      ...(room.startsWith('-') ? {} : { room: { bytes: free * size, files: files === 0 ? Infinity : left } }),
    }
  })
  const flags = new Map(
    (to < 0 ? [] : said.slice(to + 1)).flatMap((line) => {
      const [, flag, path] = /^(\S+) (\/.*)$/s.exec(line) ?? []
      return flag === undefined || path === undefined ? [] : [[path, flag.replaceAll('-', '')] as const]
    }),
  )
  return { mounts, flags, places }
}

/** The kernel writes blanks and backslashes in a mount point as three octal digits. */
function readMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ')
  const [id = '', parent = '', , , point = '', options = ''] = before.split(' ')
  const [type = '', , superOptions = ''] = after.split(' ')
  if (!point.startsWith('/')) return []
  const plain = point.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
  return [
    { id, parent, point: plain, type, readOnly: [options, superOptions].some((all) => all.split(',').includes('ro')) },
  ]
}

/** Without mounts below a directory that a later mount covers: no path leads to them any more. */
function visible(mounts: readonly Mount[]): Mount[] {
  const hidden = new Set<string>()
  for (const { id, parent, point } of mounts) {
    const isCovered = mounts.some((over) => over.parent === parent && point.startsWith(`${over.point}/`))
    if (isCovered || hidden.has(parent)) hidden.add(id)
  }
  return mounts.filter(({ id }) => !hidden.has(id))
}

/** The same after these mounts, unmounts, locks and unlocks. Nothing is known of a file system that is still to come, so nothing in it is an obstacle. */
export function placesAfter(places: Places, earlier: readonly PlaceEffect[]): Places {
  if (earlier.length === 0) return places
  const pending = earlier.filter((effect) => effect.type === 'mount')
  let mounts = [...places.mounts]
  for (const { path, state } of pending) {
    const last = mounts.findLastIndex(({ point }) => point === path)
    if (last >= 0) mounts = mounts.toSpliced(last, 1)
    if (state !== 'unmounted')
      mounts.push({ id: `pending ${path}`, parent: '', point: path, type: 'pending', readOnly: state === 'read-only' })
  }
  const isCovered = (path: string) => pending.some(({ path: point }) => path === point || path.startsWith(`${point}/`))
  return {
    mounts,
    flags: flagsAfter(new Map([...places.flags].filter(([path]) => !isCovered(path))), earlier),
    places: places.places.map((place) => {
      const { dir, path, isThere } = place
      if (isCovered(dir)) return { dir, path, isThere, writable: true }
      // A file system that is still to come has no content that can be probed.
      const point = pending.findLast(({ path: at, state }) => state !== 'unmounted' && path.startsWith(`${at}/`))
      return point === undefined ? place : { dir: point.path, path, isThere, writable: true }
    }),
  }
}

function flagsAfter(flags: ReadonlyMap<string, string>, earlier: readonly PlaceEffect[]): ReadonlyMap<string, string> {
  const after = new Map(flags)
  for (const effect of earlier)
    if (effect.type === 'attributes') after.set(effect.path, lettersAfter(after.get(effect.path) ?? '', effect))
  return after
}

/** The letters of chattr(1) that a path has after such a change. */
export function lettersAfter(
  letters: string,
  { has, hasNot }: { readonly has: string; readonly hasNot: string },
): string {
  return [...new Set(letters + has)].filter((letter) => !hasNot.includes(letter)).join('')
}

/** File systems whose files are made by the kernel. */
const KERNELS = /^(proc|sysfs|cgroup2?|securityfs|debugfs|tracefs|devpts|configfs|selinuxfs|efivarfs|bpf|pstore)$/

/** A change at a place, as far as an obstacle depends on it. */
interface PlaceChange {
  readonly path: string
  readonly state: ChangedPath['state']
  readonly place: Place
  /** Writes into the file that is there. */
  readonly inPlace: boolean
  /** Leaves the directory entry as it is, and changes only the inode: content, mode, owner. */
  readonly keepsName: boolean
  readonly mayBeInPlace: boolean
}

/** What prevents a change of a place; undefined if nothing is known to. */
export function obstacle({ mounts, flags, places }: Places, touched: ChangedPath, at: number): Refused | undefined {
  const place = places[at]
  if (place === undefined) return undefined
  const change = placeChange(touched, place)
  return (
    fileSystemObstacle(change, mounts) ??
    flagObstacle(change, flags) ??
    mountPointObstacle(change, mounts) ??
    rightsObstacle(change) ??
    roomObstacle(change)
  )
}

function placeChange({ path, state, mayBeInPlace = false }: ChangedPath, place: Place): PlaceChange {
  const inPlace = state.type === 'file' && state.inPlace === true
  // What is unpacked takes the place of the directory that is there.
  const isReplaced = state.type === 'dir' && state.filled === true && state.unpacked !== undefined
  const keepsName =
    inPlace || (state.type === 'file' && state.kept === true) || (state.type === 'dir' && place.isThere && !isReplaced)
  return { path, state, place, inPlace, keepsName, mayBeInPlace }
}

/** A read-only file system, or one whose files the kernel makes. */
function fileSystemObstacle(
  { path, place, inPlace, keepsName }: PlaceChange,
  mounts: readonly Mount[],
): Refused | undefined {
  const mount = mountOf(keepsName ? place.path : place.dir, mounts)
  if (mount?.readOnly === true)
    return {
      refused: `${path} cannot be changed: ${mount.point} is a read-only file system`,
      hint: 'mount it read-write before this resource',
    }
  if (mount !== undefined && KERNELS.test(mount.type) && (!keepsName || inPlace))
    return {
      refused: `${path} cannot be made: the kernel makes the files in ${mount.point} (${mount.type})`,
      hint: 'write into it with exec, or use sysctl',
    }
  return undefined
}

/** The mount that a path is on. Of two at the same point, the later one hides the other. */
function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`))
    .reduce<Mount | undefined>(
      (best, each) => (each.point.length >= (best?.point.length ?? 0) ? each : best),
      undefined,
    )
}

/** The flags of chattr(1): on the path itself, or on the directory that its name is in. */
function flagObstacle(
  { path, state, keepsName }: PlaceChange,
  flags: ReadonlyMap<string, string>,
): Refused | undefined {
  const parent = posix.dirname(path)
  for (const what of [path, parent]) {
    const letters = flags.get(what) ?? ''
    if (letters.includes('i') && !(what === parent && keepsName))
      return {
        refused: `${path} cannot be changed: ${what} is immutable`,
        hint: `run chattr -i ${what} before this resource`,
      }
    const isAppendOnly = letters.includes('a')
    if (isAppendOnly && (what === path ? state.type !== 'dir' || keepsName : !keepsName && state.type !== 'dir'))
      return {
        refused: `${path} cannot be changed: ${what} is append-only`,
        hint: `run chattr -a ${what} before this resource`,
      }
  }
  return undefined
}

function mountPointObstacle(
  { path, state, place, keepsName, mayBeInPlace }: PlaceChange,
  mounts: readonly Mount[],
): Refused | undefined {
  if (keepsName || !mounts.some(({ point }) => point === place.path)) return undefined
  return {
    refused: `${path} cannot be ${state.type === 'absent' ? 'removed' : 'replaced'}: it is a mount point`,
    hint:
      mayBeInPlace && state.type === 'file'
        ? 'set inPlace: true to write into the existing file, or umount it before this resource'
        : 'umount it before this resource, or write into it with exec',
  }
}

function rightsObstacle({ path, place, keepsName }: PlaceChange): Refused | undefined {
  if (place.writable || keepsName) return undefined
  return {
    refused: `${path} cannot be changed: the host does not allow writing in ${place.dir}`,
    hint: 'become root (ansible_become: true in the inventory), or choose another path',
  }
}

function roomObstacle({ path, state, place, keepsName }: PlaceChange): Refused | undefined {
  if (state.type === 'absent' || keepsName || place.room === undefined) return undefined
  const bytes = state.type === 'file' ? (state.content?.length ?? 0) : 0
  if (bytes > place.room.bytes)
    return {
      refused: `${path} cannot be written: it takes ${bytes} bytes, and its file system has ${place.room.bytes} left`,
      hint: 'free some space on it',
    }
  if (place.room.files === 0)
    return {
      refused: `${path} cannot be made: its file system has no room for another file`,
      hint: 'remove some files there',
    }
  return undefined
}
