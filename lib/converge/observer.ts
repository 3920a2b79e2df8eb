import type { Problem } from '../errors.ts'
import type { Status } from '../events.ts'
import type { BatchItem, Forecast } from './forecast.ts'

/** Where a resource stands: a role on a host. */
export interface RoleOnHost {
  readonly host: string
  readonly role: string
}

/** Who looks on while resources are made so, and may keep a change from being made. */
export interface ConvergeObserver {
  /** In check mode: what was predicted of a resource, and how it was told. */
  predicted?(at: RoleOnHost, item: Forecast, status: Status): void
  /** In apply mode, before a resource is changed: why it must not be. */
  objection?(at: RoleOnHost, item: BatchItem): Problem | undefined
}

/** The same resources, asked as fully in apply mode as in check mode: what is compared must have been asked alike. */
export function fullyProbed<T extends { readonly quickProbe?: unknown }>(resource: T): T {
  return Object.create(resource, { quickProbe: { value: undefined } }) as T
}
