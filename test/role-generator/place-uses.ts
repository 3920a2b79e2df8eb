import { posix } from 'node:path'
import type { Random } from '../support/random.ts'
import type { Data } from './spec.ts'

/** What a generated role wants at one path. A later resource at the same path must not contradict this. */
export interface PlaceUse {
  readonly type: 'file' | 'text' | 'keys' | 'dir' | 'link' | 'absent' | 'own'
  readonly kind: string
  readonly attributes: { readonly [name: string]: Data | undefined }
  /** The arguments of the first one, for one that says the same again. */
  readonly args?: readonly Data[]
}

/** The paths that a generated role uses so far: keeps the generator from making resources that contradict each other. */
export class PlaceUses {
  readonly #uses = new Map<string, PlaceUse>()
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  at(path: string): PlaceUse | undefined {
    return this.#uses.get(posix.normalize(path))
  }

  /** Where something is wanted that such a use stands for. */
  paths(isSuch: (use: PlaceUse) => boolean): string[] {
    return [...this.#uses].flatMap(([path, use]) => (isSuch(use) ? [path] : []))
  }

  set(path: string, use: PlaceUse): void {
    this.#uses.set(posix.normalize(path), use)
  }

  /** Whether something may stand at `path`: nothing above it is wanted to be a file or nothing at all. */
  mayHold(path: string): boolean {
    for (let parent = posix.dirname(posix.normalize(path)); parent !== '/'; parent = posix.dirname(parent)) {
      const use = this.#uses.get(parent)
      if (use !== undefined && use.type !== 'dir' && use.type !== 'link' && use.type !== 'own') return false
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
      const use = this.#uses.get(dir)
      return use === undefined || (use.type === 'dir' && Object.keys(use.attributes).length === 0)
    }
    if (!above.every(isFree)) return false
    for (const dir of above)
      if (!this.#uses.has(dir)) this.#uses.set(dir, { type: 'dir', kind: 'dir', attributes: {}, args: [dir, {}] })
    return true
  }

  /** Whether nothing is wanted below `path`. */
  isBare(path: string): boolean {
    const above = `${posix.normalize(path)}/`
    return ![...this.#uses.keys()].some((each) => each.startsWith(above))
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
