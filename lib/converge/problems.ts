import type { Problem } from '../errors.ts'
import { VALIDATOR_MISSING } from '../resources/files/writing/validate.ts'
import { CANDIDATE_REFUSED } from '../resources/files/writing/write.ts'
import type { Evaluation, Refused, Resource, Step, Unknown } from '../resources/kit/kind.ts'
import type { StepFailure } from '../resources/kit/plan.ts'
import { redact } from '../gate/redact.ts'
import type { Suspects } from './actors.ts'
import type { StepResult } from './round-trips/apply-batch.ts'
import type { Forecast } from './forecast.ts'
import type { ConvergeContext } from './converge-context.ts'

/** The exit status of GNU timeout when a command takes too long. */
const TIMED_OUT = 124
const TAIL_LINES = 20

/** The problem of a resource that cannot be made as wanted. */
export function unsupported(context: ConvergeContext, resource: Resource, why: Refused | Unknown): Problem {
  const { hint } = 'refused' in why ? why : {}
  return {
    ...about(context, resource),
    code: 'unsupported',
    message: 'refused' in why ? why.refused : why.unknown,
    ...(hint === undefined ? {} : { hint }),
  }
}

export function refusedCandidate(
  context: ConvergeContext,
  resource: Resource,
  said: string,
  failure: StepFailure = {
    why: 'the validator refuses the candidate; the live file is untouched',
    hint: 'correct the role or its variables until the validator accepts the content',
  },
): Problem {
  return {
    ...about(context, resource),
    code: 'candidate-refused',
    message: failure.why,
    output: tail(said),
    ...lastLineOf(said, ''),
    hint: failure.hint,
  }
}

/** The host lacks the program that validates the candidate. */
export function missingValidator(context: ConvergeContext, resource: Resource, said: string): Problem {
  return {
    ...about(context, resource),
    code: 'unsupported',
    message: 'the validator is not on the host; the live file is untouched',
    output: tail(said),
    ...lastLineOf(said, ''),
    hint: 'put the package that has it before this resource',
  }
}

export function stepFailed(context: ConvergeContext, { item, step, code, stdout, stderr }: StepResult): Problem {
  const planned = item.plan.steps[step]
  const summary = planned?.summary ?? 'keep the files that would change'
  const output = bothStreams(stdout, stderr)
  if (code === VALIDATOR_MISSING && item.plan.validation !== undefined)
    return missingValidator(context, item.resource, output)
  if (code === CANDIDATE_REFUSED) return refusedCandidate(context, item.resource, output)
  if (code === TIMED_OUT)
    return {
      ...about(context, item.resource),
      code: 'step-timeout',
      message: `could not ${summary}: ${endedBy(context, planned)}; it and its children were ended`,
      output,
      hint: 'run again when the cause is gone, or give the resource, or its role, a longer deadline',
    }
  const meant = planned?.failures?.[code]
  return {
    ...about(context, item.resource),
    code: 'step-failed',
    message: `could not ${summary}: ${meant?.why ?? `it ended with status ${code}`}`,
    output,
    ...lastLineOf(stdout, stderr),
    hint:
      meant?.hint ??
      deniedHint(output, context.host.facts.uid) ??
      'correct what the host complains of, then run again: finished work is not repeated',
  }
}

/** Which deadline ended a step: that of its role, or its own. */
function endedBy({ until }: ConvergeContext, step: Step | undefined): string {
  if (until !== undefined && Date.now() >= until - 1000) return 'it reached the deadline of its role'
  return step?.deadline === undefined ? 'it reached its deadline' : `it reached its deadline of ${step.deadline} s`
}

/** The problem of a resource that is not as wanted after its steps: by themselves, or because a later resource undid them. */
export function notConverged(context: ConvergeContext, undone: Forecast, { actors, isSure }: Suspects): Problem {
  const common = {
    ...about(context, undone.resource),
    code: 'not-converged',
    expected: 'nothing left to do',
    got: leftToDo(undone.evaluation),
  } as const
  const [actor, ...others] = actors.map(({ resource }) => resource)
  const { id } = undone.resource
  if (actor === undefined)
    return {
      ...common,
      message: 'did not converge: its steps were made, and it still is not as wanted',
      hint: 'what was asked for and what the host makes of it differ: compare the value above',
    }
  const most = isSure ? '' : 'most likely '
  if (others.length === 0)
    return {
      ...common,
      message: `did not converge: ${most}${actor.id}, which comes later, undid it`,
      hint: `put ${id} after ${actor.id}${at(actor)}, or ask for what ${actor.id} makes of it`,
    }
  const names = actors.map(({ resource }) => resource.id).join(', ')
  return {
    ...common,
    message: `did not converge: ${most}one of ${names}, which come later, undid it`,
    hint: `give them to ensure calls of their own to see which it is, and put ${id} after it`,
  }
}

/** The problem of something that was started, and was not up any more a little later. */
export function notUp(
  context: Pick<ConvergeContext, 'host' | 'role'>,
  resource: Resource,
  { message, log }: { readonly message: string; readonly log: string },
): Problem {
  return {
    ...about(context, resource),
    code: 'step-failed',
    message,
    output: tail(log),
    ...lastLineOf(log, ''),
    hint: 'correct what its log complains of, then run again; if it needs what comes in a later play, start it there',
  }
}

function leftToDo(evaluation: Evaluation): string {
  if (evaluation.type === 'planned') return evaluation.plan.steps.map((step) => step.summary).join(', ')
  return evaluation.type === 'refused' ? evaluation.refused : 'it cannot be planned any more'
}

/** The hint for a permission that is denied to a user other than root. */
export function deniedHint(output: string, uid: number): string | undefined {
  const isDenied =
    /permission denied|operation not permitted|must be root|are you root|superuser|root privileges/i.test(output)
  if (!isDenied || uid === 0) return undefined
  return `the role works as user ${uid}, which may not do that: set ansible_become: true for the host, or give that user the right`
}

/** Why an observer stops the change of a resource. */
export function objected(context: ConvergeContext, { id }: Resource, objection: Problem): Problem {
  return { host: context.host.name, role: context.role, resource: id, ...objection }
}

function about({ host, role }: Pick<ConvergeContext, 'host' | 'role'>, { id, madeAt }: Resource) {
  const { place } = madeAt
  return { host: host.name, role, resource: id, ...(place === undefined ? {} : { place }) }
}

function at({ madeAt }: Resource): string {
  const { place } = madeAt
  return place === undefined ? '' : ` (${[place.file, place.line ?? 1, place.column ?? 1].join(':')})`
}

/** The output of a command: both streams, labelled if there are two. */
export function bothStreams(stdout: string, stderr: string): string {
  const [out, err] = [stdout.trim(), stderr.trim()]
  if (out === '' || err === '') return tail(out + err)
  return `stderr:\n${tail(err)}\nstdout:\n${tail(out)}`
}

/** The last line that a failed command printed: from standard error if possible, since that says why. */
export function lastLineOf(stdout: string, stderr: string): { readonly lastLine?: string } {
  // Secrets are masked before a text is cut, because a piece of a secret would not be recognized.
  const lines = [stdout, stderr].flatMap((text) => redact(text).split(/[\n\r]/))
  const line = lines.findLast((each) => each.trim() !== '')
  return line === undefined ? {} : { lastLine: line.trim() }
}

function tail(text: string): string {
  const all = text.trim().split('\n')
  return all.length <= TAIL_LINES
    ? all.join('\n')
    : [`... (${all.length - TAIL_LINES} lines before)`, ...all.slice(-TAIL_LINES)].join('\n')
}
