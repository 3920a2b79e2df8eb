import { RolecallError } from '../../errors.ts'
import { noteAwait, noteAwaited, noteThen } from '../../awaited-promises.ts'
import type { CallSite } from '../../place.ts'

const nothing = () => undefined

/** The promise that a call returns. It records whether anybody awaits it. */
export class Awaited<T> extends Promise<T> {
  /** Promises derived from this one are ordinary promises. */
  static override get [Symbol.species]() {
    return Promise
  }

  #isUsed = false
  #what = 'a call'
  #site: CallSite | undefined

  /** `what`: the call in words, such as `ensure`. */
  static of<T>(promise: Promise<T>, what: string, site: CallSite): Awaited<T> {
    const awaited = new Awaited<T>((resolve, reject) => void promise.then(resolve, reject))
    awaited.#what = what
    awaited.#site = site
    // A rejection is reported by `Calls`, so Node must not end the process for it.
    void noteThen(awaited, nothing, () => super.prototype.then.call(awaited, nothing, nothing))
    return awaited
  }

  get isUsed(): boolean {
    return this.#isUsed
  }

  /** `await`, `Promise.all`, `catch` and `finally` all come here. */
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isUsed = true
    return noteThen(this, onFulfilled, () => super.then(onFulfilled, onRejected))
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    noteAwaited(this)
    return super.finally(onFinally)
  }

  /** As text it would be "[object Promise]". */
  [Symbol.toPrimitive](): never {
    const place = this.#site?.place
    throw new RolecallError({
      code: 'not-awaited',
      message: `the promise of ${this.#what} was used as a value`,
      ...(place === undefined ? {} : { place }),
      hint: `write await before ${this.#what}`,
    })
  }
}

noteAwait(Awaited.prototype, Awaited)
