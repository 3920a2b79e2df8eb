import { shownName } from '../../gate/gate.ts'
import { paintFor, type Paint } from '../../report/text/paint.ts'
import { recapLines } from '../../report/recap.ts'
import { VERBOSE, VERY_VERBOSE, type Verbosity } from '../../report/verbosity.ts'
import { counted } from '../../report/text/words.ts'
import { PlainLog } from '../../report/views/plain-log.ts'
import type { RecordedRun } from '../../runner/journal/journal-events.ts'
import { typedExtra } from '../../runner/journal/request.ts'
import { isResumable } from '../../runner/journal/run-history.ts'
import { listedRun } from '../../runner/run-index/run-index.ts'
import { endOf, resumeCommand } from './run-rows.ts'

/** The details of a past run: user, time and command, the lines of its log with the output of steps, and the recap. */
export function showLines(recorded: RecordedRun, verbosity: Verbosity, paint: Paint = paintFor('stdout')): string[] {
  const { past, events } = recorded
  const log = new PlainLog()
  const lines = events.flatMap((event) => log.take(event, { paint, diff: true, verbosity }))
  const resume = isResumable(past) ? { resume: () => resumeCommand(past) } : {}
  const recap =
    log.tally.summary === undefined
      ? ['', paint.failed(endOf(listedRun(past)))]
      : recapLines(log.tally, { paint, changes: 'folded', next: resume })
  return [...headLines(recorded), '', ...lines, ...recap]
}

/** The user, the command, the time, and the versions of files. */
function headLines(recorded: RecordedRun): string[] {
  return headFacts(recorded).map(([word, text]) => `${word.padEnd(8)} ${text}`)
}

/** The same as labels with texts. */
export function headFacts({ past, opening, source, damaged }: RecordedRun): [word: string, text: string][] {
  const { by, request } = past
  const rows: [string, string | undefined][] = [
    ['run', past.run],
    ['when', new Date(past.at).toLocaleString('sv-SE', { timeZoneName: 'shortOffset' })],
    ['who', `${by.user} on ${by.machine}`],
    ['command', commandOf(request)],
    ['commit', source.commit === undefined ? undefined : commitText(source)],
    ['ci', opening.ci],
    ['version', opening.program],
    ['resumes', past.resumes],
    [
      'damaged',
      damaged === 0
        ? undefined
        : `${counted(damaged, 'line')} of the journal cannot be read: something is missing here`,
    ],
    ['end', endOf(listedRun(past))],
  ]
  return rows.flatMap(([word, text]) => (text === undefined ? [] : [[word, shownName(text)]]))
}

/** `1a2b3c4 on main, with uncommitted changes`. */
export function commitText({ commit = '', branch, dirty = false }: RecordedRun['source']): string {
  return `${commit.slice(0, 12)}${branch === undefined ? '' : ` on ${branch}`}${dirty ? ', with uncommitted changes' : ''}`
}

/** The command of a run. Of values that were not recorded, it has only the names. */
export function commandOf({
  mode,
  playbook,
  inventory,
  limit,
  roles = [],
  tags = [],
  skipTags = [],
  startAt,
  extra,
  withheld,
  command,
}: RecordedRun['past']['request']): string {
  return [
    `rolecall ${command ?? `${mode} ${playbook}`}`,
    ...[inventory].flat().flatMap((path) => (path === 'inventory' ? [] : [`-i ${path}`])),
    // A command by hand names its hosts itself.
    ...(limit === undefined || command !== undefined ? [] : [`-l '${limit}'`]),
    ...roles.map((role) => `--role ${role}`),
    ...(tags.length === 0 ? [] : [`--tags ${tags.join(',')}`]),
    ...(skipTags.length === 0 ? [] : [`--skip-tags ${skipTags.join(',')}`]),
    ...(startAt === undefined ? [] : [`--start-at ${startAt}`]),
    ...extra.map((given) => `-e '${given}'`),
    ...withheld.map((name) => typedExtra(name)),
  ].join(' ')
}

/** Without `-v`, a past run is shown as with one `-v`, because the output of its steps is what the journal adds. Each `-v` shows more. */
export function verbosityOf(verbose: number): Verbosity {
  return verbose > 0 ? VERY_VERBOSE : VERBOSE
}
