import type { Problem } from '../errors.ts'
import type { Status } from '../events.ts'
import type { Resource } from '../resources/kit/kind.ts'
import type { BatchItem, Forecast } from './forecast.ts'

/** Where a resource belongs: a role on a host. */
export interface RoleOnHost {
  readonly host: string
  readonly role: string
}

/** Observes how resources are converged, and may stop a change. */
export interface ConvergeObserver {
  /** In check mode: the forecast of a resource, and how it was reported. */
  predicted?(at: RoleOnHost, item: Forecast, status: Status): void
  /** In apply mode, before a resource is changed: why it must not be changed. */
  objection?(at: RoleOnHost, item: BatchItem): Problem | undefined
}

/** The same resources, probed as fully in apply mode as in check mode: results are compared only when they were probed alike. */
export function fullyProbed(resource: Resource): Resource {
  if (resource.quickProbe?.isComplete === true) return resource
  return Object.create(resource, { quickProbe: { value: undefined } }) as Resource
}
