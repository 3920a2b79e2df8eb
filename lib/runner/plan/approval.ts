import type { BatchItem } from '../../converge/forecast.ts'
import type { RoleOnHost } from '../../converge/observer.ts'
import { RolecallError, type Problem } from '../../errors.ts'
import type { Unit } from '../units/units.ts'
import { resourceKey, uncertainResources, unitDifferences, words, type Difference } from './compare.ts'
import { scriptDigest } from './digests.ts'
import type { RunObserver } from './observer.ts'
import type { PlannedResource, SavedPlan } from './plan-file.ts'
import type { PlanKey } from './plan-key.ts'
import { plannedUnits } from './planned-units.ts'
import { shown } from '../../gate/gate.ts'

interface ApprovalOptions {
  /** Allows changes of resources that the plan calls unknown. */
  readonly allowUnknown: boolean
  /** Differences found on hosts: nothing is done on these hosts. */
  readonly differences: readonly Difference[]
}

type Approved = Pick<SavedPlan, 'id' | 'at' | 'units' | 'resources'>

/** Lets a run make the changes of a plan, and no others. */
export class Approval implements RunObserver {
  readonly plan: string
  readonly #approved: Approved
  readonly #key: PlanKey
  readonly #options: ApprovalOptions
  readonly #resources = new Map<string, PlannedResource[]>()
  readonly #uncertain: ReadonlySet<string>

  constructor(approved: Approved, key: PlanKey, options: ApprovalOptions) {
    this.plan = approved.id
    this.#approved = approved
    this.#key = key
    this.#options = options
    this.#uncertain = uncertainResources(approved.resources)
    for (const each of approved.resources) {
      const id = resourceKey(each, each.resource)
      this.#resources.set(id, [...(this.#resources.get(id) ?? []), each])
    }
  }

  async units(units: readonly Unit[]): Promise<void> {
    const differing = unitDifferences(this.#approved.units, shown(await plannedUnits(this.#key, units)))
    if (differing.length > 0) throw new RolecallError(staleProblems(differing, this.#approved))
  }

  refuseHost(host: string): readonly Problem[] {
    return staleProblems(
      this.#options.differences.filter((each) => each.host === host),
      this.#approved,
    )
  }

  objection(at: RoleOnHost, { resource, plan }: BatchItem): Problem | undefined {
    const { steps } = shown({ steps: plan.steps.map(({ summary }) => summary) })
    const planned = this.#resources.get(resourceKey(at, shown(resource.id))) ?? []
    const isApproved = planned.some(
      (each) =>
        each.status === 'changed' &&
        (each.script === scriptDigest(this.#key, plan.steps) ||
          (words(each) === steps.join(', ') && this.#uncertain.has(resourceKey(at, each.resource)))),
    )
    if (isApproved) return undefined
    const isUnknown =
      planned.some(({ status }) => status === 'unknown') || this.#resources.has(resourceKey(at, `role:${at.role}`))
    if (isUnknown && this.#options.allowUnknown) return undefined
    const what = `would now be changed: ${steps.join(', ')}`
    return {
      code: 'stale-plan',
      message: `${inPlan(isUnknown, planned)}, and ${what}`,
      hint: isUnknown
        ? 'plan again, now that more is known; or allow it: --allow-unknown'
        : 'plan again, and have the new plan approved',
    }
  }
}

/** What the plan says of a resource that differs from it. */
function inPlan(isUnknown: boolean, planned: readonly PlannedResource[]): string {
  if (isUnknown) return 'the plan says that it is unknown'
  return planned.length === 0 ? 'it is not in the plan' : 'the plan has other steps for it'
}

/** `node-03 file:/etc/x changed since 14:02`. */
export function staleProblems(all: readonly Difference[], { at }: Pick<SavedPlan, 'at'>): Problem[] {
  return all.map(({ host, role, resource, what, isFailure = false, hint }) => ({
    code: 'stale-plan',
    host,
    role,
    ...(resource === undefined ? {} : { resource }),
    message: `${resource ?? `role ${role}`} ${what}${isFailure ? '' : `, since ${momentText(at)}`}`,
    hint: hint ?? (isFailure ? 'correct that, then plan again' : 'plan again, and have the new plan approved'),
  }))
}

/** `14:02`, with the date if it is another day. */
export function momentText(at: number, now = Date.now()): string {
  const [day = '', time = ''] = new Date(at).toLocaleString('sv-SE').split(' ')
  const today = new Date(now).toLocaleDateString('sv-SE')
  return day === today ? time.slice(0, 5) : `${day} ${time.slice(0, 5)}`
}
