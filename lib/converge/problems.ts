import type { Problem } from '../errors.ts'
import { VALIDATOR_MISSING } from '../resources/files/writing/validate.ts'
import { CANDIDATE_REFUSED } from '../resources/files/writing/write.ts'
import type { Resource, Evaluation } from '../resources/kit/kind.ts'
import type { StepFailure } from '../resources/kit/plan.ts'
import { redact } from '../gate/redact.ts'
import type { Suspects } from './actors.ts'
import type { StepResult } from './round-trips/apply-batch.ts'
import type { Forecast } from './forecast.ts'
import type { ConvergeContext } from './converge-context.ts'

/** The exit status of GNU timeout when a command takes too long. */
const TIMED_OUT = 124
const TAIL_LINES = 20

export function unreachable(context: ConvergeContext, resource: Resource, evaluation: Evaluation): Problem {
  const reason =
    'refused' in evaluation ? evaluation.refused : 'unknown' in evaluation ? evaluation.unknown : 'it cannot be planned'
  const hint = 'refused' in evaluation ? evaluation.hint : undefined
  return { ...about(context, resource), code: 'unsupported', message: reason, ...(hint === undefined ? {} : { hint }) }
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
  const summary = item.plan.steps[step]?.summary ?? 'keep the files that would change'
  const meant = item.plan.steps[step]?.failures?.[code]
  const output = bothStreams(stdout, stderr)
  if (code === VALIDATOR_MISSING && item.plan.validation !== undefined)
    return missingValidator(context, item.resource, output)
  if (code === CANDIDATE_REFUSED) return refusedCandidate(context, item.resource, output)
  if (code === TIMED_OUT) {
    const own = item.plan.steps[step]?.deadline
    const isRoleDeadline = context.until !== undefined && Date.now() >= context.until - 1000
    const limit = isRoleDeadline ? ' with that of its role' : own === undefined ? '' : ` after ${own} s`
    return {
      ...about(context, item.resource),
      code: 'step-timeout',
      message: `could not ${summary}: its time was up${limit}; it and its children were ended`,
      output,
      hint: 'run again when the cause is gone, or give the resource, or its role, a longer deadline',
    }
  }
  return {
    ...about(context, item.resource),
    code: 'step-failed',
    message: `could not ${summary}: ${meant?.why ?? `it ended with status ${code}`}`,
    output,
    ...lastLineOf(stdout, stderr),
    hint:
      meant?.hint ??
      deniedHint(output, context.host.facts.uid) ??
      'correct what the host complains of, then run again: what is done will not be done twice',
  }
}

export function notConverged(context: ConvergeContext, undone: Forecast, { actors, isSure }: Suspects): Problem {
  const again =
    'plan' in undone.evaluation
      ? undone.evaluation.plan.steps.map((step) => step.summary).join(', ')
      : 'refused' in undone.evaluation
        ? undone.evaluation.refused
        : 'it cannot be planned any more'
  const [actor, ...others] = actors.map(({ resource }) => resource)
  const names = actors.map(({ resource }) => resource.id).join(', ')
  const who = others.length === 0 ? `${names}, which comes later,` : `one of ${names}, which come later,`
  return {
    ...about(context, undone.resource),
    code: 'not-converged',
    message:
      actor === undefined
        ? 'did not converge: its steps were made, and it still is not as wanted'
        : `did not converge: ${isSure ? '' : 'most likely '}${who} undid it`,
    expected: 'nothing left to do',
    got: again,
    hint:
      actor === undefined
        ? 'what was asked for and what the host makes of it differ: look at the value above'
        : others.length === 0
          ? `put ${undone.resource.id} behind ${actor.id}${at(actor)}, or ask for what ${actor.id} makes of it`
          : `give them to ensure calls of their own to see which it is, and put ${undone.resource.id} behind it`,
  }
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

function about({ host, role }: ConvergeContext, { id, madeAt }: Resource) {
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
