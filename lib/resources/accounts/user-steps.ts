import { createHash } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import { posix } from 'node:path'
import { lines, sh, type Sh } from '../../sh/quote.ts'
import type { StaleLock } from './account-locks.ts'
import type { Entry } from './account.ts'
import { candidatePrefix } from '../files/path/candidate-names.ts'
import { onSignals } from '../files/writing/temp-file.ts'
import type { Step } from '../kit/kind.ts'
import { enter } from '../files/writing/untrusted-directory.ts'
import type { NewHome } from './user-home.ts'
import type { Leaving, Process } from './user-leaving.ts'

export interface UserOptions {
  readonly uid?: number
  readonly group?: string
  readonly groups?: readonly string[]
  readonly onlyTheseGroups?: boolean
  readonly home?: string
  readonly createHome?: boolean
  readonly shell?: string
  readonly comment?: string
  readonly system?: boolean
  readonly password?: Secret
  readonly updatePassword?: boolean
  readonly state?: 'present' | 'absent'
  readonly removeHome?: boolean
  readonly deadline?: number
}

export interface UserWant extends UserOptions {
  readonly name: string
  readonly groups: readonly string[]
  readonly state: 'present' | 'absent'
}

export interface UserHave extends Entry {
  readonly primary: string
  readonly groups: readonly string[]
  readonly homeIsThere: boolean
  /** SHA-256 of the password field, so that no hash travels. */
  readonly passwordDigest: string
  /** A group of the user's own name is there, or will be. */
  readonly ownGroup: boolean
  /** Wanted groups that are not there. */
  readonly lacks: readonly string[]
  /** Groups, wanted or the user's, that do not come from /etc/group. */
  readonly elsewhere: readonly string[]
  readonly locks: readonly StaleLock[]
  /** What a home that is to be made will have in it; undefined where none is made. */
  readonly newHome?: NewHome | undefined
  /** What runs as this user, where it is to go, or to have another number or home. */
  readonly processes: readonly Process[]
  /** What else holds it back, where it is to go. */
  readonly leaving?: Leaving | undefined
}

/** Fields of an existing user that are not as wanted, with the flags of usermod(8) that mend them. */
export function differences(
  want: UserWant,
  { fields = [], primary }: UserHave,
): { readonly say: string; readonly flags: readonly string[] }[] {
  const compare = (say: string, flag: string, wanted: string | undefined, now: string | undefined) =>
    wanted === undefined || wanted === now ? [] : [{ say: `${say} ${wanted}`, flags: [flag, wanted] }]
  return [
    ...compare('uid', '-u', want.uid?.toString(), fields[2]),
    ...compare('group', '-g', want.group, primary),
    ...compare('comment', '-c', want.comment, fields[4]),
    ...compare('home', '-d', want.home, fields[5]),
    ...compare('shell', '-s', want.shell, fields[6]),
  ]
}

export function create(want: UserWant, have: UserHave): Step {
  const { name, uid, groups, home, shell, comment, system, createHome = system !== true } = want
  // useradd refuses to make a group of the user's own name when there is one already.
  const group = want.group ?? (have.ownGroup ? name : undefined)
  const flag = (mark: string, value: string | number | undefined) => (value === undefined ? [] : [mark, String(value)])
  const shared = [...flag('-u', uid), ...flag('-s', shell)]
  const shadow = [
    ...shared,
    ...flag('-g', group),
    ...flag('-c', comment),
    ...flag('-d', home),
    ...(groups.length > 0 ? ['-G', groups.join(',')] : []),
  ]
  const busybox = [...shared, ...flag('-G', group), ...flag('-g', comment), ...flag('-h', home)]
  return {
    summary: `create user ${name}${uid === undefined ? '' : ` (uid ${uid})`}${have.tools && groups.length > 0 ? ` in ${groups.join(', ')}` : ''}`,
    sh: have.tools
      ? sh`useradd ${[...(system === true ? ['-r'] : []), createHome ? '-m' : '-M', ...shadow, name]}`
      : sh`adduser ${['-D', ...(system === true ? ['-S'] : []), ...(createHome ? [] : ['-H']), ...busybox, name]}`,
  }
}

export function join(name: string, groups: readonly string[], have: UserHave): Sh {
  return have.tools
    ? sh`usermod -a -G ${groups.join(',')} ${name}`
    : lines(...groups.map((each) => sh`addgroup ${name} ${each} || exit 1`))
}

export function leave(name: string, group: string, have: UserHave): Sh {
  return have.tools ? sh`gpasswd -d ${name} ${group} || exit 1` : sh`delgroup ${name} ${group} || exit 1`
}

/** The home is finished where nobody else can enter, and then put in place: its user may have running processes. */
export function makeHome(name: string, home: string): Sh {
  const dir = posix.dirname(home)
  return sh`umask 077
(umask 022; mkdir -p -- ${dir}) && t=$(mktemp -d ${`${candidatePrefix(home)}XXXXXX`}) || exit 1
trap 'rm -rf -- "$t"' EXIT
${onSignals}
mkdir -m 0700 -- "$t/home" && { [ ! -d /etc/skel ] || cp -R /etc/skel/. "$t/home"; } && chmod 0700 "$t/home" &&
chown -hR -- ${name}:"$(id -gn -- ${name})" "$t/home" && mv -- "$t/home" ${home} || exit 1`
}

/** As `userdel -r`, which older ones do by names that others may rename meanwhile. */
export function removeHome(home: string, mail: string | undefined): Sh {
  return lines(
    ...(home === ''
      ? []
      : [
          sh`if [ -e ${home} ] || [ -L ${home} ]; then`,
          enter(home),
          sh`path_prune ${posix.basename(home)} || exit 1
fi`,
        ]),
    ...(mail === undefined ? [] : [sh`rm -f -- ${mail}`]),
  )
}

export function digest(password: Secret): string {
  return createHash('sha256').update(password.reveal()).digest('hex')
}
