import { Refusal, type Problem } from '../errors.ts'
import type { RunEvent } from '../events.ts'
import { Host } from '../host/host.ts'
import type { Host as InventoryHost } from '../inventory/inventory.ts'
import { Foreseen } from '../resources/foreseen.ts'

/** A host of this run: its one connection, and what check mode has predicted for it. */
export interface Member {
  readonly host: Host
  readonly foreseen: Foreseen
}

/** What ends a tree of processes on a host takes 0.3 s. */
const ABANDON_MS = 5000

/** One connection per host, opened when a unit first needs it and kept for the run. */
export class Pool {
  readonly #members = new Map<string, Promise<Member>>()
  readonly #open = new Set<Host>()
  readonly #acceptNewHostKeys: boolean
  readonly #emit: (event: RunEvent) => void

  constructor(acceptNewHostKeys: boolean, emit: (event: RunEvent) => void) {
    this.#acceptNewHostKeys = acceptNewHostKeys
    this.#emit = emit
  }

  /** Throws a Refusal when the host cannot be reached; asking again gives the same answer and costs nothing. */
  member(wanted: InventoryHost): Promise<Member> {
    const known = this.#members.get(wanted.name)
    if (known) return known
    const member = this.#connect(wanted)
    this.#members.set(wanted.name, member)
    return member
  }

  roundTrips(name: string): number {
    return [...this.#open].find((host) => host.name === name)?.roundTrips ?? 0
  }

  /** Ends what runs on every host now. A host that does not answer in time is left to itself. */
  async abandon(): Promise<void> {
    await Promise.allSettled(
      [...this.#open].map(async (host) => {
        const late = setTimeout(() => host.close(), ABANDON_MS)
        await host.abandon().finally(() => clearTimeout(late))
      }),
    )
  }

  close(): void {
    for (const host of this.#open) host.close()
  }

  async #connect(wanted: InventoryHost): Promise<Member> {
    this.#emit({ type: 'connecting', host: wanted.name, at: Date.now() })
    try {
      const host = await Host.connect(wanted.name, wanted.connection, { acceptNewHostKeys: this.#acceptNewHostKeys })
      this.#open.add(host)
      this.#emit({ type: 'connected', host: wanted.name, os: host.facts.os.name, at: Date.now() })
      return { host, foreseen: new Foreseen() }
    } catch (error) {
      const problem = asProblem(error, wanted.name)
      this.#emit({ type: 'unreachable', host: wanted.name, problem, at: Date.now() })
      throw new Refusal(problem)
    }
  }
}

function asProblem(error: unknown, host: string): Problem {
  const [problem] = error instanceof Refusal ? error.problems : []
  return problem ?? { code: 'connect', host, message: error instanceof Error ? error.message : String(error) }
}
