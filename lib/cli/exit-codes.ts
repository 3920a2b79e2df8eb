import { constants } from 'node:os'
import type { Ending } from '../report/report.ts'

/** The exit codes of the program. */
export const EXIT = {
  done: 0,
  /** The request is wrong, and no host was touched; or output or the journal could not be written. */
  request: 1,
  /** A host failed. Wins over `unreachable`, because somebody must look at a failure. */
  failed: 2,
  /** With `check --exit-code`: something would change. */
  wouldChange: 3,
  unreachable: 4,
  /** A saved plan no longer matches the changes that apply would make. */
  stalePlan: 5,
  /** A bug in Rolecall: sysexits.h's EX_SOFTWARE. */
  bug: 70,
  /** 128 + SIGHUP, SIGINT and SIGTERM, as shells report them. */
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** The exit code of a program that this signal has ended, as shells report it. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

/** Whether a command has ended because it was told to, and not because of its result. */
export function isInterruption(code: number | string | null | undefined): boolean {
  return code === EXIT.hungUp || code === EXIT.interrupted || code === EXIT.terminated
}

export interface Circumstances {
  /** The signal that ended the command. */
  readonly endedBy: NodeJS.Signals | undefined
  /** `--exit-code` */
  readonly changesCount: boolean
}

/** The exit code for how a run ended. */
export function exitCodeOf(
  { summary, failedUnits, isStale, hasFailedHere }: Ending,
  { endedBy, changesCount }: Circumstances,
): number {
  const hosts = Object.values(summary?.hosts ?? {})
  if (endedBy !== undefined) return exitCodeOfSignal(endedBy)
  if (isStale) return EXIT.stalePlan
  if (failedUnits > 0 || hosts.some((host) => host.failed > 0 && !host.unreachable)) return EXIT.failed
  if (hosts.some((host) => host.unreachable)) return EXIT.unreachable
  if (summary?.ok !== true) return EXIT.failed
  if (hasFailedHere) return EXIT.request
  if (changesCount && hosts.some((host) => host.changed > 0)) return EXIT.wouldChange
  return EXIT.done
}
