import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { walk } from '../../resources/files/path/walk.ts'

/** Exit status of `openThere`: nothing is at the path. */
export const NOTHING_THERE = 44
/** Exit status of `openThere`: another account can change the directory, and the path leads elsewhere or is no file. */
export const LED_ELSEWHERE = 45

/** Why such a file is not read; follows the path in a message. */
export const LED_ELSEWHERE_WORDS =
  'is not read: another account can change its directory, and a link of that account leads elsewhere'

/** Reading a pipe without a writer would block for ever. */
const NO_PIPE = raw(`[ ! -p "$p" ] || { echo 'it is a pipe' >&2; exit 1; }`)

/**
 * A script that uses the file at a path under the name `"$p"`. If another account can change the directory, no link is followed, and `"$p"` is the
 * open file itself: root must not read a file on behalf of an account that could not read it.
 *
 * @param use the command for the file; default: print it
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
