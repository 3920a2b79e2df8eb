import { Refusal, type Problem } from '../errors.ts'
import type { Status } from '../events.ts'
import type { Plan, Resource } from '../resources/kind.ts'
import { inShort } from './asked.ts'
import type { Ground, Outcome } from './ensure.ts'
import type { Watch } from './exchange.ts'
import { diffText } from './diff-text.ts'
import { StepOutput } from './step-output.ts'
import { isAsWanted, type Due, type Forecast } from './forecast.ts'

/** Turns what happens to resources into events, each resource once, in their order where it can be. */
export class Telling {
  readonly #ground: Ground
  readonly #told = new Map<number, Outcome>()
  readonly #resources: readonly Resource[]
  readonly #startedAt = new Map<number, number>()
  readonly #begin = Date.now()
  readonly #output = new StepOutput()
  #now: { readonly due: Due; readonly step: number } | undefined

  constructor(ground: Ground, resources: readonly Resource[]) {
    this.#ground = ground
    this.#resources = resources
  }

  get outcomes(): Outcome[] {
    return this.#resources.flatMap((_, index) => this.#told.get(index) ?? [])
  }

  ok(item: Forecast): void {
    this.#tell(item, 'ok', {})
  }

  unknown(item: Forecast, reason: string): void {
    this.#tell(item, 'unknown', { reason })
  }

  changed(item: Forecast, plan = 'plan' in item.weighed ? item.weighed.plan : undefined): void {
    const restsOn = 'plan' in item.weighed ? item.weighed.restsOn : []
    this.#tell(item, 'change', {
      ...(plan === undefined ? {} : { plan }),
      ...(restsOn.length === 0 ? {} : { reason: `after ${inShort(restsOn)}` }),
    })
  }

  failed(item: Forecast, problem: Problem): Problem {
    this.#tell(item, 'failed', { reason: problem.message })
    this.skipAfter(item)
    return problem
  }

  /** What comes after a failure is not tried, and so nothing is known of it: check and apply say the same here. */
  skipAfter(item: Forecast): void {
    for (const [index, resource] of this.#resources.entries())
      if (index > item.index && !this.#told.has(index))
        this.#tell({ index, resource }, 'skipped', { reason: `${item.resource.id} failed before it` })
  }

  /** Of none of them anything was asked. */
  notBegun(reason: string): void {
    for (const [index, resource] of this.#resources.entries()) this.#tell({ index, resource }, 'skipped', { reason })
  }

  /** A trip that never came back: says in which step the connection was lost, for nobody knows how far that one came. */
  broken(error: unknown): never {
    const lost = error instanceof Refusal ? error.problems.find((problem) => problem.code === 'lost') : undefined
    const now = this.#now
    if (lost === undefined || now === undefined || this.#ground.signal.aborted) throw error
    const { host, role } = this.#ground
    const say = now.due.plan.steps[now.step]?.say ?? 'do a step'
    const resource = now.due.resource.id
    const message = `${lost.message}; it was about to ${say}`
    throw new Refusal(this.failed(now.due, { ...lost, host: host.name, role, resource, message }))
  }

  /** Tells of every resource that is known to be as wanted now: as changed when we acted on it. */
  settle(forecasts: readonly Forecast[], acted: ReadonlyMap<number, Plan>): void {
    for (const item of forecasts) {
      if (this.#told.has(item.index) || !isAsWanted(item.weighed)) continue
      const plan = acted.get(item.index)
      if (plan) this.changed(item, plan)
      else this.ok(item)
    }
  }

  readonly watch: Watch = (news) => {
    const { host, role, emit } = this.#ground
    const common = { host: host.name, role, resource: news.due.resource.id, at: Date.now() }
    if (news.type === 'start') {
      this.#rest()
      this.#now = news
      if (!this.#startedAt.has(news.due.index)) this.#startedAt.set(news.due.index, Date.now())
      emit({ type: 'step', ...common, say: news.due.plan.steps[news.step]?.say ?? '' })
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
    more: { readonly plan?: Plan; readonly reason?: string },
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
      steps: more.plan?.steps.map((step) => step.say) ?? [],
      ...(more.reason === undefined ? {} : { reason: more.reason }),
      ...(diff === undefined || diff === '' ? {} : { diff }),
      durationMs: status === 'change' ? Date.now() - (this.#startedAt.get(index) ?? this.#begin) : 0,
      at: Date.now(),
    })
  }
}
