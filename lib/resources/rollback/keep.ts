import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../../sh/quote.ts'
import { firmAbove } from '../files/path/firm-above.ts'

/** A path whose state is kept before it changes. */
export interface KeptPath {
  readonly path: string
  /** It is kept whether there is such a directory, and nothing that is in it. */
  readonly isDirectory: boolean
}

/** Directories may be large: a larger one is not kept. */
const MOST_KIB = 16 * 1024

/** Sets `d` to the directory in which states are kept under this name, and `me` to who keeps them. */
export function keptAt(key: string): Sh {
  return sh`umask 077; me=$(id -u)
if [ "$me" = 0 ]; then d=/var/lib/rolecall; else d=\${HOME:-/nonexistent}/.cache/rolecall; fi
d=$d/kept/${key}`
}

/**
 * Keeps paths as they are until they are put back or forgotten, past a reboot and the end of the run too. What is kept already stays: it is from before the first
 * change. It fails where a state cannot be kept that should be: then nothing is changed. What cannot be put back safely is remembered as such.
 */
export function keepPaths(key: string, paths: readonly KeptPath[]): Sh {
  const calls = paths.map(({ path, isDirectory }) => {
    const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
    return sh`keep ${name} ${path} ${isDirectory ? 'd' : ''} || { echo ${`cannot keep ${path} for a rollback`} >&2; exit 1; }`
      .text
  })
  return sh`( ${keptAt(key)}
mkdir -p "$d" || exit 1
${firmAbove}
leave() { printf '%s\\n' "$2" >"$d/$1.not"; }
list() { printf '%s %s\\n' "$1" "$2" >>"$d/list"; }
keep() { ! grep -q "^$1 " "$d/list" 2>/dev/null || return 0
rm -rf -- "$d/$1".* || return 1
firm_above "$2" || { leave "$1" 'another account can change its directory, or one on the way'; list "$1" "$2"; return; }
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

/** Forgets what is kept: the changes stay. */
export function forgetKept(key: string): Sh {
  return sh`( ${keptAt(key)}
[ ! -d "$d" ] || rm -rf -- "$d" )`
}
