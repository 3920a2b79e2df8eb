import type { RoleOnHost } from '../../converge/observer.ts'
import type { Forecast } from '../../converge/forecast.ts'
import type { ResourceEvent, RunEvent, Status } from '../../events.ts'
import { shown } from '../../gate/gate.ts'
import type { Unit } from '../units/units.ts'
import { changesDigest, scriptDigest } from './digests.ts'
import type { RunObserver } from './observer.ts'
import type { PlanKey } from './plan-key.ts'
import type { PlannedResource, PlannedUnit } from './plan-file.ts'
import { plannedUnits } from './planned-units.ts'
import { actionOf, type LiveResource } from './policies.ts'

/** Records the forecasts of a check, for a plan. */
export class PlanRecorder implements RunObserver {
  readonly resources: PlannedResource[] = []
  readonly events: RunEvent[] = []
  plannedUnits: PlannedUnit[] = []
  inventoryDigest = ''
  /** The same, with the data for policies. */
  readonly live: LiveResource[] = []
  readonly #key: PlanKey
  readonly #groups = new Map<string, readonly string[]>()

  constructor(key: PlanKey) {
    this.#key = key
  }

  async units(units: readonly Unit[], inventoryDigest: string): Promise<void> {
    this.plannedUnits = await plannedUnits(this.#key, units)
    this.inventoryDigest = this.#key.digest('inventory', inventoryDigest)
    for (const { host } of units) this.#groups.set(host.name, host.groups)
  }

  predicted(at: RoleOnHost, { resource, reply, evaluation }: Forecast, status: Status): void {
    if (status === 'ok') return
    const plan = evaluation.type === 'planned' ? evaluation.plan : { steps: [] }
    const isPredicted = evaluation.type === 'planned' && evaluation.dependsOn.length > 0
    const steps = shown(plan.steps.map(({ summary }) => summary))
    const actions = plan.steps.flatMap((step) => actionOf(step) ?? [])
    this.resources.push({
      ...shown({ ...at, resource: resource.id }),
      status,
      steps,
      answer: this.#key.digest('answer', String(reply.code), reply.bytes),
      script: scriptDigest(this.#key, plan.steps),
      changes: changesDigest(this.#key, plan),
      ...(isPredicted ? { isPredicted: true } : {}),
      ...(actions.length > 0 ? { actions } : {}),
    })
    this.live.push({ ...at, groups: this.#groups.get(at.host) ?? [], resource, status, plan })
  }

  /** The events of the check, without resources that are as wanted. */
  tell(event: RunEvent): void {
    if (event.type === 'resource') {
      if (event.status !== 'ok') this.events.push(event)
      // A role that cannot be predicted to its end has no resource for its rest.
      if (event.status === 'unknown' && event.resource === `role:${event.role}`) this.#restOfRole(event)
    } else if (!UNTOLD.has(event.type)) this.events.push(event)
  }

  #restOfRole({ host, role, resource, reason = '' }: ResourceEvent): void {
    const digest = this.#key.digest('unknown', reason)
    this.resources.push({ host, role, resource, status: 'unknown', steps: [], answer: digest, script: '', changes: '' })
  }
}

const UNTOLD: ReadonlySet<RunEvent['type']> = new Set(['connecting', 'connected', 'step', 'output', 'waiting', 'unit'])
