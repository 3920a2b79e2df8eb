import { isDeepStrictEqual } from 'node:util'

interface Known {
  readonly want: unknown
  readonly turn: number
  /** The effects of its steps are declared, so later resources see them. */
  readonly isDeclared: boolean
}

/** The last wanted state of each pending resource: a resource that wants the same again has nothing to do. */
export class Repeats {
  readonly #last = new Map<string, Known>()

  /** Records that steps of this resource are pending from this turn on. */
  keep(id: string, want: unknown, turn: number, isDeclared = true): void {
    this.#last.set(id, { want, turn, isDeclared })
  }

  /** Whether exactly this is pending of this resource. */
  has(id: string, want: unknown): boolean {
    return this.since(id, want) !== undefined
  }

  /** The turn since which exactly this is pending of this resource. */
  since(id: string, want: unknown): number | undefined {
    const last = this.#last.get(id)
    return last !== undefined && isDeepStrictEqual(last.want, want) ? last.turn : undefined
  }

  /** Whether something else with undeclared effects is pending of this resource. */
  hasUndeclared(id: string, want: unknown): boolean {
    return this.#last.get(id)?.isDeclared === false && !this.has(id, want)
  }

  /** The id of the last pending resource whose declaration matches. */
  lastSuch(isSuch: (id: string, want: unknown) => boolean): string | undefined {
    const found = [...this.#last].filter(([id, { want }]) => isSuch(id, want))
    return found.sort(([, a], [, b]) => a.turn - b.turn).at(-1)?.[0]
  }

  /** Removes what was recorded in a turn or later. */
  rewind(turn: number): void {
    for (const [id, { turn: at }] of this.#last) if (at >= turn) this.#last.delete(id)
  }
}
