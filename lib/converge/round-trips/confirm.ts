import { isAsWanted, type BatchItem, type Forecast } from '../forecast.ts'
import type { Resource } from '../../resources/kit/kind.ts'
import type { ConvergeContext } from '../converge-context.ts'
import { applyBatch, type BatchResult, type OnStep } from './apply-batch.ts'
import { repliesNow } from './probe-all.ts'

/** The resource that confirms a batch's change: the first one after the batch with something to do. */
export function confirmationAfter(batch: readonly BatchItem[], forecasts: readonly Forecast[]): BatchItem | undefined {
  const last = batch.at(-1)?.index ?? Infinity
  const next = forecasts.find(({ index, evaluation }) => index > last && !isAsWanted(evaluation))
  if (next?.resource.confirms !== true || next.evaluation.type !== 'planned') return undefined
  return { ...next, plan: next.evaluation.plan, guarded: false }
}

/**
 * Runs the steps of a batch, confirms them in the next round trip, and only then probes every resource. The host undoes changes that are not
 * confirmed in time, and the probes of an `ensure` may take longer than that.
 */
export async function applyAndConfirm(
  context: ConvergeContext,
  { batch, confirmation }: { readonly batch: readonly BatchItem[]; readonly confirmation: BatchItem },
  resources: readonly Resource[],
  onStep: OnStep,
): Promise<BatchResult> {
  const changed = await applyBatch(context, batch, [], onStep)
  const isWhole = changed.done.length === batch.reduce((sum, { plan }) => sum + plan.steps.length, 0)
  if (!isWhole) return { ...changed, replies: await repliesNow(context.host, resources) }
  context.signal.throwIfAborted()
  const confirmed = await applyBatch(context, [confirmation], resources, onStep)
  return { ...confirmed, done: [...changed.done, ...confirmed.done] }
}
