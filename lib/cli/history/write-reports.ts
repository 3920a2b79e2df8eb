import { appendFileSync } from 'node:fs'
import { shownName } from '../../gate/gate.ts'
import { githubAnnotations, githubSummary } from '../../report/github.ts'
import type { PageDrift } from '../../report/html/contents.ts'
import { reportPage, type PageHead, type RunBefore } from '../../report/html/page.ts'
import { junitXml } from '../../report/junit.ts'
import { recordedRun, type RecordedRun } from '../../runner/journal/journal-events.ts'
import { isResumable, isSameRequest } from '../../runner/journal/run-history.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { print } from '../print.ts'
import { listedRun, listRuns } from '../../runner/run-index/run-index.ts'
import { writeWhole } from '../../machine/write-whole.ts'
import { endOf, resumeCommand } from './run-rows.ts'
import { headFacts } from './show.ts'
import { tellDoubts } from './told-journals.ts'

interface Wanted {
  readonly output: string | undefined
  readonly junit: string | undefined
  readonly github: boolean
  /** For a check that is compared with earlier ones: the differences, and since when they exist. */
  readonly drift?: PageDrift
}

/** Writes a run in each requested format. */
export function writeReports(run: string | undefined, { output, junit, github, drift }: Wanted): void {
  const recorded = recordedRun(run)
  tellDoubts(recorded)
  // Only the owner of a journal may read it, and a report has the same content.
  const options = { mode: 0o600 }
  if (output !== undefined)
    writeWhole(
      output,
      reportPage(
        { ...headOf(recorded), ...(drift === undefined ? {} : { drift }) },
        recorded.events,
        runBefore(recorded),
      ),
      options,
    )
  if (junit !== undefined) writeWhole(junit, junitXml(recorded.events), options)
  const written = [output, junit].filter((file) => file !== undefined)
  if (written.length > 0) print([`${recorded.past.run} is written to ${written.join(' and ')}`])
  if (!github) return
  process.stdout.write(
    githubAnnotations(recorded.events)
      .map((line) => `${line}\n`)
      .join(''),
  )
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summary !== '') appendFileSync(summary, githubSummary(recorded.events))
}

function headOf(recorded: RecordedRun): PageHead {
  const { past } = recorded
  return {
    run: shownName(past.run),
    // The title has the end of the run.
    facts: headFacts(recorded).filter(([word]) => word !== 'end'),
    end: endOf(listedRun(past)),
    ok: past.end === 'done',
    ...(isResumable(past) ? { resume: resumeCommand(past) } : {}),
  }
}

/** The previous run with the same request. */
function runBefore({ past }: RecordedRun): RunBefore | undefined {
  const before = listRuns(JOURNALS).runs.findLast((each) => each.at < past.at && isSameRequest(each, past))
  return before && { run: shownName(before.run), events: recordedRun(before.run).events }
}
