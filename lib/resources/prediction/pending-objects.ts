import { imageIdentity } from '../docker/image-name.ts'
import type { Consultation } from './consultation.ts'
import type { EffectLog } from './effect-log.ts'

/** Whether an object will be there. */
export interface PendingObject {
  readonly exists: boolean
  readonly from: string
}

/** Things that programs of the host manage, such as databases and containers, as pending steps will leave them. */
export class PendingObjects {
  readonly #log: EffectLog
  readonly #consultation: Consultation

  /** @internal */
  constructor(log: EffectLog, consultation: Consultation) {
    this.#log = log
    this.#consultation = consultation
  }

  /** @param of the type of the object, as its kind declares it in `effects` */
  get(of: string, name: string): PendingObject | undefined {
    return this.#consultation.note(
      this.#log.ofType('object').findLast((effect) => effect.of === of && effect.name === name),
    )
  }

  image(name: string): PendingObject | undefined {
    const identity = imageIdentity(name)
    return this.#consultation.note(
      this.#log.ofType('image').findLast((effect) => imageIdentity(effect.name) === identity),
    )
  }

  container(name: string): PendingObject | undefined {
    return this.#consultation.note(this.#log.ofType('container').findLast((effect) => effect.name === name))
  }

  /** A compose project. Its step waits for the containers, so the result is exact. */
  project(name: string): PendingObject | undefined {
    return this.#consultation.note(
      this.#log.ofType('project').findLast((effect) => effect.name === name),
      true,
    )
  }
}
