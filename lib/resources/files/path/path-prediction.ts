import { posix } from 'node:path'
import type { Foreseen, PathState } from '../../prediction/prediction.ts'
import type { Unknown } from '../../kit/kind.ts'
import { bringerOf } from '../../accounts/account-prediction.ts'
import { foreseeOwners } from './owner-prediction.ts'
import type { Account, Attributes, Found } from './path.ts'
import type { Way } from './untrusted-path.ts'

const OWN_GROUND = /^\/(home|root|srv|opt|data|mnt|media|tmp|run|usr\/local|var\/tmp)(\/|$)/

/** Where packages may not put anything (Filesystem Hierarchy Standard 3.0; Debian policy 9.1). */
export function isOwnGround(path: string): boolean {
  return OWN_GROUND.test(path)
}

/**
 * Lays pending path states over what was seen. The very same object comes back when none of them matters.
 *
 * @param needsParent whether a missing directory above stands in the way
 */
export function foreseePath(
  seen: Found,
  foreseen: Foreseen,
  want: Attributes = {},
  needsParent = true,
): Found | Unknown {
  if (seen.real !== undefined) foreseen.learn(seen.real.dir, seen.real.to)
  if (foreseen.empty) return seen
  const way = seen.way ?? wayAfter(seen.path, foreseen)
  const owned = foreseeOwners(seen, want, foreseen)
  const found = way === seen.way ? owned : { ...owned, way }
  const doubt = foreseen.doubtAbout(found.path)
  if (doubt) return { unknown: `what ${found.path} will be is known only after ${doubt.from}, which is unknown itself` }
  const lacks = found.lacks.filter(
    (lack) =>
      !seen.lacks.includes(lack) ||
      (foreseen.account(lack.about, lack.name)?.exists !== true && bringerOf(lack.name, foreseen) === undefined),
  )
  const stranger = lacks.find((lack) => seen.lacks.includes(lack) && isUnheard(lack, found, foreseen))
  const host = stranger && foreseen.opaque()
  if (stranger !== undefined && host !== undefined)
    return { unknown: `the host knows no ${stranger.about} ${stranger.name}, unless ${host.from} brings one` }
  const own = lacks.length === found.lacks.length ? found : { ...found, ...namesAgain(found, foreseen), lacks }
  const later = foreseen.path(found.path)
  for (let dir = posix.dirname(found.path); later === undefined && dir !== '/'; dir = posix.dirname(dir)) {
    const above = foreseen.path(dir)
    if (above?.state.is === 'link')
      return { unknown: `${found.path} will lead through ${dir}, which comes with ${above.from}` }
  }
  // Whether it comes with an archive is seen only when that is unpacked: whoever plans with it rests on the archive.
  const gone = later === undefined ? found.is === 'absent' : later.state.is === 'absent'
  const filled = gone ? foreseen.filled(found.path) : undefined
  if (filled !== undefined && filled.at > (later?.at ?? -1)) {
    const nothing =
      later === undefined
        ? own
        : { ...fromState(found.path, later.state), lacks, leftovers: false, ...(way && { way }) }
    const parent = posix.dirname(found.path)
    // Whether there will be such a directory in it is seen only then as well.
    const isMade = foreseen.path(parent)?.state.is === 'dir' || found.parent === 'dir'
    if (needsParent && !isMade)
      return { unknown: `there is no directory ${parent}, unless it comes with ${filled.from}` }
    return { ...nothing, parent: 'dir' }
  }
  const bringer = needsParent && found.parent === 'absent' ? mayMakeParent(found, foreseen) : undefined
  if (bringer !== undefined)
    return { unknown: `there is no directory ${posix.dirname(found.path)}, unless ${bringer} makes it` }
  const parent = parentAfter(found, foreseen)
  // That something will stand below a directory says nothing new about one that is there.
  const stays = later?.state.is === 'dir' && found.is === 'dir' && later.state.mode === undefined
  if (later !== undefined && !stays)
    return {
      ...fromState(found.path, later.state),
      parent,
      lacks,
      leftovers: found.leftovers,
      from: later.from,
      ...(way && { way: { ...way, inode: undefined } }),
    }
  return parent === found.parent ? own : { ...own, parent }
}

/** Nothing pending says that it brings this account, and none is about to get the number that the thing has. */
function isUnheard({ about, name, next }: Found['lacks'][number], found: Found, foreseen: Foreseen): boolean {
  if (foreseen.account(about, name) !== undefined) return false
  const have = about === 'user' ? found.owner : found.group
  return next === undefined || next !== have?.id || foreseen.packages().length === 0
}

/** The number of an account that a pending package brings again is that account's, when its turn is next. */
function namesAgain({ lacks, owner, group }: Found, foreseen: Foreseen): Pick<Found, 'owner' | 'group'> {
  const named = (about: 'user' | 'group', have: Account | undefined) => {
    const back = lacks.find((lack) => lack.about === about && lack.next !== undefined && lack.next === have?.id)
    return back === undefined || foreseen.packages().length === 0 ? have : { name: back.name, id: have?.id }
  }
  return { owner: named('user', owner), group: named('group', group) }
}

/** Who can change the directory when earlier steps have given it, or one on the way, to another account. */
function wayAfter(path: string, foreseen: Foreseen): Way | undefined {
  for (let dir = posix.dirname(path); dir !== '/'; dir = posix.dirname(dir)) {
    const state = foreseen.path(dir)?.state
    if (state?.is !== 'dir') continue
    const { owner = 'root', mode = '0755' } = state
    const isShared = (Number.parseInt(mode, 8) & 0o022) !== 0
    if (owner !== 'root' && owner !== '0')
      return { verdict: 'ok', lord: /^\d+$/.test(owner) ? { id: owner, name: owner } : { id: '', name: owner } }
    if (isShared) return { verdict: 'ok', lord: { id: '0', name: 'root' } }
  }
  return undefined
}

function parentAfter(found: Found, foreseen: Foreseen): Found['parent'] {
  const later = foreseen.path(posix.dirname(found.path))
  if (later !== undefined) return later.state.is === 'dir' ? 'dir' : later.state.is === 'absent' ? 'absent' : 'blocked'
  // A package that is still to come is taken to bring the directory of what is put there.
  return found.parent === 'absent' && foreseen.opaque() !== undefined ? 'dir' : found.parent
}

/**
 * What may make a missing directory, or may not: a command of the user's; a package where packages mostly put nothing. Undefined where
 * the directory is foreseen, where nothing can make it, and where a package is taken to bring it.
 */
function mayMakeParent({ path }: Found, foreseen: Foreseen): string | undefined {
  if (foreseen.path(posix.dirname(path)) !== undefined) return undefined
  if (foreseen.packages().length > 0 && !isOwnGround(path)) return undefined
  return foreseen.opaque()?.from
}

function fromState(path: string, state: PathState): Omit<Found, 'parent' | 'lacks' | 'leftovers' | 'way'> {
  const known = { path, is: state.is, above: path, denied: false }
  if (state.is === 'absent' || state.is === 'link') return known
  const account = (name: string | undefined) =>
    name === undefined ? undefined : /^\d+$/.test(name) ? { id: name } : { name, id: name === 'root' ? '0' : undefined }
  const size = state.is === 'file' ? state.content?.length : undefined
  return { ...known, mode: state.mode, owner: account(state.owner), group: account(state.group), size }
}

/** Whether something that is managed is foreseen to be there, but nobody knows how. */
export function isVague(found: Found, { mode, owner, group }: Attributes): boolean {
  const missing = (want?: string, have?: unknown) => want !== undefined && have === undefined
  return missing(mode, found.mode) || missing(owner, found.owner) || missing(group, found.group)
}

/** The command or package that may make a file which is there only to be edited. */
export function mayMake(path: string, foreseen: Foreseen): string | undefined {
  return mayCome(path, foreseen) ?? foreseen.command()?.from
}

/** The package or command that may bring `path` before this resource has its turn; undefined when nothing can. */
export function mayCome(path: string, foreseen: Foreseen): string | undefined {
  const filled = foreseen.filled(path)
  if (filled !== undefined) return filled.from
  return isOwnGround(path) ? undefined : foreseen.opaque()?.from
}
