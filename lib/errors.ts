/** A place in the user's own files. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/**
 * The kind of a problem. The list is closed, so that exit codes and reports can be exhaustive.
 *
 * The first group is the request's own fault and is found before any host is touched; the second means that a host could not be reached; the third
 * that work on a host failed.
 */
export type ProblemCode =
  | RequestProblem
  | 'host-key'
  | 'connect'
  | 'auth'
  | 'lost'
  /** The host's answer is no valid answer, too long, or did not arrive in time. */
  | 'answer'
  | 'become'
  | 'busy'
  | 'step-failed'
  | 'step-timeout'
  | 'unit-timeout'
  | 'candidate-refused'
  | 'not-converged'
  | 'unsupported'
  | 'verify-failed'
  | 'role-threw'
  | 'not-awaited'
  | 'not-ensured'
  /** The approved plan is not what would be done any more. */
  | 'stale-plan'
  /** A policy of the project forbids the change. */
  | 'policy'
  | 'cancelled'

export type RequestProblem = 'usage' | 'inventory' | 'vars' | 'pattern' | 'playbook' | 'lab'

/** One problem as plain data: where, what was expected, what was got, and what to do next. */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence that names the thing, without its place: `unknown variable "forwarder" for role dns-server`. */
  readonly message: string
  readonly place?: Place
  readonly host?: string
  readonly role?: string
  /** `kind:name`, as in `file:/etc/named.conf`. */
  readonly resource?: string
  readonly expected?: string
  readonly got?: string
  /** What to do next: a command to run, a line to change. */
  readonly hint?: string
  /** The output of the host, such as the last lines of a failed command. */
  readonly output?: string
  /** The last line of the output, from standard error where there is one: for views with a single line. */
  readonly lastLine?: string
}

/** The one error that Rolecall throws on purpose. It carries every problem that could be known at the time. */
export class RolecallError extends Error {
  override readonly name = 'RolecallError'
  readonly problems: readonly Problem[]

  constructor(problems: Problem | readonly Problem[]) {
    const all = 'code' in problems ? [problems] : problems
    super(all.map((problem) => problem.message).join('\n'))
    this.problems = all
  }
}

/** Whether npm has put another version of Rolecall there during the run. Thrown by bin/load.js, which cannot import RolecallError. */
export function isProgramReplaced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_PROGRAM_REPLACED'
}
