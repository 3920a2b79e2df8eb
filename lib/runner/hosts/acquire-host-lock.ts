import { RolecallError, type Problem } from '../../errors.ts'
import type { Host } from '../../host/host.ts'
import type { LockHolder, LockState } from '../../host/lock.ts'
import { isProcessAlive } from '../journal/process-alive.ts'
import { pause, type Wait } from './pause.ts'

/** The first pause between two attempts, and the longest: each pause is twice as long as the one before. */
const FIRST_POLL_MS = 20
const POLL_MS = 1000

/** How long to wait for the last command of a run that is gone, unless `seconds` is longer. */
const ORPHAN_SECONDS = 120

type Busy = Extract<LockState, { type: 'busy' }>

/**
 * Waits until this run has the host's lock. Throws a RolecallError (`busy`) that names the holder when the time is up.
 *
 * @param seconds how long to wait for another run; 0: not at all
 */
export async function acquireHostLock(
  host: Pick<Host, 'name' | 'lock' | 'lockAgain'>,
  requester: LockHolder,
  seconds: number,
  wait: Wait,
): Promise<void> {
  const startedAt = Date.now()
  let told: string | undefined
  let pauseMs = FIRST_POLL_MS
  for (let found = host.lock; found?.type === 'busy'; found = await host.lockAgain(requester)) {
    const lock = { ...found, orphan: found.orphan || isGone(found.holder, requester) }
    const most = lock.orphan ? Math.max(seconds, ORPHAN_SECONDS) : seconds
    // A holder writes its name just after it acquired the lock. One without a name may be this run itself, under another name of the host.
    const isFresh =
      lock.holder?.run === requester.run || (lock.holder === undefined && Date.now() - startedAt < POLL_MS)
    if (Date.now() - startedAt >= most * 1000 && !isFresh) throw new RolecallError(busyProblem(host.name, lock))
    const words = holderText(lock)
    // The shell of a run that has just ended is about to end too: not worth a message.
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
 * The holder ran on this machine and its process is gone, though the host still sees its connection (no network, no power). Host names are not
 * unique, so this is not enough to kill its shell: that happens after a minute without a sign of life.
 */
function isGone(holder: LockHolder | undefined, { machine }: LockHolder): boolean {
  return holder !== undefined && holder.machine === machine && !isProcessAlive(holder.pid, undefined)
}

function busyProblem(host: string, lock: Busy): Problem {
  return {
    code: 'busy',
    host,
    message: 'another run is using this host',
    expected: 'the host for this run alone',
    got: holderText(lock),
    hint: lock.orphan
      ? 'its last command ends by itself, at its deadline at the latest: --wait waits for that'
      : 'run again when it has ended, or with --wait; --wait 60 waits for at most a minute',
  }
}

/** `run 20261125-104103-9c41 of anna on laptop (process 4711), since 2026-11-25 10:41:03`. */
function holderText({ holder, orphan }: Busy): string {
  if (holder === undefined) return 'a run that has not given its name'
  const { run, user, machine, pid, since } = holder
  const who = `run ${run} of ${user} on ${machine} (process ${pid}), since ${new Date(since).toLocaleString('sv-SE')}`
  return orphan ? `the last command of ${who}, which is gone` : who
}
