import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { account, exactly } from './temp-file.ts'
import { lay, stage } from './untrusted-directory.ts'
import { backupPrefix } from '../path/candidate-names.ts'
import { check } from './validate.ts'
import type { Validator } from './write-request.ts'

/** What is written, as of `Write`. */
interface Candidate {
  readonly path: string
  /** How many bytes come on standard input. */
  readonly length: number
  readonly mode: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly validate?: Validator | undefined
  readonly backup?: boolean | undefined
}

/**
 * Writes one file into a directory that another account can change: the candidate is in a private directory there, and a rename
 * puts it in place. All of its bytes come on standard input. The validator sees a copy where only root can change the way to it.
 *
 * `afterValidator` ends the script unless the validator accepted the candidate (its status is in `$r`); `same` is the checksum of what the content was derived from, or `nothing`.
 */
export function writeUntrusted(write: Candidate, afterValidator: Sh, same: string | undefined): Sh {
  const { path, length, mode, validate, backup = false } = write
  const who = account(write)
  return lines(
    stage(path, write.owner),
    sh`cat >"./$new" || exit 1
n=$(stat -c %s -- "./$new") && [ "$n" = ${length} ] || path_fail "received $n of ${length} bytes"`,
    ...(who === '' ? [] : [sh`chown -- ${who} "./$new" || exit 1`]),
    sh`chmod -- ${exactly(mode)} "./$new" && sync "./$new" || exit 1`,
    ...(validate === undefined ? [] : [validated(path, validate), afterValidator]),
    ...(same === undefined ? [] : [stillAs(path, same)]),
    ...(backup ? [keepOld(path), layOrUnkeep(path)] : [lay(path)]),
  )
}

function validated(path: string, validate: Validator): Sh {
  return sh`for d in /run /dev/shm /tmp; do room=$(mktemp -d "$d/rolecall.XXXXXX" 2>/dev/null) && break; done
[ -n "$room" ] || path_fail 'no place for a private directory in /run, /dev/shm or /tmp'
candidate=$room/${posix.basename(path)}
cp -p -- "./$new" "$candidate" || exit 1
(
cd /
${check(validate)}
exit "$r"
)
r=$?`
}

function stillAs(path: string, same: string): Sh {
  const there = `./../${posix.basename(path)}`
  if (same === 'nothing')
    return sh`[ ! -e ${there} ] && [ ! -L ${there} ] || path_fail ${`${path} was not there, and somebody else has made it since: run again`}`
  return sh`path_look ${`../${posix.basename(path)}`}
case $s in 8*) ;; *) p=/dev/null;; esac
[ "$(sha256sum <"$p")" = ${`${same}  -`} ] || path_fail ${`${path} was changed by somebody else while it was being edited: run again`}`
}

/** As in a trusted directory: a second name of the old file, under the time it was written. */
function keepOld(path: string): Sh {
  const name = posix.basename(path)
  return lines(
    sh`b=
path_look ${`../${name}`}`,
    raw(`case $s in 8*)
t=$(date -u -r "$p" +%Y%m%dT%H%M%S) || exit 1`),
    sh`b=../${posix.basename(backupPrefix(path))}.$t~`,
    raw(`if [ ! -e "$b" ] && [ ! -L "$b" ]; then`),
    sh`ln -- ${`../${name}`} "./$new.old" && [ "$(stat -c %d:%i -- "./$new.old")" = "\${id%:*}" ] && mv -fT -- "./$new.old" "$b" || path_fail ${`the old ${path} cannot be kept: somebody renames things there now`}`,
    raw('else b=; fi;;\nesac'),
  )
}

/** The name that the old file was given goes again where the new one does not get its own. */
function layOrUnkeep(path: string): Sh {
  return sh`path_lay ${posix.basename(path)} file || { [ -z "$b" ] || rm -f -- "$b"; exit 1; }`
}
