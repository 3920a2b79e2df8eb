import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { candidatePrefix, type Attributes } from '../path/path.ts'

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
export function privateRoom(...further: readonly string[]): Sh {
  return sh`room=
trap '[ -z "$room" ] || rm -rf -- "$room"' EXIT
${onSignals}
for d in /run /dev/shm ${further}; do room=$(mktemp -d "$d/rolecall.XXXXXX" 2>/dev/null) && break; done`
}

/** Gives `$candidate` its owner and its mode, in this order: chown takes the set-user-ID bit away. */
export function dress({ mode, owner, group }: Attributes): Sh {
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

/**
 * `put CANDIDATE PATH` renames the one over the other. A symbolic link there is replaced, never followed. An mv without `-T` (busybox
 * before 1.33) would move the candidate into the directory behind a link, so there the link is removed first.
 */
export const put: Sh = raw(`put() {
if [ -e /sys/fs/selinux/enforce ] && [ -f "$2" ]; then chcon --reference="$2" -- "$1" 2>/dev/null; fi
if [ -L "$2" ]; then
mv -fT -- "$1" "$2" 2>/dev/null || { rm -f -- "$2" && mv -f -- "$1" "$2"; } || return 1
elif [ -d "$2" ]; then echo "$2 has become a directory" >&2; return 1
else mv -f -- "$1" "$2" || return 1; fi
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$2" >&2; fi
return 0
}`)

/** Renames `$candidate` over `$path`, and ends. */
export const place: Sh = lines(put, raw('put "$candidate" "$path" || exit 1; candidate=; exit 0'))
