import { lines, raw, sh } from '../sh/quote.ts'
import { accountField, accountId, accountName, probeAccount, readEntry } from './account.ts'
import type { Effect, Foreseen } from './foreseen.ts'
import { kind, type Plan, type Refused, type Resource, type Step, type Unknown } from './kind.ts'
import { absolute, wrong } from './path.ts'
import {
  create,
  differences,
  digest,
  join,
  leave,
  makeHome,
  type UserHave,
  type UserOptions,
  type UserWant,
} from './user-steps.ts'

export type { UserOptions, UserWant } from './user-steps.ts'

/**
 * A user that exists, or does not. What is left out is not managed, and has the host's default when the user is made.
 *
 * - `uid`; `group`: the primary group's name (default: one of the user's own name); `groups`: groups that the user is in besides.
 *   Others are left alone, unless `onlyTheseGroups`.
 * - `home`, `shell`: absolute paths; an existing home is not moved. `comment`: the GECOS field.
 * - `createHome`: whether a new user gets a home (default: unless `system`). Only when it is given as true, a home that was removed is made again.
 * - `system`: a number from the system's range, no home. Only matters when the user is made.
 * - `password`: a hash as crypt(5) writes it (`openssl passwd -6`), as a Secret. It travels on standard input and is
 *   compared by digest. Without it a new user has no password to log in with.
 * - `state`: `present` (default) or `absent`; `removeHome`: with home and mail. When a uid changes, only files in the home follow.
 *
 * Refused: groups that do not exist and that nothing pending can bring; a uid that another user has; changing a user that comes
 * from elsewhere than /etc/passwd, such as LDAP; on busybox, changing anything but groups and password.
 *
 * @example
 * user('deploy', { groups: ['docker'], shell: '/bin/bash' })
 * user('registry', { system: true, home: '/var/lib/registry', shell: '/usr/sbin/nologin' })
 *
 * Source: useradd(8), usermod(8), userdel(8), chpasswd(8), id(1), getent(1), passwd(5), shadow(5); busybox's adduser, addgroup, deluser.
 */
export function user(name: string, options: UserOptions = {}): Resource<UserWant> {
  const of = `of user ${name}`
  const { uid, group, groups = [], home, shell, comment, password, state = 'present' } = options
  accountId(`uid ${of}`, uid)
  accountField(`comment ${of}`, comment)
  for (const each of [...groups, ...(group === undefined ? [] : [group])]) accountName(`group ${of}`, each)
  for (const [what, path] of Object.entries({ home, shell })) {
    if (path !== undefined) accountField(`${what} ${of}`, absolute(`${what} ${of}:`, path))
  }
  const hash = password?.reveal()
  // A plain password by mistake would stand readable in /etc/shadow, and let nobody in.
  if (hash !== undefined && !/^([$_][^:\s]+|[!*][^:\s]*)$/.test(hash))
    throw wrong(`password ${of}`, 'a hash as crypt(5) writes it, such as $6$...', 'something else')
  return make(accountName('user name', name), { ...options, name, groups: [...new Set(groups)], state })
}

const make = kind<UserWant, UserHave>({
  name: 'user',
  probe: ({ name, uid, group, groups, home, password }) =>
    lines(
      probeAccount('passwd', name, uid, 'useradd'),
      sh`[ -z "$e" ] || { echo "primary $(id -gn -- ${name} 2>/dev/null)"; echo "groups $(id -Gn -- ${name} 2>/dev/null)"; }
h=\${e%:*}; h=${home === undefined ? raw('${h##*:}') : home}; [ -d "$h" ] && echo home
look group ${name} >/dev/null && echo own-group
for g in ${[...new Set([...(group === undefined ? [] : [group]), ...groups])]}; do look group "$g" >/dev/null || echo "lacks $g"; done`,
      ...(password === undefined
        ? []
        : [
            sh`echo "digest $(sed -n ${`s/^${name.replaceAll(/[.$]/g, '\\$&')}:\\([^:]*\\).*/\\1/p`} /etc/shadow | tr -d '\\n' | sha256sum)"`,
          ]),
    ),
  read(_, { lines: said }): UserHave {
    const all = (word: string) =>
      said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
    return {
      ...readEntry(said),
      primary: all('primary')[0] ?? '',
      groups: (all('groups')[0] ?? '').split(' '),
      homeIsThere: said.includes('home'),
      passwordDigest: (all('digest')[0] ?? '').replace(/ .*/, ''),
      ownGroup: said.includes('own-group'),
      lacks: all('lacks'),
    }
  },
  plan: planned,
  effects({ name, state, home, system, createHome = system !== true }, have): readonly Effect[] {
    const exists = state === 'present'
    if (exists === (have.fields !== undefined)) return []
    const dir = home ?? have.fields?.[5]
    return [
      { about: 'user', name, exists },
      ...(exists !== have.ownGroup ? [{ about: 'group', name, exists } as const] : []),
      ...(exists && createHome && dir !== undefined
        ? [{ about: 'path', path: dir, state: { is: 'dir', owner: name } } as const]
        : []),
    ]
  },
  foresee: foreseen,
})

function planned(want: UserWant, have: UserHave): Plan | Refused {
  const { name, state, uid, groups, password, removeHome } = want
  const exists = have.fields !== undefined
  if (state === 'absent') {
    if (!exists) return { steps: [] }
    if (!have.local) return { refused: `user ${name} does not come from /etc/passwd, so it cannot be removed here` }
    const remove = have.tools
      ? sh`userdel ${raw(removeHome === true ? '-r' : '')}`
      : sh`deluser ${raw(removeHome === true ? '--remove-home' : '')}`
    return {
      steps: [{ say: `remove user ${name}${removeHome === true ? ' and its home' : ''}`, sh: sh`${remove} ${name}` }],
    }
  }
  const [lacking] = have.lacks
  if (lacking !== undefined)
    return {
      refused: `user ${name} is to be in group ${lacking}, which the host does not know`,
      hint: `put group('${lacking}') before it`,
    }
  if (have.taken !== undefined && have.taken !== name)
    return { refused: `uid ${uid ?? ''} belongs to user ${have.taken}` }

  const missing = groups.filter((each) => !have.groups.includes(each))
  const extra =
    want.onlyTheseGroups === true
      ? have.groups.filter((each) => each !== have.primary && each !== want.group && !groups.includes(each))
      : []
  const changes = exists ? differences(want, have) : []
  const steps: Step[] = exists ? [] : [create(want, have)]
  if (changes.length > 0) {
    const words = changes.map(({ say }) => say).join(', ')
    if (!have.tools) return { refused: `user ${name} is to have ${words}, and this host has no usermod to change it` }
    steps.push({
      say: `change user ${name}: ${words}`,
      sh: sh`usermod ${changes.flatMap(({ flags }) => flags)} ${name}`,
    })
  }
  if (missing.length > 0 && (exists || !have.tools))
    steps.push({ say: `add ${name} to ${missing.join(', ')}`, sh: join(name, missing, have) })
  if (exists && extra.length > 0)
    steps.push({
      say: `remove ${name} from ${extra.join(', ')}`,
      sh: lines(...extra.map((each) => leave(name, each, have))),
    })
  const home = want.home ?? have.fields?.[5] ?? ''
  if (exists && want.createHome === true && !have.homeIsThere && home !== '')
    steps.push({ say: `create ${home}`, sh: makeHome(name, home) })
  const isNew = password !== undefined && digest(password) !== have.passwordDigest
  if (isNew)
    steps.push({
      say: `set the password of ${name}`,
      sh: sh`chpasswd -e`,
      stdin: Buffer.from(`${name}:${password.reveal()}\n`),
    })
  if (steps.length > 0 && exists && !have.local)
    return { refused: `user ${name} does not come from /etc/passwd, so it cannot be changed here` }
  return { steps, ...(isNew ? { changes: [{ hidden: `the password hash of ${name}` }] } : {}) }
}

function foreseen(want: UserWant, have: UserHave, later: Foreseen): UserHave | Unknown {
  const pending = later.account('user', want.name)
  if (pending !== undefined && pending.exists !== (have.fields !== undefined)) {
    const { uid, group, groups, home, shell, comment, password, state } = want
    const trivial =
      state === 'absent' ||
      (groups.length === 0 && [uid, group, home, shell, comment, password].every((each) => each === undefined))
    if (!pending.exists) return { ...have, fields: undefined, groups: [] }
    return trivial
      ? { ...have, fields: [want.name], local: true }
      : { unknown: `how ${pending.from} makes user ${want.name}` }
  }
  const lacks = have.lacks.filter(
    (each) => later.account('group', each)?.exists !== true && later.opaque() === undefined,
  )
  const ownGroup = later.account('group', want.name)?.exists ?? have.ownGroup
  return lacks.length === have.lacks.length && ownGroup === have.ownGroup ? have : { ...have, lacks, ownGroup }
}
