import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallSite } from '../../place.ts'

/** What a running unit (one role on one host) wants to know of the role's own code. */
export interface RoleWatch {
  /** A resource was made. */
  resourceMade(resource: MadeResource): void
  /** A promise was rejected, and nobody waits for it. */
  rejected(error: unknown): void
}

export interface MadeResource {
  readonly id: string
  readonly madeAt: CallSite
}

const current = new AsyncLocalStorage<RoleWatch | undefined>()

/** Runs a role's code: what happens in its asynchronous context is told to `unit`, and to no other that runs at the same time. */
export function runWatched<T>(unit: RoleWatch, work: () => T): T {
  return current.run(unit, work)
}

/** Runs what is not the role's own code: resources that are made there are parts of others. */
export function runUnwatched<T>(work: () => T): T {
  return current.run(undefined, work)
}

/** The unit whose role is running. */
export function runningRole(): RoleWatch | undefined {
  return current.getStore()
}

/** To be called with every new resource by whatever makes it. */
export function made<R extends MadeResource>(resource: R): R {
  current.getStore()?.resourceMade(resource)
  return resource
}
