import { AsyncLocalStorage } from 'node:async_hooks'
import type { Resource } from './kind.ts'

type OnMade = (resource: Resource) => void

const watching = new AsyncLocalStorage<OnMade>()

/** Tells `onMade` of every resource that is made while `work` runs, in this asynchronous context alone. */
export function watchMade<T>(onMade: OnMade, work: () => T): T {
  return watching.run(onMade, work)
}

/** What is made while `work` runs is told to nobody: it is part of another resource. */
export function unwatched<T>(work: () => T): T {
  return watching.exit(work)
}

/** To be called with every new resource by whatever makes it. */
export function made<R extends Resource>(resource: R): R {
  watching.getStore()?.(resource)
  return resource
}
