import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { trustedParents } from '../files/path/trusted-parents.ts'

/** A path to copy before it changes. */
export interface PathToBackUp {
  readonly path: string
  /** Only whether the directory exists is recorded, not its content. */
  readonly isDirectory: boolean
}

/** A larger directory is not copied. */
export const MOST_KIB = 16 * 1024

/** Sets `d` to the directory of the backup with this name, and `me` to the uid that scripts run as. */
export function backupDirectory(key: string): Sh {
  return sh`umask 077; me=$(id -u)
if [ "$me" = 0 ]; then d=/var/lib/rolecall; else d=\${HOME:-/nonexistent}/.cache/rolecall; fi
d=$d/kept/${key}`
}

/**
 * Copies paths to a backup that lasts until it is restored or deleted, also past a reboot and the end of the run. An existing copy stays: it is from before the
 * first change. Fails if a copy cannot be made: then nothing is changed. Of a path that could not be restored safely the reason is recorded instead.
 */
export function backUpPaths(key: string, paths: readonly PathToBackUp[]): Sh {
  const calls = paths.map(({ path, isDirectory }) => {
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
    return sh`keep ${name} ${path} ${isDirectory ? 'd' : ''} || { echo ${`cannot keep ${path} for a rollback`} >&2; exit 1; }`
      .text
  })
  return sh`( ${backupDirectory(key)}
mkdir -p "$d" || exit 1
${trustedParents}
leave() { printf '%s\\n' "$2" >"$d/$1.not"; }
list() { printf '%s %s\\n' "$1" "$2" >>"$d/list"; }
keep() { ! grep -q "^$1 " "$d/list" 2>/dev/null || return 0
rm -rf -- "$d/$1".* || return 1
trusted_parents "$2" || { leave "$1" 'another account can change its directory, or one on the way'; list "$1" "$2"; return; }
if [ -L "$2" ] || [ -f "$2" ]; then cp -a -- "$2" "$d/$1.old" || return 1
elif [ -d "$2" ]; then
if [ -n "$3" ]; then return 0
elif grep -qF " $2/" /proc/self/mounts || grep -qF " $2 " /proc/self/mounts; then leave "$1" 'a file system is mounted there'
elif [ "$(du -sk -- "$2" | cut -f 1)" -gt ${MOST_KIB} ]; then leave "$1" 'it is larger than 16 MiB'
else cp -a -- "$2" "$d/$1.old" || return 1; fi
elif [ -e "$2" ]; then leave "$1" 'it is neither a file nor a directory'
elif [ -n "$3" ]; then : >"$d/$1.dir" || return 1; fi
list "$1" "$2"; }
${raw(calls.join('\n'))}
)`
}

/** Deletes a backup: the changes stay. */
export function deleteBackup(key: string): Sh {
  return sh`( ${backupDirectory(key)}
[ ! -d "$d" ] || rm -rf -- "$d" )`
}
