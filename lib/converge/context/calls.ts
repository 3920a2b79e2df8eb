import { setImmediate as nextTurn } from 'node:timers/promises'
import { firstOfForgotten, watchPromises } from '../../awaited-promises.ts'
import { RolecallError, type Place, type Problem } from '../../errors.ts'
import type { CommandCall } from '../../host/command-calls.ts'
import { CallSite, placeOfError } from '../../place.ts'
import { runUnwatched, runWatched, type MadeResource, type RoleWatch } from '../../resources/kit/role-watch.ts'
import { thrownWords } from '../../text/error-message.ts'
import { Awaited } from './awaited.ts'
import type { Call, Half } from './call.ts'
import { UnpredictableError } from './prediction-limit.ts'
import { thrownProblem, withPlace, type About } from './thrown.ts'

const FOR_EACH = 'await the function around it: forEach does not wait, await Promise.all(list.map(...)) does'

interface CallsOptions {
  /** The role is in `verify`, where `ensure` does not exist. */
  readonly verify?: boolean
  readonly onLate?: (problem: Problem) => void
}

/**
 * Watches the calls of a role: whether the role awaits each, and whether it gives every resource that it makes to `ensure`.
 *
 * JavaScript cannot tell where an `await` is. A call counts as awaited if the role asked its promise for the result, and got it, before it ended.
 * Calls run one after the other in the order of their creation, so even a call without `await` keeps its turn.
 */
export class Calls implements RoleWatch {
  readonly #about: About
  readonly #onLate: (problem: Problem) => void
  readonly #calls: Call[] = []
  readonly #halves: Half[] = []
  readonly #made = new Map<CallSite, MadeResource>()
  readonly #stray: unknown[] = []
  /** Calls that never began. The cause is reported by itself, so their errors are not. */
  readonly #notBegun = new WeakSet<object>()
  #last: Promise<unknown> = Promise.resolve()
  #isOver = false
  #isTold = false
  readonly #wantsEnsure: boolean

  /** `onLate` receives problems that turn up after the end of the role was reported. */
  constructor(about: About, { verify = false, onLate }: CallsOptions = {}) {
    this.#about = about
    this.#wantsEnsure = !verify
    this.#onLate = onLate ?? (() => undefined)
  }

  /** The number of calls that the role has made. */
  get made(): number {
    return this.#calls.length
  }

  resourceMade(resource: MadeResource): void {
    // `verify` has no `ensure`, but a resource may be made there to use its path.
    if (this.#wantsEnsure) this.#made.set(resource.madeAt, resource)
  }

  given(resources: readonly MadeResource[]): void {
    for (const { madeAt } of resources) this.#made.delete(madeAt)
  }

  rejected(error: unknown): void {
    this.#stray.push(error)
    if (this.#isTold) this.problemsOf(error).forEach(this.#onLate)
  }

  /** Runs a call in its turn. `onSkipped` is called when its turn never comes. */
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
        return await runUnwatched(work)
      } catch (error) {
        throw error instanceof RolecallError ? withPlace(error, () => site.place) : error
      }
    })()
    // Whether anybody handles a failure is known in the next turn of the event loop.
    this.#last = done.catch(() => nextTurn())
    const promise = Awaited.of(done, what, site)
    this.#follow({ what, site, isUsed: () => promise.isUsed, promise }, done)
    return promise
  }

  /** Runs a command that only reads: it may run in parallel with others, after the calls that were made before it. */
  command({ ended, isUsed, promise }: CommandCall): void {
    this.#follow(
      { what: '$', site: new CallSite(), isUsed, promise },
      ended.then((failed) => {
        if (failed) throw failed.error
      }),
    )
  }

  /** Resolves when a command may begin. */
  async beforeCommand(): Promise<void> {
    await this.#last
    if (!this.#mayBegin()) throw this.#refusal('$')
  }

  /** Records the first half of a call. Returns a function that the second half has to call. */
  half(what: string, hint: string): () => void {
    const half: Half = { what, hint, site: new CallSite(), isWhole: false }
    this.#halves.push(half)
    return () => (half.isWhole = true)
  }

  /**
   * Runs the role's own code, waits for calls without `await` too, and throws the problems. `isCut`: the role was stopped before its end, so it might
   * still have awaited its calls or used its resources.
   */
  async watch(role: () => Promise<void>, isCut: () => boolean = () => false): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    try {
      await watchPromises(() => runWatched(this, async () => role()))
      // A promise that the role returns is awaited one turn later.
      await nextTurn()
    } catch (error) {
      failure = { error }
    }
    const pending = this.#calls.filter(({ isSettled }) => !isSettled)
    this.#isOver = true
    // A call that ends here may have been followed by another one, which will no longer begin.
    for (let left = pending; left.length > 0; left = this.#calls.filter(({ isSettled }) => !isSettled))
      await Promise.all(left.map(({ ended }) => ended))
    // Node reports unhandled rejections at the end of a turn.
    await nextTurn()
    this.#isTold = true
    if (failure === undefined && !isCut()) this.#refuse([...this.#strays(), ...this.#forgotten(pending)])
    if (failure === undefined) return this.#refuse(this.#strays())
    const { error } = failure
    if (error instanceof UnpredictableError) throw error
    // A role that failed might have awaited these calls later, or may have failed because it did not await them.
    const told = error instanceof RolecallError ? error.problems : []
    const more = [...this.#strays(), ...this.#unused('had not been awaited when the role failed')].filter(
      // A promise that was used as a value is told once.
      (problem) => !told.some((each) => each.code === problem.code && isSamePlace(each.place, problem.place)),
    )
    if (more.length === 0) throw error instanceof RolecallError ? withPlace(error, () => placeOfError(error)) : error
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

  /** Errors of functions that nobody awaited. */
  #strays(): Problem[] {
    return this.#stray.flatMap((error) => {
      if (error instanceof UnpredictableError || this.#isNotBegun(error)) return []
      const call = this.#calls.find(({ failure }) => failure?.error === error)
      if (call === undefined && !(error instanceof RolecallError)) return [this.#thrownUnheard(error)]
      const why = this.#notAwaited('a function of the role that failed was not awaited', call?.site, FOR_EACH)
      return [...this.problemsOf(error), why]
    })
  }

  /** What the role's own code threw where nothing waits for it: in a function without await, or in a timer. */
  #thrownUnheard(error: unknown): Problem {
    const { hint: _, ...problem } = thrownProblem(error, this.#about)
    const message = `a function that the role does not await ${thrownWords(error).said}`
    return { ...problem, code: 'not-awaited', message, hint: FOR_EACH }
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

  /** Calls in functions that nobody awaited, but which ended before the role did. A failed one is reported by its own error. */
  #around(pending: readonly Call[]): Call[] {
    const ended = this.#calls.filter((call) => call.isUsed() && !call.isLate && !this.#isStray(call.failure))
    return firstOfForgotten(ended, pending)
  }

  #isStray(failure: Call['failure']): boolean {
    return failure !== undefined && this.#stray.includes(failure.error) && !this.#isNotBegun(failure.error)
  }

  /** Calls whose result nobody awaited, each with its error. */
  #unused(how: string): Problem[] {
    return this.#calls
      .filter(({ isUsed, isLate }) => !isUsed() && !isLate)
      .flatMap(({ what, site, failure }) => [
        ...(failure === undefined ? [] : this.problemsOf(failure.error)),
        this.#notAwaited(`${what} ${how}`, site, `write await before ${what}`),
      ])
  }

  /** An error as problems. */
  problemsOf(error: unknown): readonly Problem[] {
    if (error instanceof UnpredictableError || this.#isNotBegun(error)) return []
    return error instanceof RolecallError ? error.problems : [thrownProblem(error, this.#about)]
  }

  #isNotBegun(error: unknown): boolean {
    if (typeof error !== 'object' || error === null) return false
    // zx puts the reason why a command did not run into `cause`.
    return this.#notBegun.has(error) || ('cause' in error && this.#isNotBegun(error.cause))
  }

  /** The error of a call that never began. */
  #refusal(what: string, site?: CallSite): RolecallError {
    const why = this.#isOver ? 'the role has ended' : 'a call before it failed, and nobody has asked for its result'
    const problem = this.#notAwaited(`${what} was not begun: ${why}`, site, 'await every call')
    const refusal = new RolecallError(problem)
    this.#notBegun.add(refusal)
    if (this.#isTold) this.#onLate(problem)
    return refusal
  }

  #notAwaited(message: string, site: CallSite | undefined, hint: string): Problem {
    const place = site?.place ?? this.#about.roleAt?.()
    const { host, role } = this.#about
    return { code: 'not-awaited', host, role, message, ...(place === undefined ? {} : { place }), hint }
  }
}

function isSamePlace(one: Place | undefined, other: Place | undefined): boolean {
  return one !== undefined && one.file === other?.file && one.line === other.line && one.column === other.column
}
