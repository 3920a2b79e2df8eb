import { RolecallError, type Problem } from '../errors.ts'
import type { Mode, Status } from '../events.ts'
import { placeOfCall } from '../place.ts'

/** A step of a plan. */
export interface PolicyStep {
  /** In words: `restart postgresql (its unit file changed)`. */
  readonly summary: string
  /** What the step does to a unit, if anything: `'start'`, `'stop'`, `'restart'`, `'reload'`, `'enable'`, `'disable'`, `'mask'`, `'unmask'`. */
  readonly action?: string
}

/** A resource that a plan would change, or whose change is unknown. */
export interface PolicyResource {
  readonly host: string
  /** Groups of the host. */
  readonly groups: readonly string[]
  readonly role: string
  /** `file`, `service`, `pkg`, ... */
  readonly kind: string
  readonly name: string
  /** `kind:name` */
  readonly id: string
  readonly status: Exclude<Status, 'ok'>
  readonly steps: readonly PolicyStep[]
  /** What the role wants: the options of the kind. */
  readonly want: unknown
}

/** A whole plan, as a policy sees it. */
export interface PolicyPlan {
  readonly playbook: string
  readonly mode: Mode
  /** The time at which the plan would be applied. */
  readonly at: Date
  readonly hosts: readonly string[]
  /** All resources that are not as wanted. */
  readonly resources: readonly PolicyResource[]
  /** Resources with a step that restarts or stops a unit of this name (`postgresql`, `postgres*`), or any unit without a name. */
  readonly restarts: (unit?: string) => readonly PolicyResource[]
}

/** An objection of a policy to a plan. */
export interface PolicyObjection {
  readonly message: string
  readonly resource?: PolicyResource
  /** What to do instead. */
  readonly hint?: string
}

export interface PolicyDefinition {
  /** The name in messages: `no-restarts-on-weekdays`. */
  readonly name: string
  /** Its purpose in one line. */
  readonly about?: string
  /** Returns its objections to a plan; none: the plan may be applied. Changes nothing. */
  readonly check: (plan: PolicyPlan) => readonly PolicyObjection[]
}

export interface Policy extends PolicyDefinition {
  readonly type: 'policy'
}

/**
 * Defines a policy: rules that plans of this project must follow. Files in `policies/` export one policy each, or a list. In a project with policies
 * `rolecall apply` checks first, asks the policies about the plan, and makes only the changes in that plan.
 *
 * @example
 * export default policy({
 *   name: 'no-restarts-on-weekdays',
 *   about: 'postgres is restarted at weekends alone',
 *   check: ({ restarts, at }) =>
 *     at.getDay() % 6 === 0 ? [] : restarts('postgres*').map((resource) => ({ resource, message: 'postgres is not restarted on a weekday' })),
 * })
 *
 * Refused: no name, no `check`.
 */
export function policy(definition: PolicyDefinition): Policy {
  const problems = wrongDefinition(definition)
  if (problems.length === 0) return { ...definition, type: 'policy' }
  const place = placeOfCall()
  throw new RolecallError(problems.map((problem) => ({ ...problem, ...(place === undefined ? {} : { place }) })))
}

function wrongDefinition(given: unknown): Problem[] {
  const { name, check, about, ...others } =
    typeof given === 'object' && given !== null ? (given as Partial<PolicyDefinition>) : {}
  const wrong = (message: string, expected: string): Problem => ({ code: 'playbook', message, expected })
  return [
    ...(typeof name === 'string' && /\S/.test(name)
      ? []
      : [wrong('a policy has no name', "name: 'no-restarts-on-weekdays'")]),
    ...(typeof check === 'function'
      ? []
      : [wrong(`policy ${String(name)} checks nothing`, 'check: (plan) => a list of objections')]),
    ...(about === undefined || typeof about === 'string'
      ? []
      : [wrong(`about of policy ${String(name)} is not a text`, 'one line')]),
    ...Object.keys(others).map((option) =>
      wrong(`policy ${String(name)} has no option ${option}`, 'name, about, check'),
    ),
  ]
}
