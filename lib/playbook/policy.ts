import { RolecallError, type Problem } from '../errors.ts'
import type { Mode, Status } from '../events.ts'
import { placeOfCall } from '../place.ts'

/** A step of a plan. */
export interface PolicyStep {
  /** In words: `restart postgresql (its unit file changed)`. */
  readonly summary: string
  /** What it does to a unit, where it does that: `'start'`, `'stop'`, `'restart'`, `'reload'`, `'enable'`, `'disable'`, `'mask'`, `'unmask'`. */
  readonly action?: string
}

/** A resource that a plan would change, or of which it is unknown. */
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
  /** What the role wants of it: the options of the kind. */
  readonly want: unknown
}

/** A whole plan, as a policy sees it. */
export interface PolicyPlan {
  readonly playbook: string
  readonly mode: Mode
  /** When it would be applied. */
  readonly at: Date
  readonly hosts: readonly string[]
  /** All that is not as wanted. */
  readonly resources: readonly PolicyResource[]
  /** Resources with a step that restarts or stops a unit of this name (`postgresql`, `postgres*`), or of any where there is none. */
  readonly restarts: (unit?: string) => readonly PolicyResource[]
}

/** What a policy has against a plan. */
export interface PolicyObjection {
  readonly message: string
  readonly resource?: PolicyResource
  /** What to do instead. */
  readonly hint?: string
}

export interface PolicyDefinition {
  /** As messages have it: `no-restarts-on-weekdays`. */
  readonly name: string
  /** What it is for, in one line. */
  readonly about?: string
  /** Says what it has against a plan; nothing: it may be applied. It changes nothing. */
  readonly check: (plan: PolicyPlan) => readonly PolicyObjection[]
}

export interface Policy extends PolicyDefinition {
  readonly type: 'policy'
}

/**
 * Defines a policy: what no plan of this project may do. Files in `policies/` export one each, or a list of them. A project that has policies is applied by
 * plans alone: `rolecall apply` checks first, asks the policies, and makes only the changes that they have seen.
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
      : [wrong(`about of policy ${String(name)} is no text`, 'one line')]),
    ...Object.keys(others).map((option) =>
      wrong(`policy ${String(name)} has no option ${option}`, 'name, about, check'),
    ),
  ]
}
