import { createHash } from 'node:crypto'
import { raw, sh, type Sh } from '../sh/quote.ts'

/** A path that a probe asks about. */
export interface Look {
  readonly path: string
  /** A regular file of this size is hashed as well: one of another size is known to be another one. */
  readonly size?: number | undefined
}

/**
 * One `stat` and one `sha256sum` for many paths, instead of two processes for each: what they say is left in variables of the
 * shell, named after the paths, and probes take it from there. Where there is none, for this path or at all, a probe asks for itself;
 * so it prints the same bytes in either case.
 *
 * Only plain paths are looked at together, because the answers are told apart by the names in them.
 *
 * @example `stat -c FORMAT -- /etc/motd /etc/issue` leaves `s_63a5b1…='81a4 12 0 0 root:root'`
 */
export function glimpse(looks: readonly Look[]): Sh | undefined {
  const plain = [...new Map(looks.map((look) => [look.path, look])).values()].filter(({ path }) => isPlain(path))
  if (plain.length < 2) return undefined
  const parts: Sh[] = []
  for (let at = 0; at < plain.length; at += MOST_AT_ONCE) {
    const some = plain.slice(at, at + MOST_AT_ONCE)
    const triples = some.flatMap(({ path, size }) => [word(path), path, size ?? '-'])
    parts.push(
      sh`glimpse "$(stat -c '%f %s %u %g %U:%G %n' -- ${some.map(({ path }) => path)} 2>/dev/null)" ${triples}`,
    )
  }
  return raw([FUNCTIONS, ...parts.map((part) => part.text)].join('\n'))
}

/** What `stat -c '%f %s %u %g %U:%G'` says of a path, where it was looked at; else nothing. */
export function statOf(path: string): Sh {
  return raw(`"\${s_${word(path)}-}"`)
}

/** The SHA-256 of a file, where it was looked at; else nothing. */
export function hashOf(path: string): Sh {
  return raw(`"\${h_${word(path)}-}"`)
}

/** Far from the 128 KiB that one word, and the 2 MiB that one command line may have. */
const MOST_AT_ONCE = 500

const FUNCTIONS = `glimpse() {
set -f; IFS='
'; said=$1 hash=; shift
for s in $said; do while [ $# -gt 0 ]; do
case $s in *" $2") eval "s_$1=\\\${s% *}"; t=\${s#* }
case $s in 8*) [ "\${t%% *}" != "$3" ] || hash="$hash
$2
$1";; esac
shift 3; break;; *) shift 3;; esac
done; done
set -- $hash; files=
while [ $# -gt 0 ]; do files="$files
$1"; shift 2; done
set -- $hash
[ $# = 0 ] || for s in $(sha256sum -- $files 2>/dev/null); do while [ $# -gt 0 ]; do
case $s in *" $1") eval "h_$2=\\\${s%% *}"; shift 2; break;; *) shift 2;; esac
done; done
unset IFS said hash files s t; set +f
} </dev/null`

function isPlain(path: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(path)
}

/** A part of a variable's name. */
function word(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16)
}
