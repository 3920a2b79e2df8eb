import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { lastUnfinished } from '../../runner/journal/run-history.ts'
import type { RunFacts } from '../../runner/journal/past-run.ts'
import { tidyIndex } from '../../runner/run-index/run-index.ts'

const DAY_MS = 86_400_000

/**
 * The runs to remove: those older than the given number of days. Not included are the latest ones, a running one, the one that `rolecall resume` would
 * continue, and runs that a kept run has continued.
 */
export function outdated<Run extends RunFacts>(
  runs: readonly Run[],
  { days, keep, now }: { readonly days: number; readonly keep: number; readonly now: number },
): Run[] {
  const latest = runs.slice(Math.max(0, runs.length - keep))
  const kept = new Set([...latest, ...runs.filter(({ at, end }) => now - at <= days * DAY_MS || end === 'running')])
  const open = lastUnfinished(runs)
  if (open !== undefined) kept.add(open)
  const byName = new Map(runs.map((past) => [past.run, past]))
  // The loop also visits runs that are added to the set meanwhile.
  for (const { resumes } of kept) {
    const earlier = resumes === undefined ? undefined : byName.get(resumes)
    if (earlier !== undefined) kept.add(earlier)
  }
  return runs.filter((past) => !kept.has(past))
}

/** Removes the journals of runs and their entries in the index. */
export function removeJournals(directory: string, runs: readonly Pick<RunFacts, 'run'>[]): void {
  for (const { run } of runs) rmSync(join(directory, `${run}.jsonl`), { force: true })
  tidyIndex(directory)
}
