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
