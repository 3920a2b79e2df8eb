import { random } from './random.ts'

/** A die that falls the same way again when it is given the same seed. */
export class Die {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = random(seed)
  }

  /** A whole number from 0 up to `sides`, `sides` not included. */
  below(sides: number): number {
    return Math.floor(this.#next() * sides)
  }

  oneOf<T>(these: readonly [T, ...T[]]): T {
    return these[this.below(these.length)] ?? these[0]
  }

  /** As often as not, or once in `sides`. */
  falls(sides = 2): boolean {
    return this.below(sides) === 0
  }
}

/** The seed of this run: that of `ROLECALL_SEED`, or a new one; it is printed, so that a failure can be had again. */
export function seedOf(): number {
  const seed = Number(process.env['ROLECALL_SEED'] ?? Date.now() % 1_000_000)
  process.stdout.write(`ROLECALL_SEED=${seed}\n`)
  return seed
}
