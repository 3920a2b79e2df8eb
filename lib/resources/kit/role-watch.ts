import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallSite } from '../../place.ts'

/** What a running unit (one role on one host) observes of the role's own code. */
export interface RoleWatch {
  /** Called when a resource is made. */
  resourceMade(resource: MadeResource): void
  /** Called when a promise is rejected and nobody waits for it. */
  rejected(error: unknown): void
}

export interface MadeResource {
  readonly id: string
  readonly madeAt: CallSite
}

const current = new AsyncLocalStorage<RoleWatch | undefined>()

/** Runs a role's code. Events in its asynchronous context go to `unit`, not to other units that run at the same time. */
export function runWatched<T>(unit: RoleWatch, work: () => T): T {
  return current.run(unit, work)
}

/** Runs code that is not the role's own. Resources made there are parts of other resources, so the unit does not see them. */
export function runUnwatched<T>(work: () => T): T {
  return current.run(undefined, work)
}

/** The unit whose role is running. */
export function runningRole(): RoleWatch | undefined {
  return current.getStore()
}

/** Reports a new resource to the running unit. Every function that makes a resource calls this. */
export function made<R extends MadeResource>(resource: R): R {
  current.getStore()?.resourceMade(resource)
  return resource
}
