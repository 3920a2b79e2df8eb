import { setImmediate as nextTurn } from 'node:timers/promises'
import { firstOfForgotten, watchPromises } from '../../awaiting.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { CommandCall } from '../../host/command-calls.ts'
import { CallSite, placeIn } from '../../place.ts'
import { unwatched, watchedBy, type Made, type RoleWatch } from '../../resources/kit/role-watch.ts'
import { Awaited } from './awaited.ts'
import type { Call, Half } from './call.ts'
import { UnpredictableError } from './prediction-limit.ts'
import { thrownProblem, withPlace, type About } from './thrown.ts'

const FOR_EACH = 'await the function that this stands in: forEach does not wait, await Promise.all(list.map(...)) does'

export interface CallsOptions {
  /** The role is in `verify`, where nothing is given to `ensure`. */
  readonly verify?: boolean
  readonly onLate?: (problem: Problem) => void
}

/**
 * Keeps an eye on what a role calls: whether it waits for each call, and whether every resource that it makes is given to `ensure`.
 *
 * JavaScript does not say where an `await` stands. A call counts as awaited when somebody has asked its promise for the result, and
 * has had it, before the role ends. Calls are done one after the other in the order in which they were made, so that one without
 * an `await` is at least not overtaken.
 */
export class Calls implements RoleWatch {
  readonly #about: About
  readonly #onLate: (problem: Problem) => void
  readonly #calls: Call[] = []
  readonly #halves: Half[] = []
  readonly #made = new Map<CallSite, Made>()
  readonly #stray: unknown[] = []
  /** Refusals of calls that were not begun: whose fault that is, is told by itself. */
  readonly #notBegun = new WeakSet<object>()
  #last: Promise<unknown> = Promise.resolve()
  #isOver = false
  #isTold = false
  readonly #wantsEnsure: boolean

  /** `onLate` is told what goes wrong when all is told already. */
  constructor(about: About, { verify = false, onLate }: CallsOptions = {}) {
    this.#about = about
    this.#wantsEnsure = !verify
    this.#onLate = onLate ?? (() => undefined)
  }

  made(resource: Made): void {
    // Nothing can be given to ensure in verify; a resource may still say what its path is.
    if (this.#wantsEnsure) this.#made.set(resource.madeAt, resource)
  }

  given(resources: readonly Made[]): void {
    for (const { madeAt } of resources) this.#made.delete(madeAt)
  }

  rejected(error: unknown): void {
    this.#stray.push(error)
    if (this.#isTold) this.problemsOf(error).forEach(this.#onLate)
  }

  /** A call that is done in its turn. `onSkipped` is told when its turn never comes. */
  call<T>(what: string, work: () => Promise<T>, onSkipped: () => void = () => undefined): Promise<T> {
    const site = new CallSite()
    const before = this.#last
    const done = (async () => {
      await before
      if (!this.#mayBegin()) {
        onSkipped()
        throw this.#refusal(what, site)
      }
      try {
        return await unwatched(work)
      } catch (error) {
        throw error instanceof RolecallError ? withPlace(error, () => site.place) : error
      }
    })()
    // Who is told of a failure, and whether anybody is, shows in the next turn.
    this.#last = done.catch(() => nextTurn())
    const promise = Awaited.of(done, what, site)
    this.#follow({ what, site, isUsed: () => promise.isUsed, promise }, done)
    return promise
  }

  /** A command that reads: it may run beside others, after the calls that were made before it. */
  command({ ended, isUsed, promise }: CommandCall): void {
    this.#follow(
      { what: '$', site: new CallSite(), isUsed, promise },
      ended.then((failed) => {
        if (failed) throw failed.error
      }),
    )
  }

  /** To be awaited before a command begins. */
  async beforeCommand(): Promise<void> {
    await this.#last
    if (!this.#mayBegin()) throw this.#refusal('$')
  }

  /** Says that only half of a call was made; gives what is to be called with the other half. */
  half(what: string, hint: string): () => void {
    const half: Half = { what, hint, site: new CallSite(), isWhole: false }
    this.#halves.push(half)
    return () => (half.isWhole = true)
  }

  /**
   * Runs the role's own code, waits also for what that did not wait for, and throws what went wrong. `isCut`: the role did not come to its
   * end, so what it has not awaited or given it might have later.
   */
  async watch(role: () => Promise<void>, isCut: () => boolean = () => false): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    try {
      await watchPromises(() => watchedBy(this, async () => role()))
      // A promise that is returned is asked for its result one turn later.
      await nextTurn()
    } catch (error) {
      failure = { error }
    }
    const pending = this.#calls.filter(({ isSettled }) => !isSettled)
    this.#isOver = true
    // What comes to its end may have been followed by another call, which is not begun any more.
    for (let left = pending; left.length > 0; left = this.#calls.filter(({ isSettled }) => !isSettled))
      await Promise.all(left.map(({ ended }) => ended))
    // Node tells of rejections that nobody handles when nothing else is left of a turn.
    await nextTurn()
    this.#isTold = true
    if (failure === undefined && !isCut()) this.#refuse([...this.#strays(), ...this.#forgotten(pending)])
    if (failure === undefined) return this.#refuse(this.#strays())
    const { error } = failure
    if (error instanceof UnpredictableError) throw error
    // A role that failed might have awaited them later; but it may have failed because it did not.
    const more = [...this.#strays(), ...this.#unused('had not been awaited when the role failed')]
    if (more.length === 0)
      throw error instanceof RolecallError ? withPlace(error, () => placeIn(error.stack ?? '')) : error
    throw new RolecallError([
      ...(error instanceof RolecallError ? error.problems : [thrownProblem(error, this.#about)]),
      ...more,
    ])
  }

  #follow(call: Pick<Call, 'what' | 'site' | 'isUsed' | 'promise'>, done: Promise<unknown>): void {
    const ended = done.then(
      () => (followed.isSettled = true),
      (error: unknown) => {
        followed.failure = { error }
        followed.isSettled = true
      },
    )
    const followed: Call = { ...call, isLate: this.#isOver, isSettled: false, ended }
    this.#calls.push(followed)
  }

  #mayBegin(): boolean {
    return !this.#isOver && this.#stray.length === 0 && !this.#calls.some(({ failure, isUsed }) => failure && !isUsed())
  }

  #refuse(problems: readonly Problem[]): void {
    if (problems.length > 0) throw new RolecallError(problems)
  }

  /** What went wrong in functions that nobody waits for. */
  #strays(): Problem[] {
    return this.#stray.flatMap((error) => {
      if (error instanceof UnpredictableError || this.#isNotBegun(error)) return []
      const call = this.#calls.find(({ failure }) => failure?.error === error)
      const why = this.#notAwaited('a function of the role that failed was not awaited', call?.site, FOR_EACH)
      return [...this.problemsOf(error), why]
    })
  }

  #forgotten(pending: readonly Call[]): Problem[] {
    const atWork = pending.filter(({ isUsed, failure }) => isUsed() && !this.#isStray(failure))
    const late = this.#calls.filter(({ isLate }) => isLate)
    const halves = this.#halves.filter(({ isWhole }) => !isWhole)
    return [
      ...this.#unused('was not awaited'),
      ...atWork.map(({ what, site }) => this.#notAwaited(`${what} was not awaited to its end`, site, FOR_EACH)),
      ...this.#around(pending).map(({ what, site }) =>
        this.#notAwaited(`the function around ${what} was not awaited`, site, FOR_EACH),
      ),
      ...late.map(({ what, site }) => this.#notAwaited(`${what} was called after the role had ended`, site, FOR_EACH)),
      ...halves.map(({ what, hint, site }) => this.#notAwaited(`${what} does nothing by itself`, site, hint)),
      ...[...this.#made.values()].map(({ id, madeAt }) => ({
        ...this.#notAwaited(`${id} was made and never given to ensure`, madeAt, 'give it to ensure, or do not make it'),
        code: 'not-ensured' as const,
      })),
    ]
  }

  /** Calls in functions that nobody waited for, and that ended all the same before the role did. What failed in one is told by its error. */
  #around(pending: readonly Call[]): Call[] {
    const ended = this.#calls.filter((call) => call.isUsed() && !call.isLate && !this.#isStray(call.failure))
    return firstOfForgotten(ended, pending)
  }

  #isStray(failure: Call['failure']): boolean {
    return failure !== undefined && this.#stray.includes(failure.error) && !this.#isNotBegun(failure.error)
  }

  /** Calls whose result nobody has asked for, each with what it failed with. */
  #unused(how: string): Problem[] {
    return this.#calls
      .filter(({ isUsed, isLate }) => !isUsed() && !isLate)
      .flatMap(({ what, site, failure }) => [
        ...(failure === undefined ? [] : this.problemsOf(failure.error)),
        this.#notAwaited(`${what} ${how}`, site, `write await before ${what}`),
      ])
  }

  /** What an error says, as problems. */
  problemsOf(error: unknown): readonly Problem[] {
    if (error instanceof UnpredictableError || this.#isNotBegun(error)) return []
    return error instanceof RolecallError ? error.problems : [thrownProblem(error, this.#about)]
  }

  #isNotBegun(error: unknown): boolean {
    if (typeof error !== 'object' || error === null) return false
    // zx gives what kept a command from running as the cause.
    return this.#notBegun.has(error) || ('cause' in error && this.#isNotBegun(error.cause))
  }

  /** Of a call that is not begun. */
  #refusal(what: string, site?: CallSite): RolecallError {
    const why = this.#isOver ? 'the role has ended' : 'a call before it failed, and nobody has asked for its result'
    const problem = this.#notAwaited(`${what} was not begun: ${why}`, site, 'await every call')
    const refusal = new RolecallError(problem)
    this.#notBegun.add(refusal)
    if (this.#isTold) this.#onLate(problem)
    return refusal
  }

  #notAwaited(message: string, site: CallSite | undefined, hint: string): Problem {
    const place = site?.place
    return { code: 'not-awaited', ...this.#about, message, ...(place === undefined ? {} : { place }), hint }
  }
}
