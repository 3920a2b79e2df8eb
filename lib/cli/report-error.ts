import { RolecallError, type Problem } from '../errors.ts'
import type { Mode } from '../events.ts'
import { shown, shownText } from '../gate/gate.ts'
import { errorMessage } from '../text/error-message.ts'
import { stackOf } from '../thrown.ts'
import { environmentProblem } from './environment.ts'
import { EXIT } from './exit-codes.ts'

/** How errors are printed. */
export interface ErrorOutput {
  readonly json: boolean
  readonly verbose: boolean
  /** Set for a run, whose JSON always ends with a summary. */
  readonly mode?: Mode
}

/** Prints an error and returns its exit code. A user's mistake never shows a stack. */
export async function reportError(error: unknown, output: ErrorOutput): Promise<number> {
  const problems = problemsOf(error)
  if (output.json) process.stdout.write(jsonLines(problems ?? [bugProblem(error)], output.mode))
  else if (problems !== undefined) await printProblems(problems)
  else printBug(error, output)
  if (problems === undefined) return EXIT.bug
  if (problems.some(({ code }) => code === 'stale-plan')) return EXIT.stalePlan
  // Ctrl-C or Ctrl-D at a prompt.
  return problems.some(({ code }) => code === 'cancelled') ? EXIT.interrupted : EXIT.request
}

async function printProblems(problems: readonly Problem[]): Promise<void> {
  const [{ problemsText }, { paintFor }, { columnsOf }] = await Promise.all([
    import('../report/problem.ts'),
    import('../report/text/paint.ts'),
    import('../report/text/screen-size.ts'),
  ])
  const columns = process.stderr.isTTY ? columnsOf(process.stderr) : undefined
  process.stderr.write(`${problemsText(shown(problems), paintFor('stderr'), columns)}\n`)
}

type ReportedProblem = Omit<Problem, 'code'> & { readonly code: Problem['code'] | 'bug' }

function jsonLines(problems: readonly ReportedProblem[], mode: Mode | undefined): string {
  const at = Date.now()
  const events = [
    ...problems.map((problem) => ({ type: 'problem', problem, at })),
    ...(mode === undefined ? [] : [{ type: 'summary', mode, ok: false, durationMs: 0, hosts: {} }]),
  ]
  return events.map((event) => `${JSON.stringify(shown(event))}\n`).join('')
}

const REPORT_TO = 'This is a bug in Rolecall. Please report it with what you did, and the stack that DEBUG=1 shows.'

function printBug(error: unknown, { verbose }: ErrorOutput): void {
  const message = errorMessage(error)
  const stack = verbose || (process.env['DEBUG'] ?? '') !== '' ? `\n${stackOf(error)}` : ''
  process.stderr.write(`${shownText(`rolecall stopped unexpectedly: ${message}\n${REPORT_TO}${stack}`)}\n`)
}

function bugProblem(error: unknown): ReportedProblem {
  return { code: 'bug', message: errorMessage(error), hint: REPORT_TO }
}

/** The problems of a mistake of the user or of the machine; undefined for a bug. */
function problemsOf(error: unknown): readonly Problem[] | undefined {
  if (error instanceof RolecallError) return error.problems
  const problem = environmentProblem(error)
  return problem && [problem]
}
