import { posix } from 'node:path'
import { sh, type Sh } from '../../../sh/quote.ts'
import { realPath } from '../../../sh/real-path.ts'
import type { Prediction, PathState } from '../../prediction/prediction.ts'
import { bringerOf } from '../../accounts/account-prediction.ts'
import { mayComeWith } from './package-directories.ts'
import { predictOwners } from './owner-prediction.ts'
import type { Account, Attributes } from './path.ts'
import type { Found } from './path-answer.ts'
import type { Way } from './way.ts'
import type { Unknown } from '../../kit/plan.ts'

const NEVER_PACKAGED = /^\/(home|root|srv|opt|data|mnt|media|tmp|run|usr\/local|var\/tmp)(\/|$)/

/** Where packages may not put anything (Filesystem Hierarchy Standard 3.0; Debian policy 9.1). */
export function neverPackaged(path: string): boolean {
  return NEVER_PACKAGED.test(path)
}

/**
 * Applies pending path states to what was seen. Returns the same object when none of them matters.
 *
 * @param needsParent whether the parent directory must exist
 */
export function predictPath(
  seen: Found,
  prediction: Prediction,
  want: Attributes = {},
  needsParent = true,
): Found | Unknown {
  if (seen.real !== undefined) prediction.paths.addLink(seen.real.dir, seen.real.to)
  if (prediction.empty) return seen
  const way = (isClosedLater(seen, prediction) ? undefined : seen.way) ?? wayAfter(seen.path, prediction)
  const owned = predictOwners(seen, want, prediction)
  const found = way === seen.way ? owned : { ...owned, way }
  const doubt = prediction.paths.doubtAbout(found.path)
  if (doubt) return { unknown: `what ${found.path} will be is known only after ${doubt.words}` }
  const lacks = lacksLater(seen, found, prediction)
  if ('unknown' in lacks) return lacks
  const own = lacks.length === found.lacks.length ? found : { ...found, ...namesAgain(found, prediction), lacks }
  const pending = prediction.paths.get(found.path)
  const leads = pending === undefined ? linkAbove(found.path, prediction) : undefined
  if (leads !== undefined) return leads
  const filled = fillerOf(found, prediction)
  if (filled !== undefined) {
    const nothing =
      pending === undefined
        ? own
        : { ...fromState(found.path, pending.state), lacks, leftovers: false, ...(way && { way }) }
    const hasParent = hasParentLater(found, prediction)
    return needsParent && !hasParent
      ? { unknown: `there is no directory ${posix.dirname(found.path)}, unless it comes with ${filled}` }
      : { ...nothing, parent: 'dir' }
  }
  const bringer = needsParent && found.parent === 'absent' ? mayMakeParent(found, prediction) : undefined
  if (bringer !== undefined)
    return { unknown: `there is no directory ${posix.dirname(found.path)}, unless ${bringer} makes it` }
  const maker = comesBehind(found, prediction)
  if (maker !== undefined) return maker
  const parent = parentAfter(found, prediction)
  // A pending path below an existing directory says nothing new about the directory.
  const stays = pending?.state.type === 'dir' && found.type === 'dir' && pending.state.mode === undefined
  if (pending !== undefined && !stays)
    return {
      ...fromState(found.path, pending.state),
      parent,
      lacks,
      leftovers: found.leftovers,
      from: pending.from,
      ...(way && { way: { ...way, inode: undefined } }),
    }
  return parent === found.parent ? own : { ...own, parent }
}

/** The accounts that the host will still lack; unknown where something pending may bring one of them. */
function lacksLater(seen: Found, found: Found, prediction: Prediction): Found['lacks'] | Unknown {
  const lacks = found.lacks.filter(
    (lack) =>
      !seen.lacks.includes(lack) ||
      (prediction.accounts.get(lack.type, lack.name)?.exists !== true &&
        bringerOf(lack.name, prediction) === undefined),
  )
  const stranger = lacks.find((lack) => seen.lacks.includes(lack) && isUnheard(lack, found, prediction))
  const bringer = stranger && prediction.opaque()
  return stranger === undefined || bringer === undefined
    ? lacks
    : { unknown: `the host knows no ${stranger.type} ${stranger.name}, unless ${bringer.from} brings one` }
}

/** A pending link that the path will lead through. */
function linkAbove(path: string, prediction: Prediction): Unknown | undefined {
  for (let dir = posix.dirname(path); dir !== '/'; dir = posix.dirname(dir)) {
    const above = prediction.paths.get(dir)
    if (above?.state.type === 'link')
      return { unknown: `${path} will lead through ${dir}, which comes with ${above.from}` }
  }
  return undefined
}

/**
 * The pending archive that may bring a path which is missing then. Whether it does is seen only when it is unpacked: whoever plans with it rests on the
 * archive.
 */
function fillerOf({ path, type }: Found, prediction: Prediction): string | undefined {
  const pending = prediction.paths.get(path)
  const isMissing = pending === undefined ? type === 'absent' : pending.state.type === 'absent'
  const filled = isMissing ? prediction.paths.filledAbove(path) : undefined
  return filled !== undefined && filled.turn > (pending?.turn ?? -1) ? filled.from : undefined
}

/** Whether there will be a directory for it whatever the archive brings. */
function hasParentLater({ path, parent }: Found, prediction: Prediction): boolean {
  return prediction.paths.get(posix.dirname(path))?.state.type === 'dir' || parent === 'dir'
}

/** The same for what root does by itself there: who can change the directories above decides whether root may. */
export function predictRootPath(
  seen: Found,
  prediction: Prediction,
  want: Attributes = {},
  needsParent = true,
): Found | Unknown {
  const doubt = prediction.empty ? undefined : prediction.paths.doubtAbove(seen.path)
  if (doubt !== undefined)
    return { unknown: `who can change the directory of ${seen.path} is known only after ${doubt.from}` }
  return predictPath(seen, prediction, want, needsParent)
}

/** Nothing pending says that it brings this account, and none is about to get the number that the thing has. */
function isUnheard({ type: type, name, next }: Found['lacks'][number], found: Found, prediction: Prediction): boolean {
  if (prediction.accounts.get(type, name) !== undefined) return false
  const have = type === 'user' ? found.owner : found.group
  return next === undefined || next !== have?.id || prediction.packages.installed().length === 0
}

/** The number of an account that a pending package brings again is that account's, when its turn is next. */
function namesAgain({ lacks, owner, group }: Found, prediction: Prediction): Pick<Found, 'owner' | 'group'> {
  const named = (type: 'user' | 'group', have: Account | undefined) => {
    const back = lacks.find((lack) => lack.type === type && lack.next !== undefined && lack.next === have?.id)
    return back === undefined || prediction.packages.installed().length === 0 ? have : { name: back.name, id: have?.id }
  }
  return { owner: named('user', owner), group: named('group', group) }
}

/** Who can change the directory when earlier steps have given it, or one on the way, to another account. */
function wayAfter(path: string, prediction: Prediction): Way | undefined {
  for (let dir = posix.dirname(path); dir !== '/'; dir = posix.dirname(dir)) {
    const state = prediction.paths.get(dir)?.state
    if (state?.type !== 'dir') continue
    const { owner = 'root', mode = '0755' } = state
    const isShared = (Number.parseInt(mode, 8) & 0o022) !== 0
    if (owner !== 'root' && owner !== '0')
      return { verdict: 'ok', lord: /^\d+$/.test(owner) ? { id: owner, name: owner } : { id: '', name: owner } }
    if (isShared) return { verdict: 'ok', lord: { id: '0', name: 'root' } }
  }
  return undefined
}

/** The first directory that is missing in a sticky one will be there by then: what is below that one is no longer for others to put there. */
function isClosedLater({ path, above, way }: Found, prediction: Prediction): boolean {
  if (way?.sticky !== true || way.verdict !== 'ok') return false
  const [first, ...more] = posix.relative(above, path).split('/')
  return more.length > 0 && prediction.paths.get(posix.join(above, first ?? ''))?.state.type === 'dir'
}

function parentAfter(found: Found, prediction: Prediction): Found['parent'] {
  const pending = prediction.paths.get(posix.dirname(found.path))
  if (pending !== undefined)
    return pending.state.type === 'dir' ? 'dir' : pending.state.type === 'absent' ? 'absent' : 'blocked'
  // A package that is still to come is taken to bring the directory of what is put there.
  return found.parent === 'absent' && prediction.opaque() !== undefined ? 'dir' : found.parent
}

/**
 * What may make a missing directory, or may not: a command of the user's; a package where packages mostly put nothing, or where another one is known to
 * put it. Undefined where the directory is predicted, where nothing can make it, and where a package is taken to bring it.
 */
function mayMakeParent({ path }: Found, prediction: Prediction): string | undefined {
  if (prediction.paths.get(posix.dirname(path)) !== undefined) return undefined
  const packages = prediction.packages.installed().map(({ name }) => name)
  if (!neverPackaged(path) && mayComeWith(posix.dirname(path), packages)) return undefined
  return prediction.bringer()?.from
}

function fromState(path: string, state: PathState): Omit<Found, 'parent' | 'lacks' | 'leftovers' | 'way'> {
  const known = { path, type: state.type, above: path, denied: false }
  if (state.type === 'absent' || state.type === 'link') return known
  const account = (name: string | undefined) =>
    name === undefined ? undefined : /^\d+$/.test(name) ? { id: name } : { name, id: name === 'root' ? '0' : undefined }
  const size = state.type === 'file' ? state.content?.length : undefined
  return { ...known, mode: state.mode, owner: account(state.owner), group: account(state.group), size }
}

/** Whether the path is predicted to be there, with a managed mode, owner or group that is not known. */
export function isVague(found: Found, { mode, owner, group }: Attributes): boolean {
  const missing = (want?: string, have?: unknown) => want !== undefined && have === undefined
  return missing(mode, found.mode) || missing(owner, found.owner) || missing(group, found.group)
}

/** The command or package that may make a file which is there only to be edited. */
export function mayMake(path: string, prediction: Prediction): string | undefined {
  return possibleProvider(path, prediction) ?? prediction.command()?.from
}

/** For what only works on a path that is there: it is not, and something pending may bring it. */
export function whetherThere(found: Found, prediction: Prediction): Unknown | undefined {
  if (found.type !== 'absent' || found.from !== undefined) return undefined
  const bringer = mayMake(found.path, prediction)
  return bringer === undefined ? undefined : { unknown: `${found.path} may come with ${bringer}` }
}

/** The package or command that may bring `path` before this resource has its turn; undefined when nothing can. */
export function possibleProvider(path: string, prediction: Prediction): string | undefined {
  const filled = prediction.paths.filledAbove(path)
  if (filled !== undefined) return filled.from
  return neverPackaged(path) ? undefined : prediction.bringer()?.from
}

/** A link to no directory is in the way, and what comes where it leads may be one. */
function comesBehind({ parent, real }: Found, prediction: Prediction): Unknown | undefined {
  if (parent !== 'blocked' || real === undefined || prediction.paths.get(real.dir) !== undefined) return undefined
  const maker = makerBehind(real.to, prediction)
  return maker && { unknown: `where ${real.dir} leads is known only after ${maker.from}` }
}

/** Prints where a link leads that leads to nothing yet. */
export function leadsOf(link: Sh): Sh {
  return sh`${realPath}real_path ${link}`
}

/** What may make a directory where a link leads to none. */
export function makerBehind(leads: string | undefined, prediction: Prediction): { readonly from: string } | undefined {
  if (leads === undefined) return undefined
  const pending = prediction.paths.get(leads)
  if (pending !== undefined) return pending.state.type === 'dir' ? pending : undefined
  return prediction.paths.filledAbove(leads) ?? (neverPackaged(leads) ? prediction.command() : prediction.opaque())
}
