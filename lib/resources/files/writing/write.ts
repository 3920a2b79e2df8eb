import { posix } from 'node:path'
import { lines, quote, raw, sh, type Sh } from '../../../sh/quote.ts'
import { account, exactly, onSignals, replaceAtomically } from './temp-file.ts'
import { textOf } from '../../kit/bytes.ts'
import { backupPrefix, candidatePrefix } from '../path/candidate-names.ts'
import { finishWrite } from './finish-write.sh.ts'
import { keepAccess } from './keep-access.sh.ts'
import { check, VALIDATOR_MISSING, words } from './validate.ts'
import { writeInPlace } from './write-in-place.ts'
import { writeUntrusted } from './write-untrusted.ts'
import type { Validator } from './write-request.ts'
import type { Write } from './write-request.ts'
import type { Step } from '../../kit/plan.ts'
import { sha256 } from './digest.ts'
import {
  ENOUGH,
  renameGroups,
  stagingDirOf,
  makeStagingDir,
  renameAll,
  removeStagingDir,
  candidateOf,
  nth,
} from './rename-group.ts'

export type { Write } from './write-request.ts'

/** Exit status of a step whose candidate was refused by its validator (EX_DATAERR of sysexits.h). The live file is untouched. */
export const CANDIDATE_REFUSED = 65

/** The step that writes one file. Neighbours are written together, see `writeAll`, but where another account can change the directory. */
export function writeStep(say: string, write: Write): Step {
  if (write.way !== undefined) {
    const { path, bytes, from, validate } = write
    const afterValidator = validate === undefined ? raw(':') : stopIfRefused(path, validate)
    const script = writeUntrusted(
      { ...write, length: bytes.length },
      afterValidator,
      from instanceof Uint8Array ? sha256(from) : from,
    )
    return { summary: say, sh: script, changesOnly: [path], ...(bytes.length === 0 ? {} : { stdin: bytes }) }
  }
  if (write.inPlace === true) {
    const { path, bytes, from, validate } = write
    const afterValidator = validate === undefined ? raw(':') : stopIfRefused(path, validate)
    const script = writeInPlace(write, afterValidator, from === undefined ? raw(':') : stillAs(path, from))
    return { summary: say, sh: script, changesOnly: [path], ...(bytes.length === 0 ? {} : { stdin: bytes }) }
  }
  const stdin = inputOf(write)
  return {
    summary: say,
    write,
    changesOnly: [write.path],
    /** By itself: only asked for where nobody writes files together. */
    get sh() {
      return lines(raw('m() { :; }'), writeAll([write]))
    },
    ...(stdin === undefined ? {} : { stdin }),
  }
}

/** What `writeAll` reads for this file: nothing when its content is in the script. */
export function inputOf({ bytes, secret = false }: Write): Uint8Array | undefined {
  return bytes.length === 0 || (!secret && inScript(bytes) !== undefined) ? undefined : bytes
}

/** How many bytes of script a file takes beside its neighbours. */
export function scriptBytes(write: Write): number {
  const renamed = { first: 0, last: 0, dir: posix.dirname(write.path), room: candidatePrefix(write.path) }
  const own = lines(fill(write, 0), finish(write, 0)).text.length + candidateOf(write, renamed).length
  const shared = lines(makeStagingDir(renamed), renameAll(renamed), removeStagingDir(renamed)).text.length
  return own + Math.ceil(shared / ENOUGH) + ROOM
}

/** For numbers of more than one digit, and for its name among those of its owner, its mode and its neighbours. */
const ROOM = 100

/**
 * Writes files whole or not at all, one after the other: each into a hidden candidate in its own directory that nobody else can read,
 * to the disk, then owner, mode and validator, then a rename over the name. Whatever ends the script, the candidates go with it;
 * only SIGKILL and a power cut leave them behind, and the next probe notices.
 *
 * A process costs a host about 1 ms and a file would need nine of them, so what can be done for all candidates at once is: sizes, owners,
 * modes and the sync; of new files in one directory the rename too. When that fails it is done again for each, which tells whose fault it is; the files
 * before that one are written. Of files that are renamed together, others after it may be as well: the next run finds them as wanted.
 *
 * The script calls `m s AT` before and `m e AT STATUS` after each file. It reads what `inputOf` says, one after the other.
 *
 * Source: rename(2), sync(1), mktemp(1), POSIX.1-2017 `trap` and `set -C` (a redirection that only makes new files).
 */
export function writeAll(writes: readonly Write[]): Sh {
  const groups = renameGroups(writes)
  const shelfOf = (at: number) => groups.find(({ first, last }) => first <= at && at <= last)
  const beginningAt = (at: number) => groups.filter(({ first }) => first === at)
  const endingAt = (at: number) => groups.filter(({ last }) => last === at)
  return lines(
    raw(keepAccess),
    raw(finishWrite),
    replaceAtomically,
    sh`umask 077
x=$(mktemp -u XXXXXX) || exit 1
set -- ${raw(writes.map((write, at) => candidateOf(write, shelfOf(at))).join(' '))}
${raw(groups.map((renamed) => `${stagingDirOf(renamed)}=`).join(' '))}
trap 'n=0; for c do [ "$n" = "$taken" ] && break; rm -f -- "$c"; n=$((n+1)); done
for c in ${raw(groups.map((renamed) => `"$${stagingDirOf(renamed)}"`).join(' '))}; do [ -z "$c" ] || rm -rf -- "$c"; done' EXIT
${onSignals}
bad= taken= owned= renamed= w= acl= plus=
case $(ls -ld -- ${[...new Set(writes.flatMap(({ path, fresh }) => [posix.dirname(path), ...(fresh === true ? [] : [path])]))]} 2>/dev/null) in *+*) plus=1;; *) ! command -v getfacl >/dev/null 2>&1 || ls --version >/dev/null 2>&1 || plus=1;; esac
set -C
while :; do
${lines(...writes.flatMap((write, at) => [...beginningAt(at).map(makeStagingDir), fill(write, at)]))}
break; done 2>/dev/null
set +C
if [ -z "$bad" ] && { ${together(writes)}; } 2>/dev/null; then owned=1; fi`,
    ...writes.flatMap((write, at) => [
      ...beginningAt(at).map(renameAll),
      finish(write, at),
      ...endingAt(at).map(removeStagingDir),
    ]),
    raw('set --'),
  )
}

/** The shell has at most so much of a file in its own text; a word of the environment ends at 128 KiB. */
const LARGEST_IN_SCRIPT = 4096

function inScript(bytes: Uint8Array): string | undefined {
  return textOf(bytes, LARGEST_IN_SCRIPT)
}

/**
 * The candidate is made, by a redirection that takes over nothing, and then gets its content. Text is written by the shell itself; `dd`
 * takes exactly so many bytes of the input, in GNU and in busybox.
 */
function fill(write: Write, at: number): Sh {
  const candidate = `"${nth(at)}"`
  return sh`{ printf '' >${raw(candidate)} || { taken=${at}; false; }; } && { [ -z "$plus" ] || keep ${raw(candidate)} ${write.path}; } && ${content(write)} >>${raw(candidate)} || { bad=${at}; break; }`
}

function content(write: Write): Sh {
  const { length } = write.bytes
  if (inputOf(write) === undefined) return sh`printf %s ${inScript(write.bytes) ?? ''}`
  const whole = Math.floor(length / BLOCK)
  const rest = length % BLOCK
  const parts = [
    ...(whole > 0 ? [`dd bs=${BLOCK} count=${whole} iflag=fullblock`] : []),
    ...(rest > 0 ? [`dd bs=${rest} count=1 iflag=fullblock`] : []),
  ]
  return sh`{ ${raw(parts.join(' && '))}; }`
}

const BLOCK = 65_536

/** What all candidates are given, by one process for each thing. chown comes first: it takes the set-user-ID bit away. */
function together(writes: readonly Write[]): Sh {
  const sizes = writes.map(({ bytes }) => bytes.length).join('\n')
  const grouped = (valueOf: (write: Write) => string) => {
    const groups = new Map<string, number[]>()
    for (const [at, write] of writes.entries()) groups.set(valueOf(write), [...(groups.get(valueOf(write)) ?? []), at])
    return [...groups].map(([value, places]) => [value, places.map((at) => `"${nth(at)}"`).join(' ')] as const)
  }
  return raw(
    [
      sh`[ "$(stat -c %s -- "$@")" = ${sizes} ]`.text,
      ...grouped(account).flatMap(([who, those]) => (who === '' ? [] : [`chown -- ${quote(who)} ${those}`])),
      ...grouped(({ mode }) => exactly(mode)).map(([mode, those]) => `chmod -- ${quote(mode)} ${those}`),
      'sync "$@"',
    ].join(' && '),
  )
}

function finish(write: Write, at: number): Sh {
  const { path, bytes, mode, validate, backup = false, from } = write
  const looks = [
    ...(validate === undefined ? [] : [sh`${check(validate)}\n${stopIfRefused(path, validate)}`]),
    ...(from === undefined ? [] : [stillAs(path, from)]),
    ...(backup ? [keepOld] : []),
  ]
  const call = sh`one ${at} "${raw(nth(at))}" ${path} ${bytes.length} ${account(write)} ${exactly(mode)}`
  if (looks.length === 0) return sh`${call} || exit $?`
  const whole = backup
    ? lines(oldName(path), sh`${call} || { r=$?; [ -z "$b" ] || rm -f -- "$b"; exit "$r"; }`)
    : sh`${call} || exit $?`
  return lines(raw('look() (\ncandidate=$1 path=$2'), ...looks, raw('exit 0\n)'), whole, raw('look() { :; }'))
}

/** Ends the script unless the validator accepted the candidate; its status is in `$r`. */
export function stopIfRefused(path: string, validate: Validator): Sh {
  return sh`case $r in 0) ;; 126|127) exit ${VALIDATOR_MISSING};;
*) echo ${`the validator refused the candidate, ${path} is untouched: ${words(validate)}`}" (exit $r)" >&2; exit ${CANDIDATE_REFUSED};; esac`
}

function stillAs(path: string, from: Uint8Array | 'nothing'): Sh {
  if (from === 'nothing')
    return sh`[ ! -e ${path} ] && [ ! -L ${path} ] ||
{ echo ${`${path} was not there, and somebody else has made it since: run again`} >&2; exit 1; }`
  return sh`[ "$(sha256sum <${path})" = ${`${sha256(from)}  -`} ] ||
{ echo ${`${path} was changed by somebody else while it was being edited: run again`} >&2; exit 1; }`
}

/**
 * Sets `b`, the name under which the old file is kept: with the time it was written, so that a second try keeps no second copy
 * (`named.conf.20260131T120107~`). Empty where it is kept already, or where there is none.
 */
function oldName(path: string): Sh {
  return sh`b=; if [ -f ${path} ] && [ ! -L ${path} ]; then
b=${backupPrefix(path)}.$(date -u -r ${path} +%Y%m%dT%H%M%S)~ || exit 1
[ ! -e "$b" ] || b=; fi`
}

const keepOld: Sh = raw(`[ -z "$b" ] || ln -- "$path" "$b" 2>/dev/null || cp -p -- "$path" "$b" || exit 1`)
