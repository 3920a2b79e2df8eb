import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Refused, Reply, Unknown } from './plan.ts'

/**
 * A place that a program of the host takes for its own: the program runs what stands there, or works there by name. Whoever else can write there decides what
 * the program does, so such a place has to belong to root or to the account that the program runs as, and so has each directory on the way.
 */
export interface TrustedPlace {
  readonly path: string
  /** The account that the program runs as. Default: the one that scripts run as. */
  readonly user?: string | undefined
  /** Everything in the directory counts as well, and not the directory alone. */
  readonly whole?: boolean
  /** Names in the directory that count as well, with everything in them. */
  readonly inside?: readonly string[]
  /** A group whose members may do as root does anyhow, by the program: `docker`. */
  readonly peers?: string
  /** What others could do there, after `who`: `could have pip run programs as root`. */
  readonly danger: string
}

/**
 * `trusted_place PATH ACCOUNT GROUP WHOLE [NAME...]` prints nothing where nobody but root, the user that scripts run as, ACCOUNT and the members of GROUP can change PATH or a
 * directory on the way to PATH. Else it prints `foreign WHY OWNER:GROUP PLACE` and ends with 1: PLACE belongs to another account (`owner`), others may
 * write there (`write`), or others may put something there that is not there yet (`new`).
 *
 * Links that one of these laid are followed. Who may write on a device (group `disk`) puts nothing else in the place of the device. A group may write where the group has the name of the owner, as the group of a user alone has. In a directory with the
 * sticky bit counts what one of these has put there.
 *
 * Source: path_resolution(7), inode(7), find(1) and stat(1) of coreutils and busybox.
 */
const functions: Sh = raw(`trusted_place() {
local way user all me id left at n seen ours line m u own group open to sole bad IFS
way=$1 user=$2 all=$4 n=0 me=$(id -u) id= sole= ours=
[ -z "$3" ] || for at in $(sed -n "s/^$3:.*://p" /etc/group | tr , ' '); do ours="$ours $(id -u -- "$at" 2>/dev/null)"; done
shift 4
[ -z "$user" ] || id=$(id -u -- "$user" 2>/dev/null)
ours=" 0 $me $id $ours "
trusted_inside=
for at do trusted_inside="$trusted_inside
$at"; done
while :; do
left=\${way#/} at=
set -- /
while [ -n "$left" ]; do
at=$at/\${left%%/*}
case $left in */*) left=\${left#*/};; *) left=;; esac
set -- "$@" "$at"
done
open= to=
seen=$(stat -c '%f:%u:%U:%G' -- "$@" 2>/dev/null)
IFS='
'
for line in $seen; do
at=$1; shift
m=\${line%%:*} u=\${line#*:}; own=\${u#*:} u=\${u%%:*}; group=\${own##*:} own=\${own%:*}
[ "$own" != UNKNOWN ] || own=$u
case $ours in *" $u "*) ;; *) echo "foreign owner $own:$group $at"; return 1;; esac
open=
case $m in
a*) to=$(readlink -- "$at"); break;;
esac
case $m in
[26]???) bad=;;
*[2367abef]) bad=1;;
*[13579bdf]?) bad=1; [ "$own" != "$group" ] || bad=;;
*) bad=;;
esac
[ -z "$bad" ] || case $m in
4[2367abef]??) open=$at;;
*) echo "foreign write $own:$group $at"; return 1;;
esac
done
unset IFS
[ -n "$to" ] || break
n=$((n+1)); [ "$n" -le 20 ] || return 0
case $to in /*) ;; *) to=\${at%/*}/$to;; esac
for left do to=$to/\${left##*/}; done
way= left=\${to#/}
while [ -n "$left" ]; do
at=\${left%%/*}
case $left in */*) left=\${left#*/};; *) left=;; esac
case $at in ''|.) ;; ..) way=\${way%/*};; *) way=$way/$at;; esac
done
way=\${way:-/}
done
[ -z "$open" ] || { echo "foreign new $own:$group $open"; return 1; }
[ -d "$way" ] || return 0
[ -z "$id" ] || [ "$(id -gn -- "$user" 2>/dev/null)" != "$user" ] || sole=$(id -g -- "$user")
IFS='
'
set -f
if [ -n "$all" ]; then set -- "$way"; else set --; for at in $trusted_inside; do [ ! -e "$way/$at" ] || set -- "$@" "$way/$at"; done; fi
set +f
unset IFS
[ $# != 0 ] || return 0
open=
for at in $ours; do open="$open ! -user $at"; done
at=$(find -H "$@" \\( $open -o ! -type l \\( -perm -002 -o -perm -020 ! -group 0 ! -group "\${sole:-0}" \\) \\) 2>/dev/null | head -n 1)
[ -n "$at" ] || return 0
u=$(stat -c '%u:%U:%G' -- "$at" 2>/dev/null)
own=\${u#*:} u=\${u%%:*}
case $own in UNKNOWN:*) own=$u:;; esac
case $ours in *" $u "*) n=write;; *) n=owner;; esac
echo "foreign $n $own $at"
return 1
}`)

function asked({ path, user, peers, whole = false, inside = [] }: TrustedPlace): Sh {
  return sh`trusted_place ${posix.normalize(path).replace(/(?<=.)\/$/, '')} ${user ?? ''} ${peers ?? ''} ${whole ? '1' : ''} ${inside}`
}

/** Comes before a probe, which is not run where a place is not to be trusted. */
export function withTrustProbe(places: readonly TrustedPlace[], probe: Sh): Sh {
  if (places.length === 0) return probe
  const each = places.map((place, at) => sh`f=$(${asked(place)}) || { echo ${`# ${at}`}" $f"; exit 0; }`)
  return lines(functions, ...each, probe)
}

/** Comes before a step: what the probe saw may have changed, or come since. */
export function whileTrusted(places: readonly TrustedPlace[], step: Sh): Sh {
  if (places.length === 0) return step
  const each = places.map(
    (place) =>
      sh`f=$(${asked(place)}) || { echo "\${f#* * * }" ${`can be changed by others, who ${place.danger}`} >&2; exit 1; }`,
  )
  return lines(functions, ...each, step)
}

interface Foreign {
  readonly place: TrustedPlace
  readonly why: 'owner' | 'write' | 'new'
  readonly owner: string
  readonly group: string
  readonly path: string
}

/** What `askTrust` printed; undefined where everything is to be trusted. */
export function readTrust(places: readonly TrustedPlace[], reply: Reply): Foreign | undefined {
  if (places.length === 0) return undefined
  const [, at, why, owner = '', group = '', path = ''] =
    /^# (\d+) foreign (owner|write|new) ([^:]*):(\S*) (.+)$/.exec(reply.lines[0] ?? '') ?? []
  const place = places[Number(at)]
  if (place === undefined || (why !== 'owner' && why !== 'write' && why !== 'new')) return undefined
  return { place, why, owner, group, path }
}

/** What stands against it, now or once pending changes are made. */
export function trustProblem(
  places: readonly TrustedPlace[],
  foreign: Foreign | undefined,
  prediction: Prediction,
): Refused | Unknown | undefined {
  if (foreign !== undefined) {
    const { place, why, owner, group, path } = foreign
    const pending = prediction.empty ? undefined : prediction.paths.get(path)
    if (pending !== undefined)
      return { unknown: `whether others can change ${path} is known only after ${pending.from}` }
    const hint = 'let root alone write there, or choose another place'
    if (why === 'owner') return refusal(path, `belongs to ${owner}`, place, hintFor(place, owner))
    const whose = why === 'write' && group !== 'root' && group !== owner ? `others, such as group ${group},` : 'others'
    return refusal(path, `may be written in by ${whose}`, place, hint)
  }
  if (prediction.empty) return undefined
  for (const place of places) {
    const doubt = prediction.paths.doubtAbove(place.path)
    if (doubt !== undefined)
      return { unknown: `whether others can change ${place.path} is known only after ${doubt.from}` }
    for (let path = posix.normalize(place.path); path !== '/'; path = posix.dirname(path)) {
      const state = prediction.paths.get(path)?.state
      if (state === undefined || state.type === 'absent' || state.type === 'link') continue
      const { owner, mode } = state
      if (owner !== undefined && !['root', '0', place.user ?? 'root'].includes(owner))
        return refusal(path, `is to belong to ${owner}`, place, hintFor(place, owner))
      if (mode !== undefined && isOpen(mode, path === posix.normalize(place.path)))
        return refusal(path, 'is to be open to others', place, 'let root alone write there')
    }
  }
  return undefined
}

/** Whether others may write there. Where the sticky bit keeps them from what root has put there, they can still put something beside that. */
function isOpen(mode: string, isPlace: boolean): boolean {
  const bits = Number.parseInt(mode, 8)
  return (bits & 0o0002) !== 0 && (isPlace || (bits & 0o1000) === 0)
}

function hintFor(place: TrustedPlace, owner: string): string {
  const { user } = place
  if (!('user' in place)) return 'give it to root, or choose a place that root alone can change'
  return `say user: '${owner}', or give it to ${user ?? 'root'}`
}

function refusal(path: string, is: string, { danger }: TrustedPlace, hint: string): Refused {
  return { refused: `${path} ${is}, who ${danger}`, hint }
}

/** The danger where a program runs what it finds in a place. */
export function runsPrograms(program: string, user: string | undefined): Pick<TrustedPlace, 'user' | 'danger'> {
  return { user, danger: `could have ${program} run programs as ${user ?? 'root'}` }
}
