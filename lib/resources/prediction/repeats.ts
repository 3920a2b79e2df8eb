import { isDeepStrictEqual } from 'node:util'

interface Known {
  readonly want: unknown
  readonly turn: number
  /** What its steps bring is declared: later resources see that. */
  readonly isDeclared: boolean
}

/** What was last wanted of each resource that is pending: one that says the same once more finds it done. */
export class Repeats {
  readonly #last = new Map<string, Known>()

  /** Steps of this resource are pending from this turn on. */
  keep(id: string, want: unknown, turn: number, isDeclared = true): void {
    this.#last.set(id, { want, turn, isDeclared })
  }

  /** Whether what is pending of this resource is just this. */
  has(id: string, want: unknown): boolean {
    return this.since(id, want) !== undefined
  }

  /** From which turn on just this is pending of this resource. */
  since(id: string, want: unknown): number | undefined {
    const last = this.#last.get(id)
    return last !== undefined && isDeepStrictEqual(last.want, want) ? last.turn : undefined
  }

  /** Whether something else is pending of this resource, and nobody has declared what that brings. */
  hasUndeclared(id: string, want: unknown): boolean {
    return this.#last.get(id)?.isDeclared === false && !this.has(id, want)
  }

  /** The id of the last pending resource whose words are such. */
  lastSuch(isSuch: (id: string, want: unknown) => boolean): string | undefined {
    const found = [...this.#last].filter(([id, { want }]) => isSuch(id, want))
    return found.sort(([, a], [, b]) => a.turn - b.turn).at(-1)?.[0]
  }

  /** Forgets what came in a turn or later. */
  rewind(turn: number): void {
    for (const [id, { turn: at }] of this.#last) if (at >= turn) this.#last.delete(id)
  }
}
