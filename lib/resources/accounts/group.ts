import { lines, raw, sh } from '../../sh/quote.ts'
import { ACCOUNT_FILES, bringerOf, holderOf, mayGet } from './account-prediction.ts'
import { locksLater, probeLocks, readLocks, unlockEffects, unlockSteps, type StaleLock } from './account-locks.ts'
import { accountName, idOption, probeAccount, readEntry, type Entry } from './account.ts'
import type { Prediction } from '../prediction/prediction.ts'
import { kind, type Refused, type Resource, type Step } from '../kit/kind.ts'
import { flag, oneOf } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'

export interface GroupOptions {
  readonly gid?: number
  readonly system?: boolean
  readonly state?: 'present' | 'absent'
}

export interface GroupWant {
  readonly gid?: number | undefined
  readonly system: boolean
  readonly state: 'present' | 'absent'
}

/**
 * A group that exists, or does not. Who is in it is said by `user`.
 *
 * - `gid`: its number. When it changes, files keep the old one.
 * - `system`: with a number from the system's range. Only matters when the group is made. Default false.
 * - `state`: `present` (default) or `absent`.
 *
 * Refused: a `gid` that another group has; removing the primary group of a user; changing a group that comes from elsewhere than /etc/group, such as LDAP;
 * changing a gid on a host that has only busybox's tools.
 *
 * @example
 * group('deploy', { gid: 1500 })
 *
 * Source: groupadd(8), groupmod(8), groupdel(8), getent(1), group(5); busybox's addgroup and delgroup.
 */
export function group(name: string, options: GroupOptions = {}): Resource {
  const { options: given } = read(name, options)
  const { gid, system = false, state = 'present' } = given
  return make(name, { gid, system, state, name })
}

const read = resourceOptions<GroupOptions>()(
  'group',
  (name) => accountName('group name', name),
  () => ({
    gid: idOption().optional(),
    system: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
  }),
)

interface GroupHave extends Entry {
  readonly locks: readonly StaleLock[]
  /** Users whose primary group it is. */
  readonly members: readonly string[]
}

const make = kind<GroupWant & { readonly name: string }, GroupHave>({
  name: 'group',
  probe: ({ name, gid, state }) =>
    lines(
      probeAccount('group', name, gid, 'groupadd'),
      probeLocks,
      ...(state === 'absent'
        ? [sh`[ -z "$e" ] || { g=\${e#*:*:}; awk -F: -v g="\${g%%:*}" '$4 == g { print "member " $1 }' /etc/passwd; }`]
        : []),
    ),
  read: (_, { lines: said }) => ({
    ...readEntry(said),
    locks: readLocks(said),
    members: said.flatMap((line) => /^member (.*)$/s.exec(line)?.[1] ?? []),
  }),
  plan(want, have): Step[] | Refused {
    const steps = planGroup(want, have)
    return 'refused' in steps || steps.length === 0 ? steps : [...unlockSteps(have.tools ? have.locks : []), ...steps]
  },
  effects({ name, state, gid }, { fields, locks }) {
    const id = gid?.toString() ?? (fields?.[2] === '' ? undefined : fields?.[2])
    const exists = state === 'present'
    return [
      { type: 'group', name, exists, ...(exists ? { entry: { id } } : {}) },
      ...unlockEffects(locks),
      ...ACCOUNT_FILES,
    ]
  },
  predict({ name, gid, state }, have, prediction) {
    if (prediction.empty) return have
    const pending = prediction.accounts.get('group', name)
    if (pending === undefined && have.fields === undefined) {
      const bringer = bringerOf(name, prediction)
      if (bringer !== undefined) return { unknown: `whether ${bringer} brings group ${name}` }
    }
    const id = pending?.entry?.id ?? have.fields?.[2]
    if (pending?.exists === true && gid !== undefined && id === undefined)
      return { unknown: `which gid ${pending.from} gives group ${name}` }
    const fields = pending === undefined ? have.fields : pending.exists ? [name, 'x', id ?? '', ''] : undefined
    const isSame =
      pending === undefined || (fields?.[2] === have.fields?.[2] && pending.exists === (have.fields !== undefined))
    const members = state === 'absent' ? membersLater(name, have.members, prediction) : have.members
    const other = state === 'absent' ? undefined : mayGet('group', gid, { name, next: have.next }, prediction)
    if (other !== undefined) return { unknown: `whether ${other} gets gid ${gid ?? ''}` }
    const taken = holderOf('group', gid, { name, now: have.taken }, prediction)
    const locks = locksLater(have.locks, prediction)
    if (isSame && members === have.members && taken === have.taken && locks === have.locks) return have
    return { ...have, locks, fields, members, taken, local: have.local || pending?.exists === true }
  },
})

function planGroup(
  { name, gid, system, state }: GroupWant & { readonly name: string },
  have: GroupHave,
): Step[] | Refused {
  const exists = have.fields !== undefined
  const current = have.fields?.[2]
  if (exists === (state === 'present') && (state === 'absent' || gid === undefined || current === String(gid)))
    return []
  if (exists && !have.local)
    return {
      refused: `group ${name} does not come from /etc/group, so it cannot be ${state === 'absent' ? 'removed' : 'changed'} here`,
      hint: 'change it where it comes from, such as LDAP; `getent group` and /etc/nsswitch.conf say what the host asks',
    }
  if (state === 'absent') {
    const [user, ...others] = have.members
    if (user !== undefined)
      return {
        refused: `group ${name} is the primary group of user ${[user, ...others].join(', ')}, so it cannot be removed`,
        hint: `put user('${user}', { state: 'absent' }), or another group for that user, before this resource`,
      }
    return [{ summary: `remove group ${name}`, sh: sh`${raw(have.tools ? 'groupdel' : 'delgroup')} ${name}` }]
  }
  if (have.taken !== undefined && have.taken !== name)
    return { refused: `gid ${gid ?? ''} belongs to group ${have.taken}` }
  const number = gid === undefined ? raw('') : sh`-g ${gid}`
  if (!exists) {
    const add = have.tools ? sh`groupadd ${raw(system ? '-r' : '')}` : sh`addgroup ${raw(system ? '-S' : '')}`
    return [
      { summary: `create group ${name}${gid === undefined ? '' : ` (gid ${gid})`}`, sh: sh`${add} ${number} ${name}` },
    ]
  }
  if (!have.tools)
    return { refused: `group ${name} has gid ${current ?? ''}, and this host has no groupmod to change it` }
  return [
    {
      summary: `change gid of group ${name} from ${current ?? ''} to ${gid ?? ''}`,
      sh: sh`groupmod ${number} ${name}`,
    },
  ]
}

/** Whose primary group it will be: users may be gone by then, have another one, or be new. The very same list comes back when nothing changes. */
function membersLater(name: string, now: readonly string[], prediction: Prediction): readonly string[] {
  const stay = now.filter((user) => {
    const pending = prediction.accounts.get('user', user)
    return pending === undefined || (pending.exists && (pending.entry?.primary ?? name) === name)
  })
  const come = prediction.accounts
    .peekAll('user')
    .filter((each) => each.exists && each.entry?.primary === name && !stay.includes(each.name))
    .flatMap((each) => prediction.accounts.get('user', each.name)?.name ?? [])
  return stay.length === now.length && come.length === 0 ? now : [...stay, ...come]
}
