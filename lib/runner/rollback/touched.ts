import { createHash } from 'node:crypto'
import type { Resource } from '../../resources/kit/kind.ts'
import type { Unit } from '../order/unit.ts'

/** Changes of a play on one host, made for one of the play's own hosts. */
interface Touched {
  readonly host: string
  readonly resources: readonly Resource[]
}

/** What plays with `rollback` have changed: the hosts on which files may have to be restored, and the resources there that depend on these files. */
export class TouchedHosts {
  readonly #playbook: string
  readonly #asked = new Map<string, Map<string, Resource[]>>()

  constructor(playbook: string) {
    this.#playbook = playbook
  }

  /** The record of a unit's changes. Undefined: its files are not restored. */
  changesOf(unit: Unit): UnitChanges | undefined {
    const key = this.keyFor(unit)
    return key === undefined ? undefined : new UnitChanges(this, key)
  }

  /** The id of this host of the play. Undefined: its files are not restored. */
  keyFor({ play, host, isRecovery }: Pick<Unit, 'play' | 'host' | 'isRecovery'>): string | undefined {
    if (play.rollback === undefined || isRecovery === true) return undefined
    return this.keyOf(play.name, host.name)
  }

  keyOf(play: string, host: string): string {
    return digest(this.#playbook, play, host)
  }

  /** The name under which a host keeps copies for this host: two inventory hosts may be one machine. */
  keptOn(host: string, key: string): string {
    return digest(key, host)
  }

  /** Records that a role is about to converge these resources on a host, which may not be its own. */
  asked(key: string, host: string, resources: readonly Resource[]): void {
    const hosts = this.#asked.get(key) ?? new Map<string, Resource[]>()
    this.#asked.set(key, hosts.set(host, [...(hosts.get(host) ?? []), ...resources]))
  }

  /** The host itself first, then the others. */
  of(key: string, own: string): Touched[] {
    const hosts = this.#asked.get(key) ?? new Map<string, Resource[]>()
    const others = [...hosts.keys()].filter((host) => host !== own)
    return [own, ...others].map((host) => ({ host, resources: hosts.get(host) ?? [] }))
  }
}

/** The changes of one unit, on its own host and on others. */
class UnitChanges {
  readonly #touched: TouchedHosts
  readonly #key: string

  constructor(touched: TouchedHosts, key: string) {
    this.#touched = touched
    this.#key = key
  }

  /** The name under which a host keeps copies of the files that the unit changes there. */
  keptOn(host: string): string {
    return this.#touched.keptOn(host, this.#key)
  }

  /** Records that the role is about to converge these resources on a host. */
  asked(host: string, resources: readonly Resource[]): void {
    this.#touched.asked(this.#key, host, resources)
  }
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
