import type { Facts } from '../facts.ts'
import type { Foreseen } from '../resources/foreseen.ts'
import type { Plan, Reply, Resource, Weighed } from '../resources/kind.ts'

/** What is to be done about one resource, seen from one set of answers. */
export interface Forecast {
  readonly index: number
  readonly resource: Resource
  readonly reply: Reply
  readonly weighed: Weighed
  /** What is foreseen before its turn has a lower number. */
  readonly turn: number
}

/** A part of a trip: what to do about a resource, or, without steps, only to see that nothing is to be done still. */
export interface Due extends Forecast {
  readonly plan: Plan
  /** Something before it in the same trip reaches further than anybody wrote down: see whether the answer still stands first. */
  readonly guarded: boolean
}

/** Plans every resource, each as if the ones before it were done already. */
export function forecast(
  resources: readonly Resource[],
  replies: readonly Reply[],
  facts: Facts,
  foreseen: Foreseen,
): Forecast[] {
  return resources.map((resource, index) => {
    const reply = replies[index]
    if (reply === undefined) throw new Error(`no answer for ${resource.id}`)
    const { turn } = foreseen
    const weighed = resource.weigh(reply, facts, foreseen)
    if ('plan' in weighed) foreseen.lay(resource.id, weighed.effects)
    else if ('unknown' in weighed) foreseen.doubt(resource.id, weighed.effects)
    return { index, resource, reply, weighed, turn }
  })
}

/**
 * The longest run of resources that one trip may act on: it ends before the first one whose plan rests on
 * a change that is still pending, or that cannot be planned yet.
 */
export function nextBatch(forecasts: readonly Forecast[]): Due[] {
  const batch: Due[] = []
  let unsure: Due[] = []
  let opaque = false
  for (const item of forecasts) {
    if (!('plan' in item.weighed)) break
    const { plan, effects, restsOn } = item.weighed
    if (plan.steps.length === 0) {
      // What was as wanted may not be any more once a package's scripts have run: the trip must not act past it unseen.
      if (opaque) unsure.push({ ...item, plan, guarded: true })
      continue
    }
    if (batch.length > 0 && restsOn.length > 0) break
    batch.push(...unsure, { ...item, plan, guarded: opaque })
    unsure = []
    opaque ||= effects.some((effect) => effect.about === 'anything' || effect.about === 'package')
  }
  return batch
}

/** Nothing to do, and nothing that stands in the way of knowing it. */
export function isAsWanted(weighed: Weighed): boolean {
  return 'plan' in weighed && weighed.plan.steps.length === 0
}
