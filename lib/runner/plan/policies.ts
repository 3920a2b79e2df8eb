import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import { placeIn } from '../../place.ts'
import type { Policy, PolicyPlan, PolicyResource } from '../../playbook/policy.ts'
import type { Plan, Resource } from '../../resources/kit/kind.ts'
import { errorMessage } from '../../text/error-message.ts'
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
      return check(plan).map(({ message, resource, hint: own }): Problem => ({
        code: 'policy',
        message: `policy ${name}: ${message}`,
        ...(resource === undefined ? {} : { host: resource.host, role: resource.role, resource: resource.id }),
        ...hint,
        ...(own === undefined ? {} : { hint: own }),
      }))
    } catch (error) {
      const place = error instanceof Error ? placeIn(error.stack ?? '') : undefined
      const [problem] = error instanceof RolecallError ? error.problems : []
      return [
        {
          code: 'policy' as const,
          message: `policy ${name} ended with an error: ${problem?.message ?? errorMessage(error)}`,
          ...(place === undefined ? {} : { place }),
          hint: 'correct the policy: a plan that a policy cannot check is not applied',
        },
      ]
    }
  })
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
