import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { lines, raw, sh, shellFunctions, type Sh } from '../../../sh/quote.ts'
import { walk } from './walk.ts'

/** A path that a probe asks about. */
export interface StatRequest {
  readonly path: string
  /** A regular file of this size is hashed as well: one of another size is known to be another one. */
  readonly size?: number | undefined
  /** What is in this directory is asked about as well. */
  readonly inside?: true
}

/**
 * One `stat` and one `sha256sum` for many paths, instead of two processes for each: what they say is left in variables of the
 * shell, named after the paths, and probes take it from there. Where there is none, for this path or at all, a probe asks for itself;
 * so it prints the same bytes in either case.
 *
 * The same `stat` says of every directory on the way whether it is trusted (see `walk`): nothing is hashed in one that is not.
 *
 * Only plain paths are looked at together, because the answers are told apart by the names in them.
 *
 * @example `stat -c FORMAT -- / /etc /etc/motd` leaves `t_3f2c…=1` (/etc is trusted) and `s_63a5b1…='81a4 12 0 0 root:root 1'`
 */
export function statBatch(looks: readonly StatRequest[], uid = 0): Sh | undefined {
  if (looks.length === 0) return undefined
  const plain = [...new Map(looks.map((look) => [look.path, look])).values()].filter(({ path }) => isPlain(path))
  const triples = [
    ...directoriesOf(plain).map((dir) => [word(dir), dir, `^${dir === '/' ? '' : word(posix.dirname(dir))}`] as const),
    ...plain.map(({ path, size }) => [word(path), path, `${size ?? '-'}.${word(posix.dirname(path))}`] as const),
  ]
  const parts: Sh[] = []
  for (let at = 0; at < triples.length; at += MOST_AT_ONCE) {
    const some = triples.slice(at, at + MOST_AT_ONCE)
    parts.push(
      sh`glimpse "$(stat -c '%f %s %u %g %U:%G %h %n' -- ${some.map(([, path]) => path)} 2>/dev/null)" ${some.flat()}`,
    )
  }
  return lines(sh`path_me=${uid} t_=1`, walk, readStats, ...parts)
}

/** All directories on the way to these paths, each after the one that it is in. */
function directoriesOf(looks: readonly StatRequest[]): string[] {
  const found = new Set<string>()
  for (const { path, inside } of looks) {
    const way = inside === true ? [path] : []
    for (let dir = posix.dirname(path); !found.has(dir); dir = posix.dirname(dir)) {
      way.unshift(dir)
      if (dir === '/') break
    }
    for (const dir of way) found.add(dir)
  }
  return [...found]
}

/** What `stat -c '%f %s %u %g %U:%G %h'` says of a path, where it was looked at; else nothing. */
export function statOf(path: string): Sh {
  return raw(`"\${s_${word(path)}-}"`)
}

/** The SHA-256 of a file, where it was looked at; else nothing. */
export function hashOf(path: string): Sh {
  return raw(`"\${h_${word(path)}-}"`)
}

/** What was found of a directory: 1 when only root can change what is in it, and where it is; it has to be looked at first. */
export function trustOf(dir: string): Sh {
  return raw(`"\${t_${word(dir)}-}"`)
}

/** Exits with 0 when only root can change what is in this directory, and where it is; it has to be looked at first. */
export function isTrusted(dir: string): Sh {
  return sh`[ ${trustOf(dir)} = 1 ]`
}

/** Far from the 128 KiB that one word, and the 2 MiB that one command line may have. */
const MOST_AT_ONCE = 500

/**
 * `glimpse ANSWER (WORD PATH SIZE.WORD-OF-ITS-DIRECTORY | WORD DIRECTORY ^WORD-OF-THE-ONE-ABOVE)...`
 *
 * `firm STAT WORD ABOVE` leaves `t_WORD`: 1 for a directory that is trusted, or that is not there yet and will be made in one that is;
 * 2 for one like /tmp; nothing for any other. See `path_firm`, which asks the same by itself.
 */
const readStats = shellFunctions(`firm() {
eval "t=\\\${t_$3-}"; u=\${1#* * }; u=\${u%% *} own=
case $u in 0|"$path_me") own=1;; esac
case $t.$own.$1 in
1..) ;;
[12].1.4*)
case \${1%% *} in 4*[02468ace][014589cd]) t=1;; 4[2367abef]??) t=2;; *) t=;; esac;;
*) t=;;
esac
eval "t_$2=$t"
}
glimpse() {
set -f; IFS='
'; said=$1 hash=; shift
for s in $said; do while [ $# -gt 0 ]; do
case $s in
*" $2")
case $3 in
^*) firm "$s" "$1" "\${3#?}";;
*) eval "s_$1=\\\${s% *} u=\\\${t_\${3#*.}-}"; t=\${s#* }
case $u$s in 18*) [ "\${t%% *}" != "\${3%.*}" ] || hash="$hash
$2
$1";; esac;;
esac
shift 3; break;;
*) case $3 in ^*) firm '' "$1" "\${3#?}";; esac; shift 3;;
esac
done; done
while [ $# -gt 0 ]; do case $3 in ^*) firm '' "$1" "\${3#?}";; esac; shift 3; done
set -- $hash; files=
while [ $# -gt 0 ]; do files="$files
$1"; shift 2; done
set -- $hash
[ $# = 0 ] || for s in $(sha256sum -- $files 2>/dev/null); do while [ $# -gt 0 ]; do
case $s in *" $1") eval "h_$2=\\\${s%% *}"; shift 2; break;; *) shift 2;; esac
done; done
unset IFS said hash files s t u own; set +f
} </dev/null`)

function isPlain(path: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(path)
}

/** A part of a variable's name. */
function word(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}
