import { raw, sh, type Sh } from '../../sh/quote.ts'
import { allAfter } from '../kit/text.ts'

/** A process of the host, with the systemd unit that it belongs to. */
export interface Process {
  readonly id: string
  readonly name: string
  readonly unit: string
}

/** What holds an account, or its home, back. */
export interface Leaving {
  /** Its group goes with it: the group of its own name is its primary one, and nobody else is in that. */
  readonly groupGoes: boolean
  /** Users whose primary group is this one's too. */
  readonly groupShared: readonly string[]
  /** Who the home belongs to, as a number; undefined when there is none. */
  readonly homeOwner?: string | undefined
  /** The home is a symbolic link. */
  readonly homeIsLink: boolean
  /** Other users whose home is the same, or below it. */
  readonly homeShared: readonly string[]
  /** What is mounted there, or below. */
  readonly mounted?: string | undefined
  readonly readOnly?: string | undefined
  readonly mail?: { readonly path: string; readonly owner: string } | undefined
}

/**
 * What userdel would stop at, some of it only after the account is gone: `$e` is the account's line, `$h` its home.
 *
 * A process counts when it runs as this user under the same root directory; one of a container does not.
 *
 * Source: userdel(8); shadow 4.13, src/userdel.c (`update_groups`, `is_owner`, `remove_tree`), lib/user_busy.c; proc(5).
 */
export function probeLeaving(name: string, withHome: boolean): Sh {
  return sh`set -f; IFS=:; set -- $e; unset IFS; set +f; u=$3 g=$4 h=$6
${probeProcesses}
grep -qiE '^[[:space:]]*USERGROUPS_ENAB[[:space:]]+yes' /etc/login.defs 2>/dev/null || [ ! -e /etc/login.defs ] && echo usergroups
echo "own $(look group ${name})"; echo "gid $g"
awk -F: -v n=${name} -v g="$g" '$1 != n && $4 == g { print "shares-group " $1 }' /etc/passwd
${withHome ? homeOf(name) : raw(':')}`
}

/**
 * Says what runs as the user with the number `$u`, and the systemd unit of each process.
 *
 * Source: cgroups(7), /proc/PID/cgroup: `0::PATH` of version 2, and of version 1 `N:name=systemd:PATH`, whose number is any; where both are there,
 * the second one is systemd's.
 */
export const probeProcesses: Sh =
  raw(`cat /proc/[0-9]*/status 2>/dev/null | awk -v u="$u" '$1 == "Name:" { n = $2 } $1 == "Pid:" { p = $2 } $1 == "Uid:" && ($2 == u || $3 == u || $4 == u) { print p, n }' |
while read -r p n; do [ "/proc/$p/root/." -ef /. ] && [ "$(readlink "/proc/$p/ns/user")" = "$(readlink /proc/self/ns/user)" ] &&
echo "process $p $(awk '{ w = $0; sub(/.*\\//, "", w) } /^0::/ { unified = w } /^[0-9]+:name=systemd:/ { own = w } END { print own == "" ? unified : own }' "/proc/$p/cgroup" 2>/dev/null)/$n"; done`)

/** The mail spool is removed with the home. */
function homeOf(name: string): Sh {
  return sh`d=$(sed -nE 's/^[[:space:]]*MAIL_DIR[[:space:]]+([^[:space:]#]+).*/\\1/p' /etc/login.defs 2>/dev/null | tail -n 1)
d=\${d:-/var/mail}/${name}; [ ! -e "$d" ] || echo "mail $(stat -c %u -- "$d") $d"
if [ -n "$h" ] && { [ -e "$h" ] || [ -L "$h" ]; }; then
echo "home-owner $(stat -L -c %u -- "$h" 2>/dev/null)"; [ ! -L "$h" ] || echo home-link
awk -F: -v n=${name} -v h="\${h%/}" '$1 != n && ($6 == h || $6 == h "/" || index($6, h "/") == 1) { print "shares-home " $1 }' /etc/passwd
m= o=; while read -r _ d _ k _; do
case "$d/" in "\${h%/}"/*) echo "mounted $d";; esac
case "\${h%/}/" in "\${d%/}/"*) [ "\${#d}" -lt "\${#m}" ] || { m=$d o=$k; };; esac; done </proc/self/mounts
case ,$o, in *,ro,*) echo "home-read-only $m";; esac
fi`
}

export function readProcesses(said: readonly string[]): readonly Process[] {
  return allAfter(said, 'process').flatMap((rest) => {
    const [, id = '', unit = '', name = ''] = /^(\d+) ([^/]*)\/(.*)$/s.exec(rest) ?? []
    return id === '' ? [] : [{ id, unit, name }]
  })
}

export function readLeaving(said: readonly string[]): Leaving | undefined {
  const all = (word: string) => allAfter(said, word)
  const [gid] = all('gid')
  if (gid === undefined) return undefined
  const [own = ''] = all('own')
  const [group = '', , number, members = ''] = own.split(':')
  const shared = all('shares-group')
  const isOwn = group !== '' && number === gid && said.includes('usergroups')
  return {
    groupGoes: isOwn && shared.length === 0 && members.split(',').every((member) => member === '' || member === group),
    groupShared: isOwn ? shared : [],
    homeOwner: all('home-owner')[0],
    homeIsLink: said.includes('home-link'),
    homeShared: all('shares-home'),
    mounted: all('mounted')[0],
    readOnly: all('home-read-only')[0],
    mail: all('mail').map((line) => ({ owner: line.replace(/ .*/, ''), path: line.replace(/^\S* /, '') }))[0],
  }
}
