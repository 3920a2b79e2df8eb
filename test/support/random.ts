/** Chances that come out the same for the same seed, everywhere. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** mulberry32: from 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** Throws when there is nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const one = from[Math.floor(this.next() * from.length)]
    if (one === undefined) throw new Error('Expected something to pick from, got nothing')
    return one
  }

  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[] {
    const placed = things.map((thing) => ({ thing, at: this.next() }))
    return placed.sort((a, b) => a.at - b.at).map(({ thing }) => thing)
  }
}

/**
 * `ROLECALL_SEED`, or the usual one, or one of the present moment. It is printed, so that it can be given again. What `npm test` runs has
 * a usual one: there a failure comes of a change, and not of chance. Long runs look for what nobody has thought of.
 */
export function seedOfRun(usual = Date.now() % 1_000_000): number {
  const seed = Number(process.env['ROLECALL_SEED'] ?? usual)
  process.stdout.write(`ROLECALL_SEED=${seed}\n`)
  return seed
}

/** The chances of a seed as a function: each call gives the next one, from 0 to just below 1. */
export function random(seed: number): () => number {
  const chances = new Random(seed)
  return () => chances.next()
}
