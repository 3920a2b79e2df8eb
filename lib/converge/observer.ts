import type { Problem } from '../errors.ts'
import type { Status } from '../events.ts'
import type { Resource } from '../resources/kit/kind.ts'
import type { BatchItem, Forecast } from './forecast.ts'

/** The place of a resource: a role on a host. */
export interface RoleOnHost {
  readonly host: string
  readonly role: string
}

/** Observes how resources are converged, and may stop a change. */
export interface ConvergeObserver {
  /** In check mode: receives the forecast of a resource, and the reported result. */
  predicted?(at: RoleOnHost, item: Forecast, status: Status): void
  /** In apply mode, before a resource is changed: returns why it must not be changed. */
  objection?(at: RoleOnHost, item: BatchItem): Problem | undefined
}

/** Wraps resources so that apply probes them as fully as check: answers can be compared only if they come from the same probe. */
export function fullyProbed(resource: Resource): Resource {
  if (resource.quickProbe?.isComplete === true) return resource
  return Object.create(resource, { quickProbe: { value: undefined } }) as Resource
}
