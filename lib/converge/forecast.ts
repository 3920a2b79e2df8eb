import { RolecallError } from '../errors.ts'
import type { Facts } from '../facts.ts'
import { placeIn } from '../place.ts'
import type { Prediction } from '../resources/prediction/prediction.ts'
import type { Plan, Reply, Resource, Evaluation } from '../resources/kit/kind.ts'
import { errorMessage } from '../text/error-message.ts'
import { stackOf } from '../thrown.ts'

/** The plan for one resource, made from one set of answers. */
export interface Forecast {
  readonly index: number
  readonly resource: Resource
  readonly reply: Reply
  readonly evaluation: Evaluation
  /** The number of the resource in the prediction: predictions made before it have lower numbers. */
  readonly turn: number
}

/** A part of a trip: the steps of one resource, or, without steps, only a check that the resource is still as wanted. */
export interface BatchItem extends Forecast {
  readonly plan: Plan
  /** An earlier resource of the same trip has undeclared effects, so the trip first checks that this resource's answer is unchanged. */
  readonly guarded: boolean
}

/** Plans every resource as if those before it were done already. */
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

/** Plans resources in their order, each as soon as its answer arrives, while the host works on the next probe. */
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
   * Never throws, because it is called while a stream is read. When a kind throws, the error becomes part of the forecasts: a refusal as it is, any
   * other error as an answer that the kind could not read.
   */
  addReply(reply: Reply): void {
    const index = this.#forecasts.length
    const resource = this.#resources[index]
    if (resource === undefined || this.#thrown) return
    try {
      const { turn } = this.#prediction
      const evaluation = withoutRepeat(resource, this.#evaluate(resource, reply), this.#prediction)
      if (evaluation.type === 'planned') {
        this.#prediction.record(resource.id, evaluation.effects)
        if (evaluation.plan.steps.length > 0)
          this.#prediction.repeats.keep(resource.id, resource.want, turn, evaluation.effects.length > 0)
      } else if (evaluation.type === 'unknown') this.#prediction.doubt(resource.id, evaluation.effects)
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
    const unanswered = this.#resources[this.#forecasts.length]
    if (unanswered !== undefined) throw new Error(`no answer for ${unanswered.id}`)
    return this.#forecasts
  }
}

/**
 * The same resource is pending already, without effects and with the same steps: these leave nothing to do for the second one, as in any apply after
 * the first. After other steps it is unknown whether the resource is still as wanted.
 */
function withoutRepeat(resource: Resource, evaluation: Evaluation, prediction: Prediction): Evaluation {
  if (evaluation.type !== 'planned' || evaluation.effects.length > 0) return evaluation
  if (evaluation.plan.steps.length === 0)
    return prediction.repeats.hasUndeclared(resource.id, resource.want)
      ? { type: 'unknown', unknown: `whether ${resource.id} is as wanted after what comes before it`, effects: [] }
      : evaluation
  const since = prediction.repeats.since(resource.id, resource.want)
  // The changes that it depends on were pending the first time as well.
  if (since === undefined || evaluation.dependsOn.some((from) => prediction.changesSince(from, since)))
    return evaluation
  return { type: 'planned', plan: { steps: [] }, effects: [], dependsOn: [resource.id], mustConfirm: [] }
}

function unreadable({ id }: Resource, error: unknown): Evaluation {
  const place = placeIn(stackOf(error))
  const thrown = place === undefined ? '' : `, thrown at ${[place.file, place.line ?? 1, place.column ?? 1].join(':')}`
  return {
    type: 'refused',
    refused: `${id} cannot be planned from the answer of the host: ${errorMessage(error)}${thrown}`,
    hint: 'check the host; if a function of your own threw this, correct that function',
  }
}

/**
 * The longest run of resources that one trip may act on. It ends before the first one that depends on a pending change or cannot be planned yet. A
 * file in a directory that is made before it, and a restart after this file, belong to the batch: their effects are declared.
 */
export function nextBatch(forecasts: readonly Forecast[]): BatchItem[] {
  const batch: BatchItem[] = []
  let unsure: BatchItem[] = []
  let opaque = false
  for (const item of forecasts) {
    if (item.evaluation.type !== 'planned') break
    const { plan, effects, dependsOn, mustConfirm } = item.evaluation
    if (plan.steps.length === 0) {
      // Scripts of a package may change a resource that was as wanted, so the trip must check it before going on.
      if (opaque) unsure.push({ ...item, plan, guarded: true })
      continue
    }
    // A guard would compare the new answer with one from before these changes.
    if (batch.length > 0 && (mustConfirm.length > 0 || (opaque && dependsOn.length > 0))) break
    batch.push(...unsure, { ...item, plan, guarded: opaque })
    unsure = []
    opaque ||= effects.some((effect) => effect.type === 'anything' || effect.type === 'package')
  }
  return batch
}

/** The resource has nothing to do, and nothing prevents knowing this. */
export function isAsWanted(evaluation: Evaluation): boolean {
  return evaluation.type === 'planned' && evaluation.plan.steps.length === 0
}
