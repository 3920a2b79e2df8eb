import type { Calls } from '../../../converge/context/calls.ts'
import type { PathQuestions } from '../../../converge/context/path-questions.ts'
import type { PredictionLimit } from '../../../converge/context/prediction-limit.ts'
import { PredictedReads, readQuestion } from '../../../converge/context/read-predicted.ts'
import { predictedDetails, roleActions, type ActionPlace } from '../../../converge/context/role-actions.ts'
import { ensure } from '../../../converge/ensure.ts'
import { ensureArguments, inShort } from '../../../converge/events/ensure-arguments.ts'
import type { Host as InventoryHost } from '../../../inventory/inventory.ts'
import type { Prediction } from '../../../resources/prediction/prediction.ts'
import type { Resource } from '../../../resources/kit/kind.ts'
import { roleHost, type Reach } from './site.ts'

/** What a role's calls are recorded with, on every host. */
export interface CallRecord {
  readonly role: string
  readonly calls: Calls
  readonly limit: PredictionLimit
  readonly questions: PathQuestions
  /** Connects to another host, where resources are converged in turn with other roles. */
  readonly elsewhere: (host: InventoryHost) => Promise<ActionPlace>
  /** Receives every resource that is given to a host. */
  readonly asked: (host: string, resources: readonly Resource[]) => void
}

/** The hosts of the site besides the unit's own, as a role reads and changes them. */
export class OtherHosts implements Reach {
  readonly #record: CallRecord
  readonly #changed = new Map<string, Prediction>()

  constructor(record: CallRecord) {
    this.#record = record
  }

  /** The predictions of the hosts that the role changes. */
  get changed(): Iterable<Prediction> {
    return this.#changed.values()
  }

  readonly ensure: Reach['ensure'] = (host, given) => {
    const { calls, limit, asked } = this.#record
    const resources = ensureArguments(given)
    calls.given(resources)
    asked(host.name, resources)
    return calls.call(`ensure(${inShort(resources.map(({ id }) => id))}) on ${host.name}`, async () => {
      limit.hold()
      const { convergeContext, inTurn } = await this.#reach(host)
      this.#changed.set(host.name, convergeContext.prediction)
      return await inTurn(() => ensure(convergeContext, resources))
    })
  }

  readonly read: Reach['read'] = (host, path, options) => {
    const { calls, questions } = this.#record
    return questions.ask(` on ${host.name}`, readQuestion(path), (answer, wait) =>
      calls.call(`read('${path}') on ${host.name}`, async () => {
        const { convergeContext, limit, inTurn } = await this.#reach(host)
        // In check mode each question is asked separately.
        if (convergeContext.mode === 'apply') wait(convergeContext.host)
        return await inTurn(() => new PredictedReads(convergeContext, limit, answer).read(path, options))
      }),
    )
  }

  readonly facts: Reach['facts'] = (host) => {
    const { calls, elsewhere } = this.#record
    return calls.call(`facts of ${host.name}`, async () => (await elsewhere(host)).convergeContext.host.facts)
  }

  readonly details: Reach['details'] = (host) => (options) =>
    this.#record.calls.call(`details of ${host.name}`, async () => {
      const { convergeContext, limit, inTurn } = await this.#reach(host)
      return await inTurn(() => predictedDetails(convergeContext, limit, options))
    })

  readonly on: Reach['on'] = async (host, work) => {
    const { role, calls, questions, asked } = this.#record
    const place = await calls.call(`on(${host.name})`, () => this.#reach(host))
    const { emit, host: machine, prediction } = place.convergeContext
    const recorded = (resources: readonly Resource[]) => {
      this.#changed.set(host.name, prediction)
      asked(host.name, resources)
    }
    const record = { calls, limit: place.limit, questions, asked: recorded, where: ` on ${host.name}` }
    return await work({
      ...roleActions(place, record),
      host: roleHost(host, machine.facts, role),
      note: (message) => emit({ type: 'note', host: host.name, role, message, at: Date.now() }),
    })
  }

  async #reach(host: InventoryHost): Promise<ActionPlace & { readonly limit: PredictionLimit }> {
    const place = await this.#record.elsewhere(host)
    return { ...place, limit: this.#record.limit.on(place.convergeContext.prediction) }
  }
}
