import { columnsOf } from '../../report/text/screen-size.ts'
import { JOURNALS } from '../../runner/journal/journal-directory.ts'
import { readRuns } from '../../runner/journal/run-history.ts'
import { listedRun, listRuns } from '../../runner/run-index/run-index.ts'
import { print, printJson } from '../print.ts'
import { tellUnreadable } from './told-journals.ts'
import { runLines, runsData } from './run-rows.ts'

/** The number of runs that fit on a screen. */
const LISTED = 20

/** `rolecall runs`: the last runs, or all of them, and the journals that cannot be read. */
export function showRuns({ json, all }: { readonly json: boolean; readonly all: boolean }): void {
  const { unreadable } = json ? showData(all) : showLines(all)
  tellUnreadable(unreadable, 'is not listed')
}

function showData(all: boolean) {
  const found = readRuns(JOURNALS, all ? Infinity : LISTED)
  printJson(runsData(found.runs))
  return found
}

function showLines(all: boolean) {
  const { runs, unreadable } = all ? listRuns(JOURNALS) : readLast()
  if (runs.length > 0) print(runLines(runs, columnsOf(process.stdout)))
  else process.stderr.write('No run has been recorded here yet.\n')
  return { unreadable }
}

function readLast() {
  const { runs, unreadable } = readRuns(JOURNALS, LISTED)
  return { runs: runs.map(listedRun), unreadable }
}
