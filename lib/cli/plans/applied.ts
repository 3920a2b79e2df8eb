import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { RolecallError } from '../../errors.ts'
import { makeDirectory } from '../../machine/make-directory.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import type { RunFacts } from '../../runner/journal/past-run.ts'
import { momentText } from '../../runner/plan/approval.ts'
import type { SavedPlan } from '../../runner/plan/plan-file.ts'
import { listRuns } from '../../runner/run-index/run-index.ts'

/** The directory with the ids of plans whose apply has begun. */
const APPLIED = '.rolecall/plans'

/**
 * The run that began to apply a plan and did not come to its end, so that the rest may be done. Undefined for a plan that no run has begun. Throws a
 * RolecallError for a plan that was applied, or that a run is just applying.
 */
export function begunRun({ id }: SavedPlan, file: string, again: string): RunFacts | undefined {
  if (!existsSync(join(APPLIED, id))) return undefined
  const run = listRuns(JOURNALS).runs.findLast(({ request }) => request.plan === id)
  const refuse = (message: string, hint: string) =>
    new RolecallError({ code: 'stale-plan', message, hint, place: { file } })
  // Without a journal nobody can know how far it came.
  if (run === undefined) throw refuse('the plan was applied already, and a plan applies once', again)
  if (run.end === 'running') throw refuse(`run ${run.run} is applying the plan now`, 'wait until it has ended')
  if (run.end === 'done')
    throw refuse(
      `the plan was applied already, by run ${run.run} at ${momentText(run.at)}, and a plan applies once`,
      again,
    )
  return run
}

/**
 * Marks a plan as begun. Of two processes that apply a plan at the same time, one is refused.
 *
 * @param before the run whose rest is done
 * @returns removes the mark of a run that did not begin
 */
export function markBegun({ id }: SavedPlan, before: RunFacts | undefined): () => void {
  makeDirectory(APPLIED, 0o700)
  const mark = join(APPLIED, before === undefined ? id : `${id}.${before.run}`)
  try {
    writeWhole(mark, `${new Date().toISOString()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new RolecallError({
      code: 'stale-plan',
      message: 'another process has just begun to apply the plan',
      hint: 'rolecall runs shows how it ends',
    })
  }
  return () => rmSync(mark, { force: true })
}
