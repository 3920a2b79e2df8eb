import type { Facts } from '../../facts.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { Kind } from './kind-definition.ts'
import type { Plan, Refused, Reply, Step, Unknown } from './plan.ts'
import type { Evaluation } from './resource.ts'
import { trustProblem, whileTrusted, readTrust, type TrustedPlace } from './trusted-place.ts'

/** A kind and the wanted state: everything that `evaluate` needs of a resource. */
interface Evaluated<Want, Have> {
  readonly kind: Kind<Want, Have>
  readonly want: Want
  /** Places that no other account may be able to change. */
  readonly trusted: readonly TrustedPlace[]
}

/** Evaluates a resource: `read`, `predict`, `plan` and `effects` of the kind, in this order. */
export function evaluate<Want, Have>(
  { kind, want, trusted }: Evaluated<Want, Have>,
  reply: Reply,
  facts: Facts,
  prediction: Prediction,
): Evaluation {
  const trust = prediction.consult(() => trustProblem(trusted, readTrust(trusted, reply), prediction))
  if (trust.answer !== undefined) return unplanned(trust.answer, [])
  const found = kind.read(want, reply, facts)
  const predicted = prediction.consult(() => kind.predict?.(want, found, prediction, facts) ?? found)
  const have = predicted.answer
  if (isUnknown(have))
    return unplanned(have, [...unknownPaths(kind, want), ...(kind.effects?.(want, found, facts) ?? [])])
  const planned = kind.plan(want, have, facts)
  if ('refused' in planned) return unplanned(planned, [])
  const plan = trusting(trusted, asPlan(planned))
  const isActing = plan.steps.some((step) => step.cleanupOnly !== true)
  const effects = isActing ? (kind.effects?.(want, have, facts) ?? []) : []
  // An answer that the prediction did not change depends on nothing.
  if (have === found) return { type: 'planned', plan, effects, dependsOn: [], mustConfirm: [] }
  const { dependsOn } = predicted
  return {
    type: 'planned',
    plan,
    effects,
    dependsOn,
    mustConfirm: kind.advanced?.batchable === true ? predicted.mustConfirm : dependsOn,
  }
}

/** The evaluation of a resource that cannot be planned. `effects`: those that it may have, if it is unknown. */
function unplanned(why: Refused | Unknown, effects: readonly Effect[]): Evaluation {
  return 'refused' in why ? { type: 'refused', ...why } : { type: 'unknown', ...why, effects }
}

/** The paths of an unknown resource: each may become a file. */
function unknownPaths<Want, Have>(kind: Kind<Want, Have>, want: Want) {
  return (kind.paths?.(want) ?? []).map((path) => ({ type: 'path', path, state: { type: 'file' } }) as const)
}

export function asPlan(planned: Plan | readonly Step[]): Plan {
  return 'steps' in planned ? planned : { steps: planned }
}

/** The same plan, with steps that run only while no other account can change these places. */
function trusting(places: readonly TrustedPlace[], plan: Plan): Plan {
  if (places.length === 0) return plan
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, sh: whileTrusted(places, step.sh) })) }
}

function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value && typeof value.unknown === 'string'
}
