import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import { textOf } from '../kit/bytes.ts'
import { privateDirectory } from '../files/writing/temp-file.ts'
import type { PathState } from './effect.ts'
import type { Validation } from '../kit/plan.ts'
import { overlayPaths } from './overlay-paths.sh.ts'
import { overlayRun } from './overlay-run.sh.ts'

/** The overlay on the host for a validation. */
export interface OverlayState {
  /** Paths as earlier steps will leave them, in the order of these steps. */
  readonly paths: readonly (readonly [path: string, state: PathState])[]
  /** A package is pending, which may bring paths that the candidate names and that do not exist yet. */
  readonly placeholders: boolean
  /** Nothing else is pending, so the validator's result with these paths is final. */
  readonly complete: boolean
}

/** The first line of the output if the validation ran with everything pending in place. */
export const COMPLETE_OVERLAY = 'staged'

/** The script is passed in one environment variable, which Linux limits to 128 KiB (execve(2), MAX_ARG_STRLEN). */
const MOST_BYTES = 65_536

/**
 * Runs a validation as if earlier, pending changes were made already: in a mount namespace of its own, with an overlay over each directory that they
 * change. The real files are not touched, and everything is gone with the process.
 *
 * A path that the candidate names, that does not exist and that a pending package may bring gets an empty placeholder: a file if there is a dot in
 * its name, otherwise a directory.
 *
 * If the host cannot do this (not root, no unshare(1), no overlayfs), the validation runs on the host as it is.
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

/** A directory that comes with unknown content, and a file whose content is not known, cannot be shown in the overlay. */
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

/** Makes the private directory of the overlay; if that is not possible, the validation runs on the host as it is. */
const prepareOverlay = lines(
  raw(`as_it_is() { eval "$validation"; exit; }
[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || as_it_is`),
  privateDirectory(),
  raw(`t=$room
[ -n "$t" ] && mkdir "$t/up" || as_it_is`),
  raw(overlayPaths),
)

const runInOverlay = sh`validation=$validation t=$t tops=$tops whole=$whole unshare -m /bin/sh -c ${overlayRun} /bin/sh ${COMPLETE_OVERLAY}`
