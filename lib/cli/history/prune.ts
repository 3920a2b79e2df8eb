import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { lastUnfinished } from '../../runner/journal/run-history.ts'
import type { RunFacts } from '../../runner/journal/past-run.ts'
import { tidyIndex } from '../../runner/run-index/run-index.ts'

const DAY_MS = 86_400_000

/**
 * The runs that nobody needs any more: those older than so many days, without the latest ones, one that is still running, the one that `rolecall resume`
 * would take, and those that a run which is kept goes on from.
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
  // A set that grows while it is gone through is gone through to its end.
  for (const { resumes } of kept) {
    const earlier = resumes === undefined ? undefined : byName.get(resumes)
    if (earlier !== undefined) kept.add(earlier)
  }
  return runs.filter((past) => !kept.has(past))
}

/** Removes the journals of runs, and what the index says of them. */
export function removeJournals(directory: string, runs: readonly Pick<RunFacts, 'run'>[]): void {
  for (const { run } of runs) rmSync(join(directory, `${run}.jsonl`), { force: true })
  tidyIndex(directory)
}
