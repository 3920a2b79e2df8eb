import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import type { Refused } from '../../kit/plan.ts'
import { blockedWay, readWay } from '../path/untrusted-path.ts'
import type { Way } from '../path/way.ts'
import { walk } from '../path/walk.ts'
import { enter, lay, stageHere } from './untrusted-directory.ts'

/**
 * Comes before a probe that looks at a file by name: where another account can change its directory, a line `way ...` says how it is reached (see `Way`), and
 * the probe goes on only where no link of theirs leads elsewhere.
 */
export function askWay(path: string, owner = ''): Sh {
  const dir = posix.dirname(path)
  return lines(
    walk,
    sh`w=$(
path_me=$(id -u)
path_hold ${dir} ${owner}; e=$?
if [ "$e" = 0 ] && [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then exit; fi
s= id=- p=
if [ "$e" = 0 ]; then path_look ${posix.basename(path)}; e=$?; case $s in a*) e=3;; esac
elif [ ! -d ${dir} ]; then exit; fi
case $e in 0) e=ok;; 3) e=link;; 4) e=proc;; 5) e=moving;; *) e=lost;; esac
if [ "$e" = ok ]; then case $(mv --help 2>&1) in *-T*) ;; *) e=mv;; esac; fi
echo "way $e \${lord:-0:root} $id"
)
[ -z "$w" ] || echo "$w"
case $w in ''|'way ok '*) ;; *) exit 0;; esac`,
  )
}

export function wayOf(said: readonly string[]): Way | undefined {
  const line = said.find((each) => each.startsWith('way '))
  return line === undefined ? undefined : readWay(line.slice('way '.length))
}

export function refusedWay(path: string, way: Way | undefined): Refused | undefined {
  return way === undefined ? undefined : blockedWay(path, way)
}

/**
 * A file that a program of the host makes as `$t`, in a private directory beside its place, and that then gets its name at once. Where another account can change
 * the directory, nothing is done there by a name that the account could change. `further` is what `$t.SUFFIX` gives its name to, afterwards.
 */
export function madeByTool(path: string, owner: string | undefined, make: Sh, further: readonly string[] = []): Sh {
  return lines(
    enter(path, owner),
    raw('firm=; [ "$state" != 1 ] || [ "$PWD" != "$base" ] || firm=1'),
    stageHere(path),
    raw('t=./$new'),
    sh`{ ${make}; } || { rm -f -- "$t" ${raw(further.map((suffix) => `"$t.${suffix}"`).join(' '))}; exit 1; }`,
    ...further.map((suffix) => sh`mv -f -- "$t.${raw(suffix)}" "$new.old" || exit 1`),
    named(path),
    ...further.map((suffix) => lines(sh`mv -f -- "$new.old" "$t" || exit 1`, named(`${path}.${suffix}`))),
  )
}

/** An mv without -T (busybox before 1.33) does where nobody else can lay a link. */
function named(path: string): Sh {
  return sh`case $firm$(mv --help 2>&1) in 1*-T*|[!1]*) ${lay(path)};; *) mv -f -- "$t" ${`../${posix.basename(path)}`} || exit 1;; esac`
}
