import type { Ending } from '../report/report.ts'

/** The exit codes of the program. */
export const EXIT = {
  done: 0,
  /** The request is wrong, and no host was touched; or output could not be written. */
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
  /** 128 + SIGINT, as shells report it. */
  interrupted: 130,
} as const

export interface Circumstances {
  readonly interrupted: boolean
  /** `--exit-code` */
  readonly changesCount: boolean
}

/** The exit code for how a run ended. */
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
