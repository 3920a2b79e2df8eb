import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import type { Plan, Resource } from '../../resources/kit/kind.ts'
import type { Done } from '../../resources/kit/resource.ts'
import { inShort } from './asked.ts'
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
  readonly #begin = Date.now()
  readonly #output = new StepOutput()
  readonly #acted = new Map<number, Done & { readonly item: BatchItem }>()
  readonly #inPart = new Map<number, Plan['steps']>()
  /** The steps that have begun in this trip; all but the last have succeeded. */
  readonly #started: { readonly item: BatchItem; readonly step: number }[] = []
  #now: { readonly item: BatchItem; readonly step: number } | undefined

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

  changed(item: Forecast, plan = 'plan' in item.evaluation ? item.evaluation.plan : undefined): void {
    const dependsOn = 'plan' in item.evaluation ? item.evaluation.dependsOn : []
    this.#report(item, 'changed', {
      ...(plan === undefined ? {} : { plan }),
      ...(dependsOn.length === 0 ? {} : { reason: `after ${inShort(dependsOn)}` }),
    })
  }

  /** Starts a trip that may act. */
  begin(): void {
    this.#now = undefined
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
    this.#inPart.set(item.index, item.plan.steps.slice(0, Math.max(0, steps)))
  }

  /** Reports a failure. Changes that were made are reported too, and later resources as skipped, in check and in apply. */
  failed(item: Forecast, problem: Problem): Problem {
    for (const [index, resource] of this.#resources.entries()) {
      if (this.#reported.has(index)) continue
      const acted = this.#acted.get(index)
      const { id } = item.resource
      const isStopped = problem.code === 'cancelled'
      const word = isStopped ? 'was stopped' : 'failed'
      const reason =
        index > item.index ? `${id} ${word} before it` : `${id} ${word}, and this is not as wanted any more`
      if (index === item.index) {
        const steps = acted?.plan.steps ?? this.#inPart.get(index) ?? []
        const { message, lastLine } = problem
        const more = {
          reason: message,
          ...(lastLine === undefined ? {} : { lastLine }),
          ...(isStopped ? { interrupted: true as const } : {}),
          plan: { steps },
        }
        this.#report(item, 'failed', more)
      } else if (acted && acted.plan.steps.length > 0) this.changed(acted.item, acted.plan)
      else if (acted) this.ok(acted.item)
      else this.#report({ index, resource }, 'skipped', { reason })
    }
    return problem
  }

  /** Reports all as skipped, before any of them is probed. */
  notBegun(reason: string): void {
    for (const [index, resource] of this.#resources.entries()) this.#report({ index, resource }, 'skipped', { reason })
  }

  /** The connection was lost during a trip: reports the step, because nobody knows how much of it was done. */
  broken(error: unknown): never {
    const lost = error instanceof RolecallError ? error.problems.find((problem) => problem.code === 'lost') : undefined
    const now = this.#now
    for (const { item } of this.#started) if (item !== now?.item) this.acted(item, { plan: item.plan, effects: [] })
    if (now !== undefined) this.actedInPart(now.item, now.step)
    const { host, role, signal } = this.#context
    if (now === undefined) throw error
    if (lost === undefined || signal.aborted) {
      const message = `stopped before it was done: ${now.item.plan.steps[now.step]?.summary ?? 'a step'}`
      this.failed(now.item, { code: 'cancelled', message })
      throw error
    }
    const summary = now.item.plan.steps[now.step]?.summary ?? 'do a step'
    const resource = now.item.resource.id
    const message = `${lost.message}; it was about to ${summary}`
    throw new RolecallError(this.failed(now.item, { ...lost, host: host.name, role, resource, message }))
  }

  /** Reports every resource that is known to be as wanted now: as changed if steps ran, otherwise as ok. */
  reportAsWanted(forecasts: readonly Forecast[]): void {
    for (const item of forecasts) {
      if (this.#reported.has(item.index) || !isAsWanted(item.evaluation)) continue
      const acted = this.#acted.get(item.index)
      // A command itself may say that it changed nothing.
      if (acted && acted.plan.steps.length > 0) this.changed(item, acted.plan)
      else this.ok(item)
    }
  }

  /** Receives the progress of each step while it runs. */
  readonly onStep: OnStep = (news) => {
    const { host, role, emit } = this.#context
    const common = { host: host.name, role, resource: news.item.resource.id, at: Date.now() }
    if (news.type === 'start') {
      this.#flushOutput()
      this.#now = news
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
    if (this.#now === undefined) return
    const { host, role, emit } = this.#context
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#output.rest(stream)
      const resource = this.#now.item.resource.id
      if (text !== '') emit({ type: 'output', host: host.name, role, resource, stream, text, at: Date.now() })
    }
  }

  #report(
    { index, resource }: Pick<Forecast, 'index' | 'resource'>,
    status: Status,
    more: { readonly plan?: Plan; readonly reason?: string; readonly lastLine?: string; readonly interrupted?: true },
  ): void {
    const { host, role, emit } = this.#context
    this.#flushOutput()
    const diff = more.plan?.changes?.map(diffText).join('\n')
    this.#reported.set(index, { resource: resource.id, status })
    emit({
      type: 'resource',
      host: host.name,
      role,
      resource: resource.id,
      status,
      steps: more.plan?.steps.map((step) => step.summary) ?? [],
      ...(more.reason === undefined ? {} : { reason: more.reason }),
      ...(more.lastLine === undefined ? {} : { lastLine: more.lastLine }),
      ...(more.interrupted === undefined ? {} : { interrupted: more.interrupted }),
      ...(diff === undefined || diff === '' ? {} : { diff }),
      durationMs: status === 'changed' ? Date.now() - (this.#startedAt.get(index) ?? this.#begin) : 0,
      at: Date.now(),
    })
  }
}
