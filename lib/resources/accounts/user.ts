import { Secret } from '../../secret.ts'
import { accountName, accountOption, fieldOption, idOption, isField } from './account.ts'
import { withDeadline } from '../kit/options/deadline.ts'
import { kind, type Resource } from '../kit/kind.ts'
import { flag, isAbsolute, lengthHint, list, oneOf, seconds, text, value } from '../kit/options/option-types.ts'
import { resourceOptions } from '../kit/options/options.ts'
import { userEffects } from './user-effects.ts'
import { predictUser } from './user-prediction.ts'
import { probeUser, readUser } from './user-probe.ts'
import { planUser } from './user-plan.ts'
import type { UserHave, UserOptions, UserWant } from './user-steps.ts'

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
 *   compared by digest. Without it a new user has no password to log in with. With `updatePassword: false` only a new user gets it: who is there keeps the
 *   one that they have chosen since.
 * - `state`: `present` (default) or `absent`; `removeHome`: with home and mail. When a uid changes, only files in the home follow.
 * - `deadline`: seconds that each step may take, such as one that gives a large home to another number; default 600.
 *
 * Refused: groups that do not exist and that nothing pending can bring; a uid that another user has; changing a user that comes
 * from elsewhere than /etc/passwd, such as LDAP, or who is in a group that comes from elsewhere than /etc/group; on busybox, changing anything but groups and password; removing a user, or changing
 * its uid or home, while a process runs as it; a home that cannot be made, or that is to go and is shared, mounted or another's.
 * A stale lock of the account files, upon which the tools would give up, is removed first.
 *
 * @example
 * user('deploy', { groups: ['docker'], shell: '/bin/bash' })
 * user('registry', { system: true, home: '/var/lib/registry', shell: '/usr/sbin/nologin' })
 *
 * Source: useradd(8), usermod(8), userdel(8), chpasswd(8), id(1), getent(1), passwd(5), shadow(5); busybox's adduser, addgroup, deluser.
 */
export function user(name: string, options: UserOptions = {}): Resource {
  const { options: given } = read(name, options)
  const { groups = [], state = 'present' } = given
  return make(name, { ...given, name, groups: [...new Set(groups)], state })
}

const read = resourceOptions<UserOptions>()(
  'user',
  (name) => accountName('user name', name),
  () => ({
    uid: idOption().optional(),
    group: accountOption().optional(),
    groups: list('a list of groups', accountOption()).optional(),
    onlyTheseGroups: flag().optional(),
    home: accountPath().optional(),
    createHome: flag().optional(),
    shell: accountPath().optional(),
    comment: fieldOption().optional(),
    system: flag().optional(),
    // A plain password by mistake would be readable in /etc/shadow, and let nobody in.
    password: value<Secret>('a Secret with a hash as crypt(5) writes it, such as $6$...', isHash, {
      got: (given) => (given instanceof Secret ? 'a Secret that holds something else' : 'something else'),
      hint: (given) =>
        typeof given === 'string'
          ? 'mark the hash as secret: secret(...)'
          : 'openssl passwd -6 makes a hash of a password',
      takesSecrets: true,
    }).optional(),
    updatePassword: flag().optional(),
    state: oneOf(['present', 'absent']).optional(),
    removeHome: flag().optional(),
    deadline: seconds().optional(),
  }),
)

const accountPath = () =>
  text('an absolute path without "..", ":" and control characters', (given) => isAbsolute(given) && isField(given), {
    hint: lengthHint,
  })

function isHash(given: unknown): boolean {
  return given instanceof Secret && /^([$_][^:\s]+|[!*][^:\s]*)$/.test(given.reveal())
}

const make = kind<UserWant, UserHave>({
  name: 'user',
  probe: probeUser,
  read: readUser,
  plan: (want, have) => withDeadline(planUser(want, have), want.deadline),
  effects: userEffects,
  predict: predictUser,
})
