import { posix } from 'node:path'
import { bringerOf, holderOf, mayGet } from './account-prediction.ts'
import { locksLater } from './account-locks.ts'
import type { PendingAccount } from '../prediction/pending-accounts.ts'
import type { Prediction, PathState, UserEntry } from '../prediction/prediction.ts'
import type { Unknown } from '../kit/kind.ts'
import type { Leaving } from './user-leaving.ts'
import type { NewHome, Skeleton } from './user-home.ts'
import type { UserHave, UserWant } from './user-steps.ts'

/** Applies pending accounts, groups, homes and processes to the answer. Returns the same object when none of them matters. */
export function predictUser(want: UserWant, have: UserHave, prediction: Prediction): UserHave | Unknown {
  if (prediction.empty) return have
  const pending = prediction.accounts.get('user', want.name)
  const locks = locksLater(have.locks, prediction)
  const unlocked = locks === have.locks ? have : { ...have, locks }
  const now = pending === undefined ? unlocked : laidOver(want, unlocked, pending)
  if ('unknown' in now) return now
  if (now.fields === undefined && pending === undefined) {
    const bringer = bringerOf(want.name, prediction)
    if (bringer !== undefined) return { unknown: `whether ${bringer} brings user ${want.name}` }
  }
  const next: UserHave | Unknown =
    want.state === 'absent' ? leavingLater(want.name, now, prediction) : presentLater(want, now, prediction)
  if ('unknown' in next) return next
  return next.fields === undefined || next.processes.length === 0 ? next : workLater(next, prediction)
}

/** What an earlier resource of the run makes of this very account. */
function laidOver(
  want: UserWant,
  have: UserHave,
  { from, exists, entry }: PendingAccount<UserEntry>,
): UserHave | Unknown {
  const { name, uid, group, groups, home, shell, comment, password, state } = want
  if (!exists)
    return have.fields === undefined
      ? have
      : { ...have, fields: undefined, groups: [], primary: '', leaving: undefined }
  const known = entry ?? {}
  const old = have.fields
  const field = (at: number, value: string | undefined) => value ?? old?.[at]
  const fields = [
    name,
    'x',
    field(2, known.id),
    old?.[3],
    field(4, known.comment),
    field(5, known.home),
    field(6, known.shell),
  ]
  const primary = known.primary ?? (old === undefined ? undefined : have.primary)
  const all = known.groups ?? (old === undefined ? undefined : have.groups)
  const asked: readonly (readonly [wanted: unknown, known: unknown])[] = [
    [uid, fields[2]],
    [group, primary],
    [groups.length > 0 || want.onlyTheseGroups === true ? groups : undefined, all],
    [comment, fields[4]],
    [home, fields[5]],
    [shell, fields[6]],
  ]
  const isOpen = asked.some(([wanted, value]) => wanted !== undefined && value === undefined)
  if (state === 'present' && (isOpen || (password !== undefined && old === undefined && entry === undefined)))
    return { unknown: `how ${from} makes user ${name}` }
  return {
    ...have,
    fields: fields.map((value) => value ?? ''),
    local: true,
    leaving: have.leaving ?? (entry && { ...NOTHING, groupGoes: entry.primary === name }),
    primary: primary ?? '',
    groups: all ?? [],
    passwordDigest: known.passwordDigest ?? have.passwordDigest,
  }
}

function presentLater(want: UserWant, have: UserHave, prediction: Prediction): UserHave | Unknown {
  const { name, group, groups } = want
  const wanted = [...new Set([...(group === undefined ? [] : [group]), ...groups])]
  // A user's own group comes with it, and may be named as the primary one.
  const lacks = wanted.filter((each) => {
    const pending = prediction.accounts.get('group', each)
    if (pending !== undefined) return !pending.exists
    return have.lacks.includes(each) && bringerOf(each, prediction) === undefined
  })
  const stranger = lacks.find(
    (each) => have.lacks.includes(each) && prediction.accounts.get('group', each) === undefined,
  )
  const opaque = stranger === undefined ? undefined : prediction.opaque()
  if (opaque !== undefined)
    return { unknown: `the host knows no group ${stranger ?? ''}, unless ${opaque.from} brings one` }
  const removed = have.groups.filter((each) => prediction.accounts.get('group', each)?.exists === false)
  const ownGroup = prediction.accounts.get('group', name)?.exists ?? have.ownGroup
  const other = mayGet('user', want.uid, { name, next: have.next }, prediction)
  if (other !== undefined) return { unknown: `whether ${other} gets uid ${want.uid ?? ''}` }
  const taken = holderOf('user', want.uid, { name, now: have.taken }, prediction)
  const home = have.newHome === undefined ? undefined : homeLater(have.newHome, prediction)
  const place = want.home ?? have.fields?.[5]
  const pendingHome = place === undefined ? undefined : prediction.paths.get(place)
  // Of an account that is to come the host was not asked for the home, only for the place of that.
  const isPlaceTaken = place !== undefined && have.newHome?.path === place && have.newHome.type === 'dir'
  const homeIsThere = pendingHome === undefined ? have.homeIsThere || isPlaceTaken : pendingHome.state.type === 'dir'
  const isSame =
    same(lacks, have.lacks) &&
    removed.length === 0 &&
    ownGroup === have.ownGroup &&
    taken === have.taken &&
    home === have.newHome &&
    homeIsThere === have.homeIsThere
  if (isSame) return have
  const left = have.groups.filter((each) => !removed.includes(each))
  return { ...have, lacks, groups: left, ownGroup, taken, newHome: home, homeIsThere }
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each))
}

/** Whether the home will be there, and what is copied into it: earlier changes may have made it, or changed the skeleton. */
function homeLater(home: NewHome, prediction: Prediction): NewHome {
  const place = prediction.paths.get(home.path)
  const is =
    place === undefined
      ? home.type
      : place.state.type === 'dir'
        ? 'dir'
        : place.state.type === 'absent'
          ? 'absent'
          : 'other'
  const changed = prediction.paths.below(home.skeletonAt)
  const opaque = is === 'absent' ? prediction.opaque() : undefined
  let above = home.above
  let { blocked, readOnly } = home
  for (let dir = posix.dirname(home.path); dir.length > above.length; dir = posix.dirname(dir)) {
    const state = prediction.paths.get(dir)?.state
    if (state === undefined || state.type === 'absent') continue
    above = dir
    blocked = state.type === 'file'
  }
  if (opaque !== undefined) readOnly = undefined
  const isSame =
    is === home.type && changed.length === 0 && opaque === undefined && above === home.above && blocked === home.blocked
  if (isSame) return home
  const gone = new Set(changed.map(({ path }) => path))
  const kept = home.skeleton.filter(({ path }) => !gone.has(`${home.skeletonAt}/${path}`))
  const come = changed.flatMap(({ path, state }): Skeleton[] =>
    state.type === 'absent' ? [] : [{ path: posix.relative(home.skeletonAt, path), state }],
  )
  return {
    ...home,
    type: is,
    above,
    blocked,
    readOnly,
    skeleton: [...kept, ...come].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    // A package, or a command, may put something into the skeleton.
    more: home.more || opaque !== undefined,
  }
}

/** Of an account that is made and removed again. */
const NOTHING: Leaving = { groupGoes: false, groupShared: [], homeIsLink: false, homeShared: [] }

/** Who shares the group or the home may be gone by then, and the home itself may be new. */
function leavingLater(name: string, have: UserHave, prediction: Prediction): UserHave {
  const { fields } = have
  if (have.leaving === undefined || fields === undefined) return have
  const [home = ''] = fields.slice(5)
  const place = home === '' ? undefined : prediction.paths.get(home)
  const spool = prediction.paths.get(`/var/mail/${name}`)
  const owner = fields[2] ?? ''
  const own = (path: string, state: PathState) =>
    state.type === 'file' && state.owner === name ? { path, owner } : undefined
  const leaving: Leaving = {
    ...have.leaving,
    ...(place === undefined
      ? {}
      : {
          homeOwner:
            place.state.type === 'dir' && place.state.owner === name
              ? owner
              : place.state.type === 'absent'
                ? undefined
                : 'another',
        }),
    ...(spool === undefined ? {} : { mail: own(`/var/mail/${name}`, spool.state) }),
  }
  const isThere = (name: string) => prediction.accounts.get('user', name)?.exists !== false
  const homeShared = leaving.homeShared.filter(isThere)
  const groupShared = leaving.groupShared.filter(isThere)
  const isSame = place === undefined && spool === undefined && same(groupShared, leaving.groupShared)
  if (isSame && same(homeShared, leaving.homeShared)) return have
  const groupGoes = leaving.groupGoes || (leaving.groupShared.length > 0 && groupShared.length === 0)
  return { ...have, leaving: { ...leaving, homeShared, groupShared, groupGoes } }
}

/** The user's processes as they will be: a pending change to their unit ends them, a pending command may end them. */
function workLater(have: UserHave, prediction: Prediction): UserHave | Unknown {
  const processes = have.processes.filter(({ unit }) => prediction.units.get(unit)?.running !== false)
  const [first] = processes
  const busy = first === undefined ? undefined : prediction.activity(false)
  if (first !== undefined && busy !== undefined)
    return { unknown: `whether process ${first.id} (${first.name}) still runs after ${busy.from}` }
  return processes.length === have.processes.length ? have : { ...have, processes }
}
