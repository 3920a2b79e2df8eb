import type { Ending } from '../report/report.ts'

/** What a process tells the one that started it. */
export const EXIT = {
  done: 0,
  /** The request itself is wrong, and no host was touched; or what is printed could not be written. */
  request: 1,
  /** A host failed. It wins over `unreachable`, since it is what somebody must look at. */
  failed: 2,
  /** With `check --exit-code`: something would change. */
  wouldChange: 3,
  unreachable: 4,
  /** A saved plan is not what would be done any more. */
  stalePlan: 5,
  /** A bug in Rolecall: sysexits.h's EX_SOFTWARE. */
  bug: 70,
  /** As a shell says it of what Ctrl-C ended. */
  interrupted: 130,
} as const

export interface Circumstances {
  readonly interrupted: boolean
  /** `--exit-code` */
  readonly changesCount: boolean
}

/** The exit code of a run that has ended. */
export function exitCodeOf(
  { summary, failedUnits, isStale }: Ending,
  { interrupted, changesCount }: Circumstances,
): number {
  const hosts = Object.values(summary?.hosts ?? {})
  if (interrupted) return EXIT.interrupted
  if (isStale) return EXIT.stalePlan
  if (failedUnits > 0 || hosts.some((host) => host.failed > 0 && !host.unreachable)) return EXIT.failed
  if (hosts.some((host) => host.unreachable)) return EXIT.unreachable
  if (summary?.ok !== true) return EXIT.failed
  if (changesCount && hosts.some((host) => host.changed > 0)) return EXIT.wouldChange
  return EXIT.done
}
