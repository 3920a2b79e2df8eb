import { RolecallError, type Problem } from '../../errors.ts'
import type { Host } from '../../host/host.ts'
import type { LockHolder, LockState } from '../../host/lock.ts'
import { isProcessAlive } from '../journal/process-alive.ts'
import { pause } from './pause.ts'

/** Looks again so soon at first, for what is over in a moment, then after twice as long, and at last once a second. */
const FIRST_POLL_MS = 20
const POLL_MS = 1000

/** A run that is gone has its last command still running: that one is waited for so long, unless more was asked for. */
const ORPHAN_SECONDS = 120

type Busy = Extract<LockState, { type: 'busy' }>

/**
 * Has the host for this run alone, or waits until it has. Throws a RolecallError (`busy`) that says who has it.
 *
 * @param seconds how long to wait for another run; 0: not at all
 */
export async function acquireHostLock(
  host: Pick<Host, 'name' | 'lock' | 'lockAgain'>,
  claim: LockHolder,
  seconds: number,
  wait: { readonly say: (message: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const startedAt = Date.now()
  let told: string | undefined
  let pauseMs = FIRST_POLL_MS
  for (let found = host.lock; found?.type === 'busy'; found = await host.lockAgain(claim)) {
    const lock = { ...found, orphan: found.orphan || isGone(found.holder, claim) }
    const most = lock.orphan ? Math.max(seconds, ORPHAN_SECONDS) : seconds
    // Whoever has taken it this very moment has not written its name yet, or had not when it was looked for: this run itself, under another
    // of the host's names.
    const isFresh = lock.holder?.run === claim.run || (lock.holder === undefined && Date.now() - startedAt < POLL_MS)
    if (Date.now() - startedAt >= most * 1000 && !isFresh) throw new RolecallError(busyProblem(host.name, lock))
    const words = holderText(lock)
    // The shell of a run that has just ended goes by itself.
    const mayGo = isFresh || (lock.orphan && pauseMs === FIRST_POLL_MS)
    if (words !== told && !mayGo) {
      wait.say(`${words}: waiting ${most === Infinity ? 'until it is free' : `up to ${most} s`}`)
      told = words
    }
    await pause(pauseMs, wait.signal)
    pauseMs = Math.min(POLL_MS, pauseMs * 2)
  }
}

/**
 * The host has not noticed that the connection is gone (no network, no power), but a run of this very machine is known to be. Its shell
 * ends when it has been silent for a minute: another machine may bear the same name, so it is not ended on that word alone.
 */
function isGone(holder: LockHolder | undefined, { machine }: LockHolder): boolean {
  return holder !== undefined && holder.machine === machine && !isProcessAlive(holder.pid, undefined)
}

function busyProblem(host: string, lock: Busy): Problem {
  return {
    code: 'busy',
    host,
    message: 'another run is at work on it',
    expected: 'the host for this run alone',
    got: holderText(lock),
    hint: lock.orphan
      ? 'its last command ends by itself, at its deadline at the latest: --wait waits for that'
      : 'run again when it has ended, or with --wait; --wait 60 waits for at most a minute',
  }
}

/** `run 20261125-104103-9c41 of anna on laptop (process 4711), since 2026-11-25 10:41:03`. */
function holderText({ holder, orphan }: Busy): string {
  if (holder === undefined) return 'a run that has not said its name'
  const { run, user, machine, pid, since } = holder
  const who = `run ${run} of ${user} on ${machine} (process ${pid}), since ${new Date(since).toLocaleString('sv-SE')}`
  return orphan ? `the last command of ${who}, which is gone` : who
}
