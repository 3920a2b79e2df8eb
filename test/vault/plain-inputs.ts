import type { Random } from '../support/random.ts'

/** Sizes around a block, around a line, large; letters of all kinds, bytes of none. */
export function plainInputs(random: Random): Buffer[] {
  const sizes = [0, 1, 15, 16, 17, 31, 32, 33, 79, 80, 81, 1000, 65_537]
  const bytes = sizes.map((size) => Buffer.from(Array.from({ length: size }, () => random.between(0, 255))))
  const letters = Array.from('aZ0 \t\n\r\\"\'#:{}[]é漢\u{1F511}\u0000')
  const texts = Array.from({ length: 40 }, () =>
    Buffer.from(Array.from({ length: random.between(0, 200) }, () => random.pick(letters)).join('')),
  )
  return [...bytes, ...texts, Buffer.from('a: 1\r\nb: 2\r\n'), Buffer.from('\ufeffa: 1\n')]
}
