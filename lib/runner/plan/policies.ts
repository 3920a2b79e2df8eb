import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import { placeOfError } from '../../place.ts'
import type { Policy, PolicyObjection, PolicyPlan, PolicyResource } from '../../playbook/policy.ts'
import { describeValue, isPlain, isPromise } from '../../resources/kit/options/describe-value.ts'
import type { Plan, Resource } from '../../resources/kit/kind.ts'
import { thrownWords } from '../../text/error-message.ts'
import { matchesGlob } from '../../text/glob.ts'

/** A resource that is not as wanted, with everything that this process knows of it. */
export interface LiveResource {
  readonly host: string
  readonly groups: readonly string[]
  readonly role: string
  readonly resource: Resource
  readonly status: Exclude<Status, 'ok'>
  readonly plan: Plan
}

/** The objections of a project's policies to a plan. A policy that throws counts as an objection. */
export function objections(
  policies: readonly Policy[],
  live: readonly LiveResource[],
  about: Pick<PolicyPlan, 'playbook' | 'hosts' | 'at'>,
): Problem[] {
  const resources = live.map(policyResource)
  const plan: PolicyPlan = { ...about, mode: 'check', resources, restarts: (unit) => restartsIn(resources, unit) }
  return policies.flatMap(({ name, check, about: purpose }) => {
    const hint = purpose === undefined ? {} : { hint: purpose }
    try {
      const answer: unknown = check(plan)
      if (!isAnswer(answer)) return [wrongAnswer(name, answer)]
      return answer.map(({ message, resource, hint: own }): Problem => ({
        code: 'policy',
        message: `policy ${name}: ${message}`,
        ...(resource === undefined ? {} : { host: resource.host, role: resource.role, resource: resource.id }),
        ...hint,
        ...(own === undefined ? {} : { hint: own }),
      }))
    } catch (error) {
      const place = placeOfError(error)
      const [problem] = error instanceof RolecallError ? error.problems : []
      return [
        {
          code: 'policy' as const,
          message: `policy ${name} ${problem === undefined ? thrownWords(error).said : `ended with an error: ${problem.message}`}`,
          ...(place === undefined ? {} : { place }),
          hint: 'correct the policy: a plan that a policy cannot check is not applied',
        },
      ]
    }
  })
}

function isAnswer(answer: unknown): answer is readonly PolicyObjection[] {
  const isObjection = (each: unknown) => isPlain(each) && typeof each['message'] === 'string'
  return Array.isArray(answer) && answer.every(isObjection)
}

function wrongAnswer(name: string, answer: unknown): Problem {
  return {
    code: 'policy',
    message: `policy ${name} did not return a list of objections`,
    expected: 'a list: [{ message, resource }], empty if it has no objection',
    got: describeValue(answer),
    hint: isPromise(answer)
      ? 'check is not awaited: write it without async'
      : 'return [] where nothing is against the plan',
  }
}

function policyResource({ host, groups, role, resource, status, plan }: LiveResource): PolicyResource {
  const { id, kind, name, want } = resource
  const steps = plan.steps.map((step) => {
    const action = actionOf(step)
    return { summary: step.summary, ...(action === undefined ? {} : { action }) }
  })
  return { host, groups, role, kind, name, id, status, steps, want }
}

/** The action of a step on a unit. */
export function actionOf(step: object): string | undefined {
  return 'action' in step && typeof step.action === 'string' ? step.action : undefined
}

function restartsIn(resources: readonly PolicyResource[], unit = '*'): PolicyResource[] {
  return resources.filter(
    ({ name, steps }) =>
      (matchesGlob(unit, name) || matchesGlob(unit, name.replace(/\.service$/, ''))) &&
      steps.some(({ action }) => action === 'restart' || action === 'stop'),
  )
}
