import type { Host } from '../host/host.ts'
import { MUST_LIVE_SECONDS } from '../resources/processes/after-start.ts'
import type { Resource } from '../resources/kit/kind.ts'
import type { Effect } from '../resources/prediction/effect.ts'

/** The role that has started something, and where. */
interface Starter {
  readonly host: Host
  readonly role: string
}

/** Something that a resource has started, or that a package before it has. */
export interface StartedResource {
  readonly resource: Resource
  readonly context: Starter
  /** When its start was reported: milliseconds since the epoch. */
  readonly at: number
  /** A command or a package has acted since, so it may have been stopped on purpose. */
  readonly mayBeStopped: boolean
}

/** What a run has started on one host and not probed again yet. */
export class StartedResources {
  readonly #things = new Map<string, StartedResource>()
  /** When a package or a command last acted: it may have started anything. */
  #opaqueAt = -Infinity

  /** The steps of a resource have run. */
  acted(resource: Resource, context: Starter, effects: readonly Effect[], at = Date.now()): void {
    if (effects.some(({ type }) => type === 'package' || type === 'anything')) this.mayHaveChanged(at)
    if (resource.afterStart === undefined) this.#things.delete(resource.id)
    else this.#things.set(resource.id, { resource, context, at, mayBeStopped: false })
  }

  /** A resource is as wanted, without any step: what a package before it has started may not have lived for long. */
  found(resource: Resource, context: Starter, now = Date.now()): void {
    const isYoung = now - this.#opaqueAt < MUST_LIVE_SECONDS * 1000
    if (resource.afterStart === undefined || !isYoung || this.#things.has(resource.id)) return
    this.#things.set(resource.id, { resource, context, at: this.#opaqueAt, mayBeStopped: false })
  }

  /** A package or a command has acted: it may have started or stopped anything. */
  mayHaveChanged(at = Date.now()): void {
    this.#opaqueAt = at
    for (const [id, thing] of this.#things) this.#things.set(id, { ...thing, mayBeStopped: true })
  }

  get isEmpty(): boolean {
    return this.#things.size === 0
  }

  /** Returns all of them, and forgets them. */
  take(): readonly StartedResource[] {
    const things = [...this.#things.values()]
    this.#things.clear()
    return things
  }
}
