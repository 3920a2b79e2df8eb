import { createHash } from 'node:crypto'

const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

interface Scheme {
  readonly prefix: string
  /** The default number of rounds, which the hash does not contain. */
  readonly unnamedRounds: 5000
  /** The order of the digest's bytes, in groups of up to three. */
  readonly order: readonly (readonly number[])[]
}

const SCHEMES: Readonly<Record<'sha256' | 'sha512', Scheme>> = {
  sha256: { prefix: '$5$', unnamedRounds: 5000, order: [...turned(10, 10), [31, 30]] },
  sha512: { prefix: '$6$', unnamedRounds: 5000, order: [...turned(21, 21), [63]] },
}

/** Each group has a byte of each third. The thirds rotate from group to group. */
function turned(count: number, third: number): readonly (readonly number[])[] {
  const isLong = third === 21
  return Array.from({ length: count }, (_, at) => {
    const bytes = [at, at + third, at + 2 * third]
    // sha512 turns to the left, sha256 to the right.
    const by = isLong ? at % 3 : (3 - (at % 3)) % 3
    return [...bytes.slice(by), ...bytes.slice(0, by)]
  })
}

/**
 * The hash of a password as crypt(3) makes it, with SHA-256 or SHA-512.
 *
 * Source: "Unix crypt using SHA-256 and SHA-512" by Ulrich Drepper.
 *
 * @param salt at most 16 letters, digits, dots and slashes
 * @param rounds 1000 to 999,999,999
 * @example
 * shaCrypt('sha512', 'Hello world!', 'saltstring', 5000)
 */
export function shaCrypt(algorithm: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const { prefix, unnamedRounds, order } = SCHEMES[algorithm]
  const digest = (...parts: readonly Uint8Array[]) => createHash(algorithm).update(Buffer.concat(parts)).digest()
  const [key, seasoning] = [Buffer.from(password, 'utf8'), Buffer.from(salt, 'utf8')]

  const twice = digest(key, seasoning, key)
  const bits: Uint8Array[] = []
  for (let rest = key.length; rest > 0; rest >>= 1) bits.push((rest & 1) === 1 ? twice : key)
  let sum = digest(key, seasoning, repeated(twice, key.length), ...bits)

  const p = repeated(digest(...Array.from({ length: key.length }, () => key)), key.length)
  const s = repeated(digest(...Array.from({ length: 16 + (sum[0] ?? 0) }, () => seasoning)), seasoning.length)
  for (let round = 0; round < rounds; round++) {
    const isOdd = round % 2 === 1
    const hash = createHash(algorithm).update(isOdd ? p : sum)
    if (round % 3 !== 0) hash.update(s)
    if (round % 7 !== 0) hash.update(p)
    sum = hash.update(isOdd ? sum : p).digest()
  }
  const named = rounds === unnamedRounds ? '' : `rounds=${rounds}$`
  return `${prefix}${named}${salt}$${order.map((group) => encoded(group.map((at) => sum[at] ?? 0))).join('')}`
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}

/** Three bytes become four characters, the lowest six bits first. */
function encoded(bytes: readonly number[]): string {
  let word = bytes.reduce((sum, byte) => (sum << 8) | byte, 0)
  let text = ''
  for (let letter = 0; letter <= bytes.length; letter++) {
    text += LETTERS.charAt(word & 0x3f)
    word >>= 6
  }
  return text
}
