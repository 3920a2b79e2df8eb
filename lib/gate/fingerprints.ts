/** Primes below 2^26, so that a product of two remainders is exact. */
const MODULI = [67_108_859, 67_108_837] as const
const BASE = 65_599

/** A number for a text. Two different texts have the same number once in 2^52 cases. */
export function fingerprintOf(text: string): number {
  const [first, second] = MODULI.map((modulus) => {
    let hash = 0
    for (let at = 0; at < text.length; at++) hash = (hash * BASE + text.charCodeAt(at) + 1) % modulus
    return hash
  })
  return joined(first ?? 0, second ?? 0)
}

/** Fingerprints of pieces of one text. The first takes time for the whole text, each further one constant time. */
export class Fingerprints {
  readonly #text: string
  #hashes: readonly Prefixes[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  of(from: number, to: number): number {
    this.#hashes ??= MODULI.map((modulus) => prefixesOf(this.#text, modulus))
    const [first, second] = this.#hashes.map(({ hashes, powers, modulus }) => {
      const before = ((hashes[from] ?? 0) * (powers[to - from] ?? 0)) % modulus
      return ((hashes[to] ?? 0) - before + modulus) % modulus
    })
    return joined(first ?? 0, second ?? 0)
  }
}

interface Prefixes {
  readonly modulus: number
  /** The fingerprint of the first `length` characters. */
  readonly hashes: Uint32Array
  readonly powers: Uint32Array
}

function prefixesOf(text: string, modulus: number): Prefixes {
  const hashes = new Uint32Array(text.length + 1)
  const powers = new Uint32Array(text.length + 1)
  powers[0] = 1
  let hash = 0
  let power = 1
  for (let at = 0; at < text.length; at++) {
    hash = (hash * BASE + text.charCodeAt(at) + 1) % modulus
    power = (power * BASE) % modulus
    hashes[at + 1] = hash
    powers[at + 1] = power
  }
  return { modulus, hashes, powers }
}

function joined(first: number, second: number): number {
  return first * 67_108_864 + second
}
