import { ACCOUNT_FILES } from './account-prediction.ts'
import { unlockEffects } from './account-locks.ts'
import type { Effect, UserEntry } from '../prediction/effect.ts'
import { homeEffects } from './user-home.ts'
import { makesHome } from './user-plan.ts'
import { digest, type UserHave, type UserWant } from './user-steps.ts'

/** What will be true of accounts, homes and their files once the steps are made. */
export function userEffects(want: UserWant, have: UserHave): readonly Effect[] {
  return want.state === 'absent' ? gone(want, have) : there(want, have)
}

function gone({ name, removeHome }: UserWant, { fields, leaving, locks }: UserHave): readonly Effect[] {
  if (fields === undefined) return []
  const home = fields[5]
  const paths = removeHome === true ? [...(leaving?.homeOwner === undefined ? [] : [home]), leaving?.mail?.path] : []
  return [
    { type: 'user', name, exists: false },
    ...unlockEffects(locks),
    ...(leaving?.groupGoes === true ? [{ type: 'group', name, exists: false } as const] : []),
    ...paths.flatMap((path) => (path === undefined || path === '' ? [] : [absent(path)])),
    ...ACCOUNT_FILES,
  ]
}

function absent(path: string): Effect {
  return { type: 'path', path, state: { type: 'absent' } }
}

function there(want: UserWant, have: UserHave): readonly Effect[] {
  const { name } = want
  const { fields, newHome } = have
  const isNew = fields === undefined
  const makesGroup = isNew && want.group === undefined && !have.ownGroup && newHome?.ownGroup !== false
  const entry = entryOf(want, have, makesGroup || have.ownGroup)
  const home = makesHome(want, have) ? newHome : undefined
  const mail = isNew ? newHome?.mail : undefined
  return [
    { type: 'user', name, exists: true, entry },
    ...unlockEffects(have.locks),
    ...(makesGroup ? [{ type: 'group', name, exists: true } as const] : []),
    ...(makesHome(want, have) && newHome === undefined ? homeOf(want, have) : []),
    ...(home === undefined ? [] : homeEffects(isNew ? home : { ...home, mode: '0700' }, name, entry.primary)),
    ...(mail === undefined
      ? []
      : [
          {
            type: 'path',
            path: mail,
            state: { type: 'file', content: new Uint8Array(), mode: '0660', owner: name, group: 'mail', confirm: true },
          } as const,
        ]),
    ...ACCOUNT_FILES,
  ]
}

/** The home of a user who is there, which goes before: what is copied into the new one was not asked. */
function homeOf({ name, home }: UserWant, { fields }: UserHave): readonly Effect[] {
  const path = home ?? fields?.[5] ?? ''
  return path === '' ? [] : [{ type: 'path', path, state: { type: 'dir', filled: true, owner: name } }]
}

function entryOf(want: UserWant, have: UserHave, ownGroup: boolean): UserEntry {
  const { fields = [], groups, primary, newHome } = have
  const isNew = fields.length === 0
  const first = want.group ?? (isNew ? (ownGroup ? want.name : undefined) : primary)
  const stay = groups.filter(
    (each) => want.onlyTheseGroups !== true || each === primary || each === want.group || want.groups.includes(each),
  )
  return {
    id: want.uid?.toString() ?? (isNew ? undefined : fields[2]),
    primary: first,
    groups: first === undefined ? undefined : [...new Set([first, ...stay, ...want.groups])],
    home: want.home ?? (isNew ? newHome?.path : fields[5]),
    shell: want.shell ?? (isNew ? newHome?.shell : fields[6]),
    comment: want.comment ?? (isNew ? '' : fields[4]),
    ...(isNew && have.tools ? { aging: agingOf(want) } : {}),
    passwordDigest: want.password === undefined ? (isNew ? '' : undefined) : digest(want.password),
  }
}

/** useradd gives an account of the system no limits, and one without a password a locked one. Source: useradd(8), shadow(5). */
function agingOf({ system, password }: UserWant): UserEntry['aging'] {
  const isLocked = password === undefined || password.reveal().startsWith('!')
  return { limits: system === true ? 'none' : 'of the host', isLocked }
}
