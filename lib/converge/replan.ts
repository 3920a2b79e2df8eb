import { isDeepStrictEqual } from 'node:util'
import { Prediction } from '../resources/prediction/prediction.ts'
import type { ConvergeContext } from './converge-context.ts'
import { isAsWanted, Planner, type Forecast } from './forecast.ts'
import type { StepResult } from './round-trips/apply-batch.ts'
import { probeAll } from './round-trips/probe-all.ts'

/**
 * Plans a resource again whose step failed and whose plan is otherwise unchanged: the quick probe may have read too little. By the full probe the resource
 * may be refused, or continue with another step. Undefined if the failure is final: the full probe leads to the same step, or does not know, or refuses after an
 * earlier step was done. Such a refusal would say less than the failed step.
 */
export async function replan(
  { host }: ConvergeContext,
  { item, step }: StepResult,
  now: readonly Forecast[],
): Promise<Forecast | undefined> {
  const { index, resource, plan } = item
  const left = now[index]?.evaluation
  const isAsBefore = left !== undefined && left.type === 'planned' && isDeepStrictEqual(left.plan.changes, plan.changes)
  if (resource.quickProbe === undefined || step < 0 || !isAsBefore) return undefined
  const planner = new Planner([resource], host.facts, new Prediction())
  await probeAll(host, [resource], 'probe', (reply) => planner.addReply(reply))
  const [second] = planner.forecasts()
  if (second === undefined || isAsWanted(second.evaluation) || second.evaluation.type === 'unknown') return undefined
  const isSame =
    second.evaluation.type === 'planned'
      ? second.evaluation.plan.steps[0]?.sh.text === plan.steps[step]?.sh.text
      : step > 0
  return isSame ? undefined : { ...second, index }
}
