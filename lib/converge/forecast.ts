import { RolecallError } from '../errors.ts'
import type { Facts } from '../facts.ts'
import { placeIn } from '../place.ts'
import type { Prediction } from '../resources/prediction/prediction.ts'
import type { Plan, Refused, Reply, Resource, Evaluation } from '../resources/kit/kind.ts'
import { errorMessage } from '../text/error-message.ts'

/** What is to be done about one resource, seen from one set of answers. */
export interface Forecast {
  readonly index: number
  readonly resource: Resource
  readonly reply: Reply
  readonly evaluation: Evaluation
  /** What is foreseen before its turn has a lower number. */
  readonly turn: number
}

/** A part of a trip: what to do about a resource, or, without steps, only to see that nothing is to be done still. */
export interface BatchItem extends Forecast {
  readonly plan: Plan
  /** Something before it in the same trip reaches further than anybody wrote down: see whether the answer still stands first. */
  readonly guarded: boolean
}

/** Plans every resource, each as if the ones before it were done already. */
export function forecast(
  resources: readonly Resource[],
  replies: readonly Reply[],
  facts: Facts,
  prediction: Prediction,
): Forecast[] {
  const planner = new Planner(resources, facts, prediction)
  for (const reply of replies) planner.addReply(reply)
  return planner.forecasts()
}

/** Plans resources in their order, each when its answer comes in: the host is busy with the next question meanwhile. */
export class Planner {
  readonly #resources: readonly Resource[]
  readonly #facts: Facts
  readonly #prediction: Prediction
  readonly #forecasts: Forecast[] = []
  #thrown: { readonly error: unknown } | undefined

  constructor(resources: readonly Resource[], facts: Facts, prediction: Prediction) {
    this.#resources = resources
    this.#facts = facts
    this.#prediction = prediction
  }

  /**
   * Never throws: it is called while a stream is read. What a kind refuses by throwing comes with the forecasts; whatever else it throws, it could
   * not make anything of the answer.
   */
  addReply(reply: Reply): void {
    const index = this.#forecasts.length
    const resource = this.#resources[index]
    if (resource === undefined || this.#thrown) return
    try {
      const { turn } = this.#prediction
      const evaluation = settled(resource, this.#evaluate(resource, reply), this.#prediction)
      if ('plan' in evaluation) {
        this.#prediction.record(resource.id, evaluation.effects)
        if (evaluation.plan.steps.length > 0) this.#prediction.repeats.keep(resource.id, resource.want, turn)
      } else if ('unknown' in evaluation) this.#prediction.doubt(resource.id, evaluation.effects)
      this.#forecasts.push({ index, resource, reply, evaluation, turn })
    } catch (error) {
      this.#thrown = { error }
    }
  }

  #evaluate(resource: Resource, reply: Reply): Evaluation {
    try {
      return resource.evaluate(reply, this.#facts, this.#prediction)
    } catch (error) {
      if (error instanceof RolecallError) throw error
      return unreadable(resource, error)
    }
  }

  forecasts(): Forecast[] {
    if (this.#thrown) throw this.#thrown.error
    const unheard = this.#resources[this.#forecasts.length]
    if (unheard !== undefined) throw new Error(`no answer for ${unheard.id}`)
    return this.#forecasts
  }
}

/**
 * A resource whose kind lays nothing that later ones could look at, and that is pending already with the same words: its steps leave nothing to do for
 * the second one, as for any apply after the first.
 */
function settled(resource: Resource, evaluation: Evaluation, { repeats }: Prediction): Evaluation {
  if (!('plan' in evaluation) || evaluation.plan.steps.length === 0) return evaluation
  const isForeseen = evaluation.effects.length > 0 || evaluation.dependsOn.length > 0
  if (isForeseen || !repeats.has(resource.id, resource.want)) return evaluation
  return { plan: { steps: [] }, effects: [], dependsOn: [resource.id], mustConfirm: [] }
}

function unreadable({ id }: Resource, error: unknown): Refused {
  const place = error instanceof Error ? placeIn(error.stack ?? '') : undefined
  const thrown = place === undefined ? '' : `, thrown at ${[place.file, place.line ?? 1, place.column ?? 1].join(':')}`
  return {
    refused: `${id} cannot be planned from what the host says: ${errorMessage(error)}${thrown}`,
    hint: 'look whether the host is sound; where a function of your own has thrown it, mend that',
  }
}

/**
 * The longest run of resources that one trip may act on: it ends before the first one that waits for a pending change,
 * or that cannot be planned yet. A file in a directory that is made before it, and a restart after that file, go along: it is written
 * down what they will find.
 */
export function nextBatch(forecasts: readonly Forecast[]): BatchItem[] {
  const batch: BatchItem[] = []
  let unsure: BatchItem[] = []
  let opaque = false
  for (const item of forecasts) {
    if (!('plan' in item.evaluation)) break
    const { plan, effects, dependsOn, mustConfirm } = item.evaluation
    if (plan.steps.length === 0) {
      // What was as wanted may not be any more once a package's scripts have run: the trip must not act past it unseen.
      if (opaque) unsure.push({ ...item, plan, guarded: true })
      continue
    }
    // A guard would compare what it finds with an answer from before these changes.
    if (batch.length > 0 && (mustConfirm.length > 0 || (opaque && dependsOn.length > 0))) break
    batch.push(...unsure, { ...item, plan, guarded: opaque })
    unsure = []
    opaque ||= effects.some((effect) => effect.type === 'anything' || effect.type === 'package')
  }
  return batch
}

/** Nothing to do, and nothing that stands in the way of knowing it. */
export function isAsWanted(evaluation: Evaluation): boolean {
  return 'plan' in evaluation && evaluation.plan.steps.length === 0
}
