import { posix } from 'node:path'
import { lines, raw, sh, type Sh } from '../../../sh/quote.ts'
import { onSignals } from './temp-file.ts'
import { candidatePrefix } from '../path/candidate-names.ts'
import type { Found } from '../path/path-answer.ts'
import { walk } from '../path/walk.ts'

/**
 * Shell functions for steps in a directory that another account can change.
 *
 * New files are made in a private directory of root's in the same directory, and that the shell has entered: its owner cannot
 * enter it, cannot empty it, and cannot move it into another directory, so `..` stays what was entered first. From there a rename
 * puts things in place, and follows nothing.
 *
 * - `path_enter DIR OWNER` makes DIR the working directory, or ends the script.
 * - `path_made DIR OWNER` does the same, and makes what is missing of it.
 * - `path_stage PREFIX` makes and enters such a directory; the script's exit removes it. Sets `new`, a name in it.
 * - `path_lay NAME KIND` gives `./$new` its name in the directory above: a `dir` takes the place of nothing but an empty directory.
 * - `path_is ID` compares what is seen now with what the plan was made from.
 * - `path_prune NAME` removes a directory with everything in it. GNU rm is safe where others rename directories meanwhile; others follow
 *   a link that comes in the place of a directory, so every directory is entered first.
 * - `path_tidy PREFIX` removes what a killed run has left.
 *
 * They read `path_me` and set `stage`, `new` and `room`, the private directory of a validator.
 *
 * Source: rename(2), mktemp(1), path_resolution(7); rm of coreutils, which walks by openat(2) with O_NOFOLLOW.
 */
const functions: Sh = lines(
  raw(`path_me=$(id -u)
stage= new= room=
path_fail() { echo "$1" >&2; exit 1; }
path_enter() { path_hold "$1" "$2" || path_fail "$1 cannot be reached without a link that another account laid, or somebody renames things there now"; }
path_made() {
local d r at
d=$1 r=
while [ ! -e "$d" ] && [ ! -L "$d" ]; do r=/\${d##*/}$r d=\${d%/*}; d=\${d:-/}; done
path_enter "$d" "$2"
r=\${r#/}
while [ -n "$r" ]; do
at=\${PWD%/}/\${r%%/*}
(umask 022; mkdir -- "./\${r%%/*}") && cd -P -- "./\${r%%/*}" && [ "$PWD" = "$at" ] || path_fail "$1 cannot be made"
case $r in */*) r=\${r#*/};; *) r=;; esac
done
}
path_stage() {
local at
at=\${PWD%/}
umask 077
trap path_leave EXIT`),
  onSignals,
  raw(`stage=$(mktemp -d "./$1XXXXXX") || exit 1
new=new.\${stage##*.}
if cd -P -- "$stage" 2>/dev/null && [ "$PWD" = "$at/\${stage#./}" ]; then
case $(stat -c %u:%a .) in "$path_me":*700) : >.rolecall-stage; return;; esac
fi
stage=
path_fail "somebody renames things in \${at:-/} now"
}
path_leave() {
[ -z "$room" ] || rm -rf -- "$room"
[ -z "$stage" ] || { rm -rf -- "./$new" "./$new.old" .rolecall-stage; cd -P .. && rmdir -- "$stage"; } 2>/dev/null
}
path_lay() {
local n
n=0
until mv -fT -- "./$new" "../$1" 2>.rolecall-stage; do
if [ "$2" = dir ] || { [ -d "../$1" ] && [ ! -L "../$1" ]; } || [ "$n" -gt 10 ]; then cat .rolecall-stage >&2; return 1; fi
n=$((n+1))
[ ! -L "../$1" ] || rm -f -- "../$1"
done
if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "../$1" >&2; fi
return 0
}
path_is() { [ "$1" = "\${id%:*}" ] || { [ -z "$1" ] && [ "\${id##*:}" = 1 ]; } || path_fail "somebody has put something else there meanwhile: run again"; }
path_prune() {
case $(rm --version 2>/dev/null) in *GNU*) rm -rf -- "./$1";; *) path_sweep "$1";; esac
}
path_sweep() {
if [ -L "./$1" ] || [ ! -d "./$1" ]; then rm -f -- "./$1"; return; fi
(
at=\${PWD%/}/$1
cd -P -- "./$1" && [ "$PWD" = "$at" ] || exit 1
for e in * .[!.]* ..?*; do
if [ -e "$e" ] || [ -L "$e" ]; then path_sweep "$e" || exit 1; fi
done
) && rmdir -- "./$1"
}
path_tidy() {
local c
for c in "./$1"??????; do
if [ -e "$c" ] || [ -L "$c" ]; then path_stale "$c" || continue; else continue; fi
if [ -L "$c" ] || [ ! -d "$c" ]; then rm -f -- "$c"; continue; fi
(
at=\${PWD%/}/\${c#./}
cd -P -- "$c" && [ "$PWD" = "$at" ] || exit 0
case $(stat -c %u:%a .) in "$path_me":*700) ;; *) exit 0;; esac
[ ! -f .rolecall-stage ] || rm -rf -- ./* ./.[!.]* ./..?*
cd -P .. && rmdir -- "$c"
)
done
}`),
)

/** What every script in a directory that is not trusted begins with. */
export const untrusted: Sh = lines(walk, functions)

/** Enters the directory of a path. */
export function enter(path: string, owner = ''): Sh {
  return lines(untrusted, sh`path_enter ${posix.dirname(path)} ${owner}`)
}

/** Enters a private directory beside a path. What is made there as `./$new`, `lay` gives its name. */
export function stage(path: string, owner = ''): Sh {
  return lines(enter(path, owner), stageHere(path))
}

export function stageHere(path: string): Sh {
  return sh`path_stage ${posix.basename(candidatePrefix(path))}`
}

export function lay(path: string, kind: 'file' | 'dir' = 'file'): Sh {
  return sh`path_lay ${posix.basename(path)} ${kind} || exit 1`
}

/** Opens the regular file that the plan was made from, as `$p`. */
export function open({ path, way }: Pick<Found, 'path' | 'way'>): Sh {
  return sh`path_look ${posix.basename(path)} || exit 1
path_is ${way?.inode ?? ''}
case $s in 8*) ;; *) path_fail ${`${path} is not a regular file any more`};; esac`
}
