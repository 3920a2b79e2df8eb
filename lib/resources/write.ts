import { createHash } from 'node:crypto'
import { lines, raw, sh, type Sh } from '../sh/quote.ts'
import type { Step } from './kind.ts'
import { candidatePrefix, candidatesOf, type Account, type Attributes, type Found } from './path.ts'
import { check, words, type Validator } from './validate.ts'

/** Exit status of a step whose candidate was refused by its validator (EX_DATAERR of sysexits.h). The live file is untouched. */
export const CANDIDATE_REFUSED = 65
/** Exit status of a step whose validator is not on the host (EX_UNAVAILABLE of sysexits.h). The live file is untouched. */
export const VALIDATOR_MISSING = 69

export interface Write {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: string
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly validate?: Validator | undefined
  readonly backup?: boolean | undefined
  /** What the candidate was derived from: a live file that is not this any more is left alone. */
  readonly from?: Uint8Array | undefined
}

/**
 * Writes a file whole or not at all: into a hidden candidate in the same directory that nobody else can read, to the disk,
 * then owner, mode and validator, then a rename over the name. Whatever ends the script, the candidate goes with it;
 * only SIGKILL and a power cut leave it behind, and the next probe notices.
 *
 * Source: rename(2), dd(1) (`conv=fsync`), mktemp(1), POSIX.1-2017 `trap`.
 */
export function writeScript({ path, bytes, mode, owner, group, validate, backup = false, from }: Write): Sh {
  const size = bytes.length
  return lines(
    candidate(path),
    sh`dd of="$candidate" bs=65536 conv=fsync status=none || exit 1
n=$(stat -c %s -- "$candidate") || exit 1
[ "$n" = ${size} ] || { echo "received $n of ${size} bytes" >&2; exit 1; }`,
    dress(path, { mode, owner, group }),
    ...(validate === undefined
      ? []
      : [
          sh`${check(validate)}
case $r in 0) ;; 126|127) echo ${`the validator of ${path} cannot be run: ${words(validate)}`} >&2; exit ${VALIDATOR_MISSING};;
*) echo ${`the validator refused the candidate, ${path} is untouched: ${words(validate)}`}" (exit $r)" >&2; exit ${CANDIDATE_REFUSED};; esac`,
        ]),
    ...(from === undefined ? [] : [stillAs(path, from)]),
    ...(backup ? [keepOld] : []),
    place,
  )
}

/** Makes `$candidate` beside `$path`, for nobody else to read, and has it removed whatever happens. */
export function candidate(path: string, directory = false): Sh {
  return sh`path=${path}
umask 077
candidate=
trap '[ -z "$candidate" ] || rm -rf -- "$candidate"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
candidate=$(mktemp ${raw(directory ? '-d ' : '')}${`${candidatePrefix(path)}XXXXXX`}) || exit 1`
}

/** Gives `$candidate` its owner and its mode, in this order: chown takes the set-user-ID bit away. */
export function dress(path: string, { mode, owner, group }: Attributes): Sh {
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  return lines(
    ...(who === '' ? [] : [sh`chown -- ${who} "$candidate" || exit 1`]),
    ...(mode === undefined ? [] : [sh`chmod -- ${exactly(mode)} "$candidate" || exit 1`]),
    sh`if [ -e /sys/fs/selinux/enforce ] && [ -f ${path} ]; then chcon --reference=${path} -- "$candidate" 2>/dev/null; fi`,
  )
}

/** Five digits: with four, GNU chmod keeps the set-group-ID bit that a directory inherited. */
export function exactly(mode: string): string {
  return `0${mode}`
}

/**
 * Renames `$candidate` over `$path`. A symbolic link there is replaced, never followed. An mv without `-T` (busybox before 1.33)
 * would move the candidate into the directory behind a link, so there the link is removed first.
 */
export const place: Sh = raw(`if [ -L "$path" ]; then
mv -fT -- "$candidate" "$path" 2>/dev/null || { rm -f -- "$path" && mv -f -- "$candidate" "$path"; } || exit 1
elif [ -d "$path" ]; then echo "$path has become a directory" >&2; exit 1
else mv -f -- "$candidate" "$path" || exit 1; fi
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$path" >&2; fi
exit 0`)

function stillAs(path: string, bytes: Uint8Array): Sh {
  return sh`[ "$(sha256sum <${path})" = ${`${sha256(bytes)}  -`} ] ||
{ echo ${`${path} was changed by somebody else while it was being edited: run again`} >&2; exit 1; }`
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Keeps the old file under the time it was written, so that a second try keeps no second copy: `named.conf.20260131T120107~`. */
const keepOld: Sh = raw(`if [ -f "$path" ] && [ ! -L "$path" ]; then
b=$path.$(date -u -r "$path" +%Y%m%dT%H%M%S)~ || exit 1
[ -e "$b" ] || ln -- "$path" "$b" 2>/dev/null || cp -p -- "$path" "$b" || exit 1; fi`)

/** Steps that give an existing path its owner and mode. A chown may take mode bits away, so the mode is always set with it. */
export function attributeSteps(found: Found, want: Attributes): Step[] {
  const steps: Step[] = []
  const owner = differs(found.owner, want.owner) ? want.owner : undefined
  const group = differs(found.group, want.group) ? want.group : undefined
  if (owner !== undefined || group !== undefined) {
    const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
    const what = owner === undefined ? 'group' : group === undefined ? 'owner' : 'owner and group'
    const was = [owner && shown(found.owner), group && shown(found.group)].filter(Boolean).join(':')
    const mode = want.mode ?? found.mode
    const again = mode === undefined ? raw('') : sh` && chmod -- ${exactly(mode)} ${found.path}`
    steps.push({
      say: `set ${what} ${who.replace(/^:/, '')} of ${found.path} (was ${was})`,
      sh: sh`chown -- ${who} ${found.path}${again}`,
    })
  }
  if (want.mode !== undefined && want.mode !== found.mode) {
    const say = `set mode ${want.mode} of ${found.path} (was ${found.mode ?? 'unknown'})`
    steps.push({ say, sh: sh`chmod -- ${exactly(want.mode)} ${found.path}` })
  }
  return steps
}

function differs(have: Account | undefined, want: string | undefined): boolean {
  return want !== undefined && want !== have?.name && want !== have?.id
}

function shown(account: Account | undefined): string {
  return account?.name ?? account?.id ?? 'unknown'
}

/** A step that removes what a killed run left beside the path. */
export function tidySteps(found: Found): Step[] {
  if (!found.leftovers) return []
  return [
    {
      say: `remove a candidate of ${found.path} left by an interrupted run`,
      sh: sh`rm -rf -- ${candidatesOf(found.path)}`,
      beside: true,
    },
  ]
}
