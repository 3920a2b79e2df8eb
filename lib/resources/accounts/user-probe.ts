import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { probeLocks, readLocks } from './account-locks.ts'
import { probeAccount, readEntry } from './account.ts'
import type { Reply } from '../kit/kind.ts'
import { probeNewHome, readNewHome } from './user-home.ts'
import { probeLeaving, probeProcesses, readLeaving, readProcesses } from './user-leaving.ts'
import type { UserHave, UserWant } from './user-steps.ts'
import { allAfter } from '../kit/text.ts'

/** Asks about an account. What a new home brings, or what holds an old account back, is only asked where one is made or removed. */
export function probeUser(want: UserWant): Sh {
  const { name, uid, group, groups, home, password, state, removeHome, createHome } = want
  const wanted = [...new Set([...(group === undefined ? [] : [group]), ...groups])]
  const common = sh`${probeAccount('passwd', name, uid, 'useradd')}
${probeLocks}
[ -z "$e" ] || { echo "primary $(id -gn -- ${name} 2>/dev/null)"; echo "groups $(id -Gn -- ${name} 2>/dev/null)"; }
h=\${e%:*}; h=${home === undefined ? raw('${h##*:}') : home}; [ -d "$h" ] && echo home
look group ${name} >/dev/null && echo own-group`
  if (state === 'absent') return lines(common, sh`[ -z "$e" ] || { ${probeLeaving(name, removeHome === true)}; }`)
  const isMade = createHome === true ? raw(`[ -z "$e" ] || [ ! -d "$h" ]`) : raw('[ -z "$e" ]')
  return lines(
    common,
    sh`for g in ${wanted}; do look group "$g" >/dev/null || echo "lacks $g"; done`,
    ...(groups.length === 0 && want.onlyTheseGroups !== true ? [] : [groupsOfElsewhere(groups)]),
    ...(password === undefined
      ? []
      : [
          sh`echo "digest $(sed -n ${`s/^${name.replaceAll(/[.$]/g, '\\$&')}:\\([^:]*\\).*/\\1/p`} /etc/shadow | tr -d '\\n' | sha256sum)"`,
        ]),
    ...(uid === undefined && home === undefined ? [] : [whoIsAtWork(uid, home)]),
    sh`! { ${isMade}; } || { ${probeNewHome(name, home)}; }`,
  )
}

/** Groups that are in no file of the host: it has them from LDAP or a similar source, and its tools cannot change their members. */
function groupsOfElsewhere(wanted: readonly string[]): Sh {
  return sh`for g in ${wanted} $([ -z "$e" ] || id -Gn -- "\${e%%:*}" 2>/dev/null); do echo "$g"; done |
awk -F: 'FNR == NR { here[$1]; next } !($1 in here) { print "elsewhere " $1 }' /etc/group -`
}

/** The processes of the user: usermod changes neither the number nor the home of a user that has any. */
function whoIsAtWork(uid: number | undefined, home: string | undefined): Sh {
  const differs = [
    ...(uid === undefined ? [] : [sh`[ "$3" != ${uid} ]`.text]),
    ...(home === undefined ? [] : [sh`[ "$6" != ${home} ]`.text]),
  ]
  return sh`[ -z "$e" ] || { set -f; IFS=:; set -- $e; unset IFS; set +f; u=$3
if ${raw(differs.join(' || '))}; then ${probeProcesses}; fi; }`
}

export function readUser(want: UserWant, reply: Reply): UserHave {
  const { name, system = false } = want
  const end = reply.lines.indexOf('# contents')
  const said = end < 0 ? reply.lines : reply.lines.slice(0, end)
  const all = (word: string) => allAfter(said, word)
  const entry = readEntry(said)
  const lacks = all('lacks')
  return {
    ...entry,
    primary: all('primary')[0] ?? '',
    groups: (all('groups')[0] ?? '').split(' ').filter((group) => group !== ''),
    homeIsThere: said.includes('home'),
    passwordDigest: (all('digest')[0] ?? '').replace(/ .*/, ''),
    ownGroup: said.includes('own-group'),
    lacks,
    elsewhere: all('elsewhere').filter((group) => !lacks.includes(group)),
    locks: readLocks(said),
    newHome: readNewHome(reply.bytes, { name, system }, entry.tools),
    leaving: readLeaving(said),
    processes: readProcesses(said),
  }
}
