import { RolecallError, type Problem } from '../../errors.ts'
import type { Status } from '../../events.ts'
import type { Plan, Resource } from '../../resources/kit/kind.ts'
import { inShort } from './asked.ts'
import type { Watch } from '../exchange.ts'
import { diffText } from './diff-text.ts'
import { StepOutput } from './step-output.ts'
import { isAsWanted, type BatchItem, type Forecast } from '../forecast.ts'
import type { ConvergeContext, Outcome } from '../converge-context.ts'

/** Turns what happens to resources into events, each resource once, in their order where it can be. */
export class ResourceReporter {
  readonly #ground: ConvergeContext
  readonly #told = new Map<number, Outcome>()
  readonly #resources: readonly Resource[]
  readonly #startedAt = new Map<number, number>()
  readonly #begin = Date.now()
  readonly #output = new StepOutput()
  readonly #acted = new Map<number, { readonly due: BatchItem; readonly plan: Plan }>()
  readonly #inPart = new Map<number, Plan['steps']>()
  /** The steps that were begun in this trip; all but the last have ended well. */
  readonly #started: { readonly due: BatchItem; readonly step: number }[] = []
  #now: { readonly due: BatchItem; readonly step: number } | undefined

  constructor(ground: ConvergeContext, resources: readonly Resource[]) {
    this.#ground = ground
    this.#resources = resources
  }

  get outcomes(): Outcome[] {
    return this.#resources.flatMap((_, index) => this.#told.get(index) ?? [])
  }

  /** How a resource was told; undefined while it was not. */
  statusOf({ index }: Pick<Forecast, 'index'>): Status | undefined {
    return this.#told.get(index)?.status
  }

  ok(item: Forecast): void {
    this.#tell(item, 'ok', {})
  }

  unknown(item: Forecast, reason: string): void {
    this.#tell(item, 'unknown', { reason })
  }

  changed(item: Forecast, plan = 'plan' in item.evaluation ? item.evaluation.plan : undefined): void {
    const dependsOn = 'plan' in item.evaluation ? item.evaluation.dependsOn : []
    this.#tell(item, 'changed', {
      ...(plan === undefined ? {} : { plan }),
      ...(dependsOn.length === 0 ? {} : { reason: `after ${inShort(dependsOn)}` }),
    })
  }

  /** A trip begins that may act. */
  begin(): void {
    this.#now = undefined
    this.#started.length = 0
  }

  /** All steps of a resource were made. */
  acted(due: BatchItem, plan: Plan): void {
    this.#acted.set(due.index, { due, plan })
  }

  /** Only so many steps of a resource were made. */
  actedInPart(due: BatchItem, steps: number): void {
    this.#inPart.set(due.index, due.plan.steps.slice(0, Math.max(0, steps)))
  }

  /** What was done is told as done, whatever failed. What else comes after a failure is not tried: check and apply say the same here. */
  failed(item: Forecast, problem: Problem): Problem {
    for (const [index, resource] of this.#resources.entries()) {
      if (this.#told.has(index)) continue
      const acted = this.#acted.get(index)
      const { id } = item.resource
      const reason = index > item.index ? `${id} failed before it` : `${id} failed, and this is not as wanted any more`
      if (index === item.index) {
        const steps = acted?.plan.steps ?? this.#inPart.get(index) ?? []
        const { message: reason, lastLine } = problem
        this.#tell(item, 'failed', { reason, ...(lastLine === undefined ? {} : { lastLine }), plan: { steps } })
      } else if (acted && acted.plan.steps.length > 0) this.changed(acted.due, acted.plan)
      else if (acted) this.ok(acted.due)
      else this.#tell({ index, resource }, 'skipped', { reason })
    }
    return problem
  }

  /** Of none of them anything was asked. */
  notBegun(reason: string): void {
    for (const [index, resource] of this.#resources.entries()) this.#tell({ index, resource }, 'skipped', { reason })
  }

  /** A trip that never came back: says in which step the connection was lost, for nobody knows how far that one came. */
  broken(error: unknown): never {
    const lost = error instanceof RolecallError ? error.problems.find((problem) => problem.code === 'lost') : undefined
    const now = this.#now
    for (const { due } of this.#started) if (due !== now?.due) this.acted(due, due.plan)
    if (now !== undefined) this.actedInPart(now.due, now.step)
    const { host, role, signal } = this.#ground
    if (now === undefined) throw error
    if (lost === undefined || signal.aborted) {
      const message = `ended while it was about to ${now.due.plan.steps[now.step]?.summary ?? 'do a step'}`
      this.failed(now.due, { code: 'cancelled', message })
      throw error
    }
    const say = now.due.plan.steps[now.step]?.summary ?? 'do a step'
    const resource = now.due.resource.id
    const message = `${lost.message}; it was about to ${say}`
    throw new RolecallError(this.failed(now.due, { ...lost, host: host.name, role, resource, message }))
  }

  /** Tells of every resource that is known to be as wanted now: as changed when we acted on it. */
  settle(forecasts: readonly Forecast[]): void {
    for (const item of forecasts) {
      if (this.#told.has(item.index) || !isAsWanted(item.evaluation)) continue
      const acted = this.#acted.get(item.index)
      // A command may say itself that it has changed nothing.
      if (acted && acted.plan.steps.length > 0) this.changed(item, acted.plan)
      else this.ok(item)
    }
  }

  readonly watch: Watch = (news) => {
    const { host, role, emit } = this.#ground
    const common = { host: host.name, role, resource: news.due.resource.id, at: Date.now() }
    if (news.type === 'start') {
      this.#rest()
      this.#now = news
      this.#started.push(news)
      if (!this.#startedAt.has(news.due.index)) this.#startedAt.set(news.due.index, Date.now())
      emit({ type: 'step', ...common, say: news.due.plan.steps[news.step]?.summary ?? '' })
    } else {
      const { said, text } = this.#output.take(news.stream, news.bytes)
      for (const each of said) emit({ type: 'waiting', host: host.name, role, message: each, at: Date.now() })
      if (text !== '') emit({ type: 'output', ...common, stream: news.stream, text })
    }
  }

  /** What the last step printed, and might have been the beginning of a secret, was none. */
  #rest(): void {
    if (this.#now === undefined) return
    const { host, role, emit } = this.#ground
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#output.rest(stream)
      const resource = this.#now.due.resource.id
      if (text !== '') emit({ type: 'output', host: host.name, role, resource, stream, text, at: Date.now() })
    }
  }

  #tell(
    { index, resource }: Pick<Forecast, 'index' | 'resource'>,
    status: Status,
    more: { readonly plan?: Plan; readonly reason?: string; readonly lastLine?: string },
  ): void {
    const { host, role, emit } = this.#ground
    this.#rest()
    const diff = more.plan?.changes?.map(diffText).join('\n')
    this.#told.set(index, { resource: resource.id, status })
    emit({
      type: 'resource',
      host: host.name,
      role,
      resource: resource.id,
      status,
      steps: more.plan?.steps.map((step) => step.summary) ?? [],
      ...(more.reason === undefined ? {} : { reason: more.reason }),
      ...(more.lastLine === undefined ? {} : { lastLine: more.lastLine }),
      ...(diff === undefined || diff === '' ? {} : { diff }),
      durationMs: status === 'changed' ? Date.now() - (this.#startedAt.get(index) ?? this.#begin) : 0,
      at: Date.now(),
    })
  }
}
