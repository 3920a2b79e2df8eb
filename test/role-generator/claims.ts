import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { Data } from './spec.ts'

/** What a role wants at one place. Whoever comes to that place again must want something that goes together with that. */
export interface Claim {
  readonly is: 'file' | 'text' | 'keys' | 'dir' | 'link' | 'absent' | 'own'
  readonly kind: string
  readonly attributes: { readonly [name: string]: Data | undefined }
  /** The arguments of the first one, for one that says the same again. */
  readonly args?: readonly Data[]
}

/** A role that wants two things of one place is wrong whatever is said of it: this keeps one from being made, as far as names tell. */
export class Claims {
  readonly #claims = new Map<string, Claim>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  at(path: string): Claim | undefined {
    return this.#claims.get(posix.normalize(path))
  }

  /** Where something is wanted that such a claim stands for. */
  paths(isSuch: (claim: Claim) => boolean): string[] {
    return [...this.#claims].flatMap(([path, claim]) => (isSuch(claim) ? [path] : []))
  }

  set(path: string, claim: Claim): void {
    this.#claims.set(posix.normalize(path), claim)
  }

  /** Whether something may stand at `path`: nothing above it is wanted to be a file or nothing at all. */
  mayHold(path: string): boolean {
    for (let parent = posix.dirname(posix.normalize(path)); parent !== '/'; parent = posix.dirname(parent)) {
      const claim = this.#claims.get(parent)
      if (claim !== undefined && claim.is !== 'dir' && claim.is !== 'link' && claim.is !== 'own') return false
    }
    return true
  }

  /**
   * Whether the directories above `path` stay root's own, as a program needs them that works there as root. From then on they do: a role that gives
   * one of them away later would be refused by its own second apply.
   */
  holdsAbove(path: string): boolean {
    const above: string[] = []
    for (let parent = posix.dirname(posix.normalize(path)); parent.startsWith('/srv/w'); parent = posix.dirname(parent))
      above.push(parent)
    const isFree = (dir: string) => {
      const claim = this.#claims.get(dir)
      return claim === undefined || (claim.is === 'dir' && Object.keys(claim.attributes).length === 0)
    }
    if (!above.every(isFree)) return false
    for (const dir of above)
      if (!this.#claims.has(dir)) this.#claims.set(dir, { is: 'dir', kind: 'dir', attributes: {}, args: [dir, {}] })
    return true
  }

  /** Whether nothing is wanted below `path`. */
  isBare(path: string): boolean {
    const above = `${posix.normalize(path)}/`
    return ![...this.#claims.keys()].some((each) => each.startsWith(above))
  }

  /** Mode and owner of whatever stands at a path: one answer for all who ask. */
  attributes(isDir: boolean): { readonly [name: string]: Data | undefined } {
    const random = this.#random
    const often = (share: number) => random.next() < share
    const modes = isDir
      ? ['0755', '0700', '0750', '2755', '1777', '0555']
      : ['0644', '0600', '0640', '0755', '0444', '4755']
    const owners = ['root', 'daemon', 'nobody', 'ops', '1234']
    return {
      ...(often(0.5) ? { mode: random.pick(modes) } : {}),
      ...(often(0.25) ? { owner: random.pick(owners) } : {}),
      ...(often(0.2) ? { group: random.pick(['root', 'daemon', 'nogroup', 'ops', '1234']) } : {}),
    }
  }
}
