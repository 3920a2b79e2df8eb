import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { walk } from '../../resources/files/path/walk.ts'

/** Status of `openThere`: there is nothing at the path. */
export const NOTHING_THERE = 44
/** Status of `openThere`: another account can change the directory, and what stands there leads elsewhere or is no file. */
export const LED_ELSEWHERE = 45

/** Why that is not read, in words that go on from the path. */
export const LED_ELSEWHERE_WORDS =
  'is not read: another account can change its directory, and a link of that account leads elsewhere'

/** To read a pipe into which nobody writes would take for ever. */
const NO_PIPE = raw(`[ ! -p "$p" ] || { echo 'it is a pipe' >&2; exit 1; }`)

/**
 * A script that does something with what a path of the host leads to, by the name `"$p"`. Where another account can change the directory, no link is followed, and
 * `"$p"` is the open file itself: what root may read is not given to a role, or to whoever fetches it, as that account's file.
 *
 * @param use what is done with it, by default to print it
 */
export function openThere(path: string, uid: number, use: Sh = raw('cat -- "$p"')): Sh {
  if (!path.startsWith('/')) return sh`p=${path}; [ -e "$p" ] || exit ${NOTHING_THERE}; ${NO_PIPE}; ${use}`
  return lines(
    sh`[ -e ${path} ] || [ -L ${path} ] || exit ${NOTHING_THERE}
path_me=${uid}`,
    walk,
    sh`path_way ${posix.normalize(path)} || exit ${LED_ELSEWHERE}
p=$way d=\${way%/*}
path_hold "\${d:-/}" '' || exit ${LED_ELSEWHERE}
if [ "$state" = 1 ] && [ "$PWD" = "$base" ]; then
[ -e "$p" ] || exit ${NOTHING_THERE}
${NO_PIPE}
else
path_look "\${p##*/}"
case $s in 8*) ;; '') exit ${NOTHING_THERE};; *) exit ${LED_ELSEWHERE};; esac
fi
${use}`,
  )
}
