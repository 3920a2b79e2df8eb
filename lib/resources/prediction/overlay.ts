import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { textOf } from '../kit/bytes.ts'
import { privateDirectory } from '../files/writing/temp-file.ts'
import type { PathState } from './effect.ts'
import type { Validation } from '../kit/plan.ts'

/** What is laid over the host for a validation. */
export interface OverlayState {
  /** Paths as earlier steps will leave them, in the order of these steps. */
  readonly paths: readonly (readonly [path: string, state: PathState])[]
  /** A package is pending: what the candidate names, and nobody has made yet, may come with it. */
  readonly placeholders: boolean
  /** Nothing else is pending: what a validator says upon these paths, it will say. */
  readonly complete: boolean
}

/** The first line of a validation while which everything pending stood in its place. */
export const COMPLETE_OVERLAY = 'staged'

/** The script travels in one environment variable, and Linux allows 128 KiB for that (execve(2), MAX_ARG_STRLEN). */
const MOST_BYTES = 65_536

/**
 * Runs a validation where earlier, pending changes are made already: in a mount namespace of its own, with an overlay over each directory
 * that they touch. The real files are not touched, and all of it is gone with the process.
 *
 * A path that the candidate names, that is not there, and that a pending package may bring, is there as well, empty: a file when there
 * is a dot in its name, otherwise a directory.
 *
 * Where the host cannot do it (not root, no unshare(1), no overlayfs) the validation runs on the host as it is.
 *
 * Source: unshare(1), mount(8), overlayfs in Linux's own documentation (a whiteout is a character device 0/0).
 */
export function inOverlay(validation: Validation, { paths, placeholders, complete }: OverlayState): Sh {
  const named = placeholders ? (validation.names ?? []).filter((name) => paths.every(([path]) => path !== name)) : []
  const bytes = paths.reduce((sum, [, state]) => sum + (state.type === 'file' ? (state.content?.length ?? 0) : 0), 0)
  if (paths.length + named.length === 0 || bytes > MOST_BYTES) return validation.sh
  return lines(
    sh`validation=${validation.sh.text}
t= tops= whole=${complete ? '1' : ''}`,
    prepareOverlay,
    ...paths.map(([path, state]) => sh`{ ${placeState(path, state)}; } || whole=`),
    ...named.map((path) => sh`[ -e ${path} ] || [ -L ${path} ] || { place ${path} && ${placeholder(path)}; }`),
    runInOverlay,
  )
}

/** A directory that comes with things in it, and a file whose content is not known, cannot be shown. */
function placeState(path: string, state: PathState): Sh {
  switch (state.type) {
    case 'absent':
      return sh`place ${path} && { rm -rf -- "$t/up$p"; mknod "$t/up$p" c 0 0; }`
    case 'link':
      return sh`place ${path} && ln -sf -- ${state.target} "$t/up$p"`
    case 'dir':
      return state.filled === true ? raw('false') : sh`place ${path} && way "$p"`
    case 'file': {
      if (state.kept === true) return sh`[ -f ${path} ]`
      const text = state.content && textOf(state.content)
      return text === undefined
        ? raw('false')
        : sh`place ${path} && rm -f -- "$t/up$p" && printf %s ${text} >"$t/up$p" && chmod ${state.mode ?? '0644'} "$t/up$p"`
    }
  }
}

function placeholder(path: string): Sh {
  return /\.[^/]*$/.test(path) ? raw(': >"$t/up$p"') : raw('way "$p"')
}

/**
 * `place PATH` sets `$p`, makes the way to it in the upper tree, and notes the nearest directory that is there. It fails where that is `/`
 * or is reached through a symbolic link, because an overlay there would show something else, and where mount(8) could not be told it.
 */
const prepareOverlay = lines(
  raw(`as_it_is() { eval "$validation"; exit; }
[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || as_it_is`),
  privateDirectory(),
  raw(`t=$room
[ -n "$t" ] && mkdir "$t/up" || as_it_is
way() {
[ -n "$1" ] && [ ! -d "$t/up$1" ] || return 0
way "\${1%/*}" && mkdir -m 755 -- "$t/up$1" || return 1
[ ! -d "$1" ] || { chmod "$(stat -c %a -- "$1")" "$t/up$1" && chown "$(stat -c %u:%g -- "$1")" "$t/up$1"; }
}
place() {
p=$1 a=\${1%/*}
while [ -n "$a" ] && [ ! -e "$a" ] && [ ! -L "$a" ]; do a=\${a%/*}; done
[ -n "$a" ] && [ -d "$a" ] && [ "$(cd -P -- "$a" && pwd)" = "$a" ] || return 1
case $a in *[!A-Za-z0-9_./@%+=-]*) return 1;; esac
way "\${p%/*}" || return 1
case " $tops " in *" $a "*) ;; *) tops="$tops $a";; esac
}`),
)

/** An overlay shows all that is laid below its directory, and would hide what is mounted there. */
const runInOverlay = raw(`validation=$validation t=$t tops=$tops whole=$whole unshare -m /bin/sh -c '
mount --make-rprivate / 2>/dev/null
n=0 done=
for d in $(printf "%s\\n" $tops | LC_ALL=C sort); do
for k in $done; do case $d in "$k"/*) continue 2;; esac; done
! grep -q "^[^ ]* [^ ]* [^ ]* [^ ]* $d/" /proc/self/mountinfo || { whole=; continue; }
n=$((n + 1))
mkdir "$t/work$n" && mount -t overlay rolecall -o "lowerdir=$d,upperdir=$t/up$d,workdir=$t/work$n" "$d" 2>/dev/null || { whole=; continue; }
done="$done $d"
done
[ -z "$whole" ] || echo ${COMPLETE_OVERLAY}
r=$validation; unset validation t tops whole
eval "$r"'`)
