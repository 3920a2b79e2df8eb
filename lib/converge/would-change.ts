import { Prediction } from '../resources/prediction/prediction.ts'
import type { Resource, Unknown } from '../resources/kit/kind.ts'
import type { ConvergeContext } from './ensure.ts'
import { probeAll } from './round-trips/probe-all.ts'
import { isAsWanted, Planner } from './forecast.ts'

/**
 * Whether `ensure` would change any of these resources now. Changes nothing and predicts nothing for other resources. A refused resource counts as
 * unchanged, since `ensure` reports it. Unknown: check mode cannot know before another change is made.
 */
export async function wouldChange(
  { host, mode, prediction: pending }: Pick<ConvergeContext, 'host' | 'mode' | 'prediction'>,
  resources: readonly Resource[],
): Promise<boolean | Unknown> {
  const prediction = mode === 'check' ? pending : new Prediction()
  const { turn } = prediction
  const planner = new Planner(resources, host.facts, prediction)
  try {
    await probeAll(host, resources, mode === 'check' ? 'probe' : 'quickProbe', (reply) => planner.addReply(reply))
    const found = planner.forecasts().map(({ resource, evaluation }) => ({ resource, evaluation }))
    if (found.some(({ evaluation }) => evaluation.type === 'planned' && !isAsWanted(evaluation))) return true
    const unknown = found.find(({ evaluation }) => evaluation.type === 'unknown')
    if (unknown === undefined || unknown.evaluation.type !== 'unknown') return false
    return { unknown: `whether ${unknown.resource.id} changes: ${unknown.evaluation.unknown}` }
  } finally {
    prediction.rewind(turn)
  }
}
