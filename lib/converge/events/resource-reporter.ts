import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import type { Plan, Resource } from '../../resources/kit/kind.ts'
import type { Done } from '../../resources/kit/resource.ts'
import { inShort } from './ensure-arguments.ts'
import type { OnStep } from '../round-trips/apply-batch.ts'
import { diffText } from './diff-text.ts'
import { StepOutput } from './step-output.ts'
import { isAsWanted, type BatchItem, type Forecast } from '../forecast.ts'
import type { ConvergeContext, Outcome } from '../converge-context.ts'

/** Turns the progress of resources into events: one `resource` event for each, in their order if possible. */
export class ResourceReporter {
  readonly #context: ConvergeContext
  readonly #reported = new Map<number, Outcome>()
  readonly #resources: readonly Resource[]
  readonly #startedAt = new Map<number, number>()
  readonly #createdAt = Date.now()
  readonly #output = new StepOutput()
  readonly #acted = new Map<number, Done & { readonly item: BatchItem }>()
  readonly #stepsDone = new Map<number, Plan['steps']>()
  /** The steps that have begun in this trip; all but the last have succeeded. */
  readonly #started: { readonly item: BatchItem; readonly step: number }[] = []
  #running: { readonly item: BatchItem; readonly step: number } | undefined

  constructor(context: ConvergeContext, resources: readonly Resource[]) {
    this.#context = context
    this.#resources = resources
  }

  get outcomes(): Outcome[] {
    return this.#resources.flatMap((_, index) => this.#reported.get(index) ?? [])
  }

  /** The status that was reported for a resource; undefined before that. */
  statusOf({ index }: Pick<Forecast, 'index'>): Status | undefined {
    return this.#reported.get(index)?.status
  }

  ok(item: Forecast): void {
    this.#report(item, 'ok', {})
  }

  unknown(item: Forecast, reason: string): void {
    this.#report(item, 'unknown', { reason })
  }

  changed(item: Forecast, plan = item.evaluation.type === 'planned' ? item.evaluation.plan : undefined): void {
    const dependsOn = item.evaluation.type === 'planned' ? item.evaluation.dependsOn : []
    this.#report(item, 'changed', {
      ...(plan === undefined ? {} : { plan }),
      ...(dependsOn.length === 0 ? {} : { reason: `after ${inShort(dependsOn)}` }),
    })
  }

  /** Starts a trip that may act. */
  begin(): void {
    this.#running = undefined
    this.#started.length = 0
  }

  /** Records that all steps of a resource succeeded. */
  acted(item: BatchItem, { plan, effects }: Done): void {
    this.#acted.set(item.index, { item, plan, effects })
  }

  /** The changes by the steps of a resource; in check mode undefined. */
  effectsOf({ index }: Pick<Forecast, 'index'>): Done['effects'] | undefined {
    return this.#acted.get(index)?.effects
  }

  /** Records that only this many steps of a resource succeeded. */
  actedInPart(item: BatchItem, steps: number): void {
    this.#stepsDone.set(item.index, item.plan.steps.slice(0, Math.max(0, steps)))
  }

  /** Reports a failure. Changes that were made are reported too, and later resources as skipped, in check and in apply. */
  failed(item: Forecast, problem: Problem): Problem {
    const isStopped = problem.code === 'cancelled'
    const cause = `${item.resource.id} ${isStopped ? 'was stopped' : 'failed'}`
    for (const [index, resource] of this.#resources.entries()) {
      if (this.#reported.has(index)) continue
      const acted = this.#acted.get(index)
      if (index === item.index) {
        const steps = acted?.plan.steps ?? this.#stepsDone.get(index) ?? []
        const { message, lastLine } = problem
        this.#report(item, 'failed', {
          reason: message,
          ...(lastLine === undefined ? {} : { lastLine }),
          ...(isStopped ? { interrupted: true as const } : {}),
          plan: { steps },
        })
      } else if (acted) this.#reportActed(acted.item, acted.plan)
      else {
        const reason = index > item.index ? `${cause} before it` : `${cause}, and this is not as wanted any more`
        this.#report({ index, resource }, 'skipped', { reason })
      }
    }
    return problem
  }

  /** Reports all as skipped, before any of them is probed. */
  notBegun(reason: string): void {
    for (const [index, resource] of this.#resources.entries()) this.#report({ index, resource }, 'skipped', { reason })
  }

  /**
   * A trip ended in the middle of a step, as by a lost connection: reports the step, because nobody knows how much of it was done. Throws the error again; for a
   * lost connection one that names the step.
   */
  interrupted(error: unknown): never {
    const running = this.#running
    if (running === undefined) throw error
    const { item, step } = running
    for (const { item: earlier } of this.#started)
      if (earlier !== item) this.acted(earlier, { plan: earlier.plan, effects: [] })
    this.actedInPart(item, step)
    const { host, role, signal } = this.#context
    const lost = error instanceof RolecallError ? error.problems.find((problem) => problem.code === 'lost') : undefined
    const summary = item.plan.steps[step]?.summary
    if (lost === undefined || signal.aborted) {
      this.failed(item, { code: 'cancelled', message: `stopped before it was done: ${summary ?? 'a step'}` })
      throw error
    }
    const message = `${lost.message}; it was about to ${summary ?? 'do a step'}`
    const resource = item.resource.id
    throw new RolecallError(this.failed(item, { ...lost, host: host.name, role, resource, message }))
  }

  /** Reports every resource that is known to be as wanted now: as changed if steps ran, otherwise as ok. */
  reportAsWanted(forecasts: readonly Forecast[]): void {
    for (const item of forecasts) {
      if (this.#reported.has(item.index) || !isAsWanted(item.evaluation)) continue
      const acted = this.#acted.get(item.index)
      if (acted === undefined) this.ok(item)
      else this.#reportActed(item, acted.plan)
    }
  }

  /** A command itself may say that it changed nothing: then no step is left in its plan. */
  #reportActed(item: Forecast, plan: Plan): void {
    if (plan.steps.length > 0) this.changed(item, plan)
    else this.ok(item)
  }

  /** Receives the progress of each step while it runs. */
  readonly onStep: OnStep = (news) => {
    const { host, role, emit } = this.#context
    const common = { host: host.name, role, resource: news.item.resource.id, at: Date.now() }
    if (news.type === 'start') {
      this.#flushOutput()
      this.#running = news
      this.#started.push(news)
      if (!this.#startedAt.has(news.item.index)) this.#startedAt.set(news.item.index, Date.now())
      emit({ type: 'step', ...common, say: news.item.plan.steps[news.step]?.summary ?? '' })
    } else {
      const { said, text } = this.#output.take(news.stream, news.bytes)
      for (const each of said) emit({ type: 'waiting', host: host.name, role, message: each, at: Date.now() })
      if (text !== '') emit({ type: 'output', ...common, stream: news.stream, text })
    }
  }

  /** Reports output of the last step that was held back because it might have been the beginning of a secret. */
  #flushOutput(): void {
    if (this.#running === undefined) return
    const { host, role, emit } = this.#context
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#output.rest(stream)
      const resource = this.#running.item.resource.id
      if (text !== '') emit({ type: 'output', host: host.name, role, resource, stream, text, at: Date.now() })
    }
  }

  #report(
    { index, resource }: Pick<Forecast, 'index' | 'resource'>,
    status: Status,
    result: { readonly plan?: Plan; readonly reason?: string; readonly lastLine?: string; readonly interrupted?: true },
  ): void {
    const { host, role, emit } = this.#context
    this.#flushOutput()
    const diff = result.plan?.changes?.map(diffText).join('\n')
    this.#reported.set(index, { resource: resource.id, status })
    emit({
      type: 'resource',
      host: host.name,
      role,
      resource: resource.id,
      status,
      steps: result.plan?.steps.map((step) => step.summary) ?? [],
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(result.lastLine === undefined ? {} : { lastLine: result.lastLine }),
      ...(result.interrupted === undefined ? {} : { interrupted: result.interrupted }),
      ...(diff === undefined || diff === '' ? {} : { diff }),
      durationMs: status === 'changed' ? Date.now() - (this.#startedAt.get(index) ?? this.#createdAt) : 0,
      at: Date.now(),
    })
  }
}
