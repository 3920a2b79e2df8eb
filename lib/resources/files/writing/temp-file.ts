import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { candidatePrefix } from '../path/candidate-names.ts'
import type { Attributes } from '../path/path.ts'
import { put as putText } from './put.sh.ts'

/** Makes `$candidate` beside `$path`, for nobody else to read, and has it removed whatever happens. */
export function candidate(path: string, directory = false): Sh {
  return sh`path=${path}
umask 077
candidate=
trap '[ -z "$candidate" ] || rm -rf -- "$candidate"' EXIT
${onSignals}
candidate=$(mktemp ${raw(directory ? '-d ' : '')}${`${candidatePrefix(path)}XXXXXX`}) || exit 1`
}

/** A signal is an exit, so that the trap on EXIT tidies up. SIGPIPE comes when nobody reads any more: the controller is gone. */
export const onSignals: Sh = raw("trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 141' PIPE; trap 'exit 143' TERM")

/**
 * Leaves in `$room` a directory for nobody else, in the first of these places that has room for one; nothing, where none has. It goes with
 * the script, whatever ends that; without further places it is in one that a boot empties, for the power cut that no trap sees.
 */
export function privateDirectory(...further: readonly string[]): Sh {
  return sh`room=
trap '[ -z "$room" ] || rm -rf -- "$room"' EXIT
${onSignals}
for d in /run /dev/shm ${further}; do room=$(mktemp -d "$d/rolecall.XXXXXX" 2>/dev/null) && break; done`
}

/** Gives `$candidate` its owner and its mode, in this order: chown takes the set-user-ID bit away. */
export function setOwnership({ mode, owner, group }: Attributes): Sh {
  const who = account({ owner, group })
  return lines(
    ...(who === '' ? [] : [sh`chown -- ${who} "$candidate" || exit 1`]),
    ...(mode === undefined ? [] : [sh`chmod -- ${exactly(mode)} "$candidate" || exit 1`]),
  )
}

/** As chown takes it: `bind:adm`, `bind`, `:adm`, or nothing. */
export function account({ owner, group }: Pick<Attributes, 'owner' | 'group'>): string {
  return `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
}

/** Five digits: with four, GNU chmod keeps the set-group-ID bit that a directory inherited. */
export function exactly(mode: string): string {
  return `0${mode}`
}

export const replaceAtomically: Sh = raw(putText)

/** Renames `$candidate` over `$path`, and ends. */
export const commit: Sh = lines(replaceAtomically, raw('put "$candidate" "$path" || exit 1; candidate=; exit 0'))
