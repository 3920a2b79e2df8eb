import { createHash } from 'node:crypto'

const SIZE = 624
const MIDDLE = 397

/**
 * Python's `random.Random(seed)`: the Mersenne Twister, seeded as Python 3 seeds it. The same seed gives the same numbers here and there.
 *
 * Source: Modules/_randommodule.c and Lib/random.py of CPython 3.11.
 *
 * @example
 * new PythonRandom('web-01').below(60)   // as Random('web-01').randrange(60)
 */
export class PythonRandom {
  readonly #state = new Uint32Array(SIZE)
  #at = SIZE

  constructor(seed: string | number) {
    this.#seedWith(typeof seed === 'string' ? wordsOfText(seed) : wordsOfInt(BigInt(Math.abs(seed))))
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    const bits = limit.toString(2).length
    for (;;) {
      const drawn = this.#bits(bits)
      if (drawn < limit) return drawn
    }
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const order = items.map((_, at) => at)
    for (let at = items.length - 1; at > 0; at--) {
      const other = this.below(at + 1)
      const [mine = 0, theirs = 0] = [order[at], order[other]]
      order[at] = theirs
      order[other] = mine
    }
    return order.flatMap((from) => items.slice(from, from + 1))
  }

  #bits(count: number): number {
    if (count <= 32) return this.#next() >>> (32 - count)
    const low = this.#next()
    return low + (this.#next() >>> (64 - count)) * 2 ** 32
  }

  #seedWith(key: Uint32Array): void {
    const state = this.#state
    state[0] = 19_650_218
    for (let at = 1; at < SIZE; at++) state[at] = Math.imul(1_812_433_253, mixed(state[at - 1] ?? 0)) + at
    let at = 1
    const advance = () => {
      if (++at < SIZE) return
      state[0] = state[SIZE - 1] ?? 0
      at = 1
    }
    for (let step = 0; step < Math.max(SIZE, key.length); step++) {
      const from = step % key.length
      state[at] = ((state[at] ?? 0) ^ Math.imul(mixed(state[at - 1] ?? 0), 1_664_525)) + (key[from] ?? 0) + from
      advance()
    }
    for (let step = 1; step < SIZE; step++) {
      state[at] = ((state[at] ?? 0) ^ Math.imul(mixed(state[at - 1] ?? 0), 1_566_083_941)) - at
      advance()
    }
    state[0] = 0x80_00_00_00
  }

  #next(): number {
    if (this.#at >= SIZE) this.#renew()
    let drawn = this.#state[this.#at++] ?? 0
    drawn ^= drawn >>> 11
    drawn ^= (drawn << 7) & 0x9d_2c_56_80
    drawn ^= (drawn << 15) & 0xef_c6_00_00
    return (drawn ^ (drawn >>> 18)) >>> 0
  }

  #renew(): void {
    const state = this.#state
    for (let at = 0; at < SIZE; at++) {
      const both = ((state[at] ?? 0) & 0x80_00_00_00) | ((state[(at + 1) % SIZE] ?? 0) & 0x7f_ff_ff_ff)
      state[at] = (state[(at + MIDDLE) % SIZE] ?? 0) ^ (both >>> 1) ^ ((both & 1) === 0 ? 0 : 0x99_08_b0_df)
    }
    this.#at = 0
  }
}

function mixed(word: number): number {
  return word ^ (word >>> 30)
}

function wordsOfText(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'utf8')
  const whole = Buffer.concat([bytes, createHash('sha512').update(bytes).digest()])
  return wordsOfInt(BigInt(`0x${whole.toString('hex')}`))
}

/** The 32-bit words of a number, the lowest first. */
function wordsOfInt(number: bigint): Uint32Array {
  const words: number[] = []
  for (let rest = number; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xff_ff_ff_ffn))
  return Uint32Array.from(words.length === 0 ? [0] : words)
}
