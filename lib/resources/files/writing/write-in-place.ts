import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { account, exactly, privateDirectory } from './temp-file.ts'
import { backupPrefix } from '../path/candidate-names.ts'
import { check } from './validate.ts'
import { posix } from 'node:path'
import type { Validator } from './write-request.ts'

interface InPlace {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly validate?: Validator | undefined
  readonly backup?: boolean | undefined
}

/**
 * Writes into a file that stays what it is, as a mount point must. All bytes come on standard input, into a private directory first, where the
 * validator sees them; then the file is emptied and written, which no signal but SIGKILL interrupts. What cannot be written whole is put back as it was.
 *
 * `afterValidator` ends the script unless the validator accepted the candidate (its status is in `$r`); `same` ends it when the file is not what the content was derived from.
 */
export function writeInPlace(write: InPlace, afterValidator: Sh, same: Sh): Sh {
  const { path, bytes, mode, validate, backup = false } = write
  const who = account(write)
  return lines(
    sh`umask 077
path=${path}`,
    privateDirectory('/tmp'),
    sh`[ -n "$room" ] && mkdir -- "$room/new" || { echo 'no place for a private directory in /run, /dev/shm or /tmp' >&2; exit 1; }
candidate=$room/new/${posix.basename(path)}
cat >"$candidate" || exit 1
n=$(stat -c %s -- "$candidate") && [ "$n" = ${bytes.length} ] || { echo "received $n of ${bytes.length} bytes" >&2; exit 1; }`,
    ...(validate === undefined ? [] : [check(validate), afterValidator]),
    raw(
      `[ -f "$path" ] && [ ! -L "$path" ] || { echo "$path is not a regular file any more: run again" >&2; exit 1; }`,
    ),
    same,
    raw('b=; unkept() { [ -z "$b" ] || rm -f -- "$b"; exit 1; }'),
    ...(backup ? [copyOld(path)] : []),
    raw('cp -p -- "$path" "$room/old" || unkept'),
    ...(who === '' ? [] : [sh`chown -- ${who} "$path" || unkept`]),
    sh`chmod -- ${exactly(mode)} "$path" || unkept`,
    raw(`trap '' HUP INT PIPE TERM
cat <"$candidate" >"$path" && { sync -- "$path" 2>/dev/null || sync; } && exit 0
if cat <"$room/old" >"$path"; then echo "$path could not be written whole: its old content was put back" >&2; unkept
else echo "$path could not be written whole, nor its old content put back" >&2; fi
exit 1`),
  )
}

/** A second name would be one of the new content as well. */
function copyOld(path: string): Sh {
  return sh`b=${backupPrefix(path)}.$(date -u -r "$path" +%Y%m%dT%H%M%S)~ || exit 1
if [ -e "$b" ]; then b=; else cp -p -- "$path" "$b" || exit 1; fi`
}
