import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { lines, quote, raw, sh, Sh } from '../sh/quote.ts'
import type { Rehearsal, Step } from './kind.ts'
import { candidatePrefix, candidatesOf, wrong, type Account, type Attributes, type Found } from './path.ts'

/**
 * A command that looks at a candidate before it goes live. A string is split at white space into words, `{}` stands for the
 * candidate's path, and no shell reads it. An `Sh` is shell text that finds the path in `$candidate`.
 *
 * @example
 * validate: 'named-checkzone host.com {}'
 * validate: sh`sshd -t -f "$candidate" && grep -q PermitRootLogin "$candidate"`
 */
export type Validator = string | Sh

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
candidate=$(mktemp ${raw(directory ? '-d ' : '')}${`${candidatePrefix(path)}XXXXXX`}) || exit 1
trap 'rm -rf -- "$candidate"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM`
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

/** Runs the validator on `$candidate`; its exit status is left in `$r`, its words go to standard error. */
function check(validate: Validator): Sh {
  if (validate instanceof Sh)
    return sh`export candidate
(\n${validate}\n) </dev/null >&2; r=$?`
  const argv = argvOf(validate)
  return sh`${commandOf(argv)} || { echo ${`command not found: ${argv[0] ?? ''}`} >&2; false; } && r=0 || r=127
if [ "$r" = 0 ]; then ${withCandidate(argv)} </dev/null >&2; r=$?; fi`
}

function commandOf(argv: readonly string[]): Sh {
  return sh`command -v -- ${argv[0] ?? ''} >/dev/null 2>&1`
}

function argvOf(validate: string): string[] {
  return validate.trim().split(/\s+/)
}

function withCandidate(argv: readonly string[]): Sh {
  return raw(argv.map((word) => word.split('{}').map(quote).join('"$candidate"')).join(' '))
}

function words(validate: Validator): string {
  return validate instanceof Sh ? validate.text.trim().split('\n', 1).join('') : validate.trim()
}

/** Checks a validator as a person wrote it. */
export function validator(of: string, validate: Validator | undefined): Validator | undefined {
  const lost = typeof validate === 'string' && (!validate.includes('{}') || validate.trim().startsWith('{}'))
  if (lost)
    throw wrong(
      `validator of ${of}`,
      'a command with {} where the path of the candidate goes',
      JSON.stringify(validate),
    )
  return validate
}

/** Shows the candidate to its validator in a private directory, and leaves nothing behind. A missing validator is no refusal. */
export function rehearsal(path: string, bytes: Uint8Array, validate: Validator | undefined): Rehearsal | undefined {
  if (validate === undefined) return undefined
  const there = validate instanceof Sh ? raw(':') : sh`${commandOf(argvOf(validate))} || exit 0`
  return {
    sh: sh`${there}
umask 077
for t in /tmp /run /dev/shm; do w=$(mktemp -d "$t/rolecall.XXXXXX" 2>/dev/null) && break; done
[ -n "$w" ] || { echo 'no place for a private directory in /tmp, /run or /dev/shm' >&2; exit 1; }
trap 'rm -rf -- "$w"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
candidate=$w/${posix.basename(path)}
cat >"$candidate" || exit 1
${check(validate)}
case $r in 126|127) exit 0;; *) exit "$r";; esac`,
    stdin: bytes,
  }
}

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
    },
  ]
}
