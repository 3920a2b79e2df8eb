import { lines, raw, sh, type Sh } from '../../sh/quote.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { Step } from '../kit/kind.ts'
import { allAfter } from '../kit/text.ts'

/** A lock of the account files that nobody holds, and that the tools of shadow would wait for in vain. */
export interface StaleLock {
  readonly path: string
  /** The process that it names; undefined when it names none. */
  readonly process?: string | undefined
}

const LOCKED = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((file) => `/etc/${file}`)

/**
 * Says which locks of the account files are stale: `stale-lock FILE PROCESS`. The tools of shadow remove the lock of a process that is gone, but give up
 * upon one that holds anything else than a number, such as an empty one after a power cut. They put a whole file in its place by
 * link(2), so no lock is half-written.
 *
 * Source: shadow 4.13, lib/commonio.c, `do_lock_file` and `get_pid`; lckpwdf(3).
 */
export const probeLocks: Sh = sh`for f in ${LOCKED}; do [ ! -e "$f.lock" ] || {
k=$(tr -d '\\000' <"$f.lock" 2>/dev/null; echo .); k=\${k%.}
case $k in '' | *[!0-9]*) k=$(echo $k); case $k in *[!0-9]*) k=;; esac; [ -n "$k" ] && [ -d "/proc/$k" ] || echo "stale-lock $f.lock $k";; esac; }; done`

export function readLocks(said: readonly string[]): readonly StaleLock[] {
  return allAfter(said, 'stale-lock').flatMap((rest) => {
    const [, path, process = ''] = /^(\S+) ?(\d*)$/.exec(rest) ?? []
    return path === undefined ? [] : [{ path, process: process === '' ? undefined : process }]
  })
}

/** Takes stale locks away, so that a tool which changes accounts, of a package's scripts too, does not stop half-way. */
export function unlockSteps(locks: readonly StaleLock[]): readonly Step[] {
  return locks.map(({ path, process }) => ({
    summary: `remove the stale lock ${path}${process === undefined ? '' : ` of process ${process}, which is gone`}`,
    sh: lines(process === undefined ? raw(':') : sh`[ ! -d ${`/proc/${process}`} ] || exit 1`, sh`rm -f -- ${path}`),
    cleanupOnly: true,
  }))
}

/** Gone once anything is done that takes them away. */
export function unlockEffects(locks: readonly StaleLock[]): readonly Effect[] {
  return locks.map(({ path }) => ({ type: 'path', path, state: { type: 'absent' } }))
}

/** Those that no earlier change takes away. The very same list comes back when none does. */
export function locksLater(locks: readonly StaleLock[], prediction: Prediction): readonly StaleLock[] {
  const left = locks.filter(({ path }) => prediction.paths.get(path)?.state.type !== 'absent')
  return left.length === locks.length ? locks : left
}
