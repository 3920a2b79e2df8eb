import { Random } from '../support/random.ts'

/** A parser of foreign data, and samples that it reads rightly. */
export interface Target {
  readonly name: string
  readonly samples: readonly string[]
  /** Throws what the parser throws; what is wrong with a result that it claims is thrown as a TypeError. */
  readonly read: (text: string) => unknown
  /** What it may throw: an Error in plain words that its caller turns into a problem. */
  readonly mayThrow?: (error: unknown) => boolean
}

export interface Fuzzed {
  readonly losses: readonly string[]
  readonly slowestMs: number
}

/** Reads so many mutations of the samples. */
export function fuzz({ name, samples, read, mayThrow = () => false }: Target, seed: number, attempts: number): Fuzzed {
  const random = new Random(seed)
  const losses = new Map<string, string>()
  let slowestMs = 0
  for (let at = 0; at < attempts; at++) {
    const text = mutated(random, random.pick(samples), samples)
    const begun = performance.now()
    try {
      read(text)
    } catch (error) {
      const isFault = error instanceof TypeError || error instanceof RangeError || !mayThrow(error)
      if (isFault) {
        const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
        const where = error instanceof Error ? (/\/lib\/\S+/.exec(error.stack ?? '')?.[0] ?? '') : ''
        losses.set(where, `${name}, input ${at}: ${said.slice(0, 200)} ${where}: ${JSON.stringify(text.slice(0, 200))}`)
      }
    }
    slowestMs = Math.max(slowestMs, performance.now() - begun)
  }
  return { losses: [...losses.values()], slowestMs }
}

function mutated(random: Random, sample: string, all: readonly string[]): string {
  let text = sample
  for (let count = random.between(1, 3); count > 0; count--) text = random.pick(MUTATIONS)(text, random, all)
  return text
}

const ODD = [
  '\0',
  '\r',
  '\x1b[2J',
  '\u202e',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  '=',
  '|',
  '#',
  '\t',
  '  ',
  '�',
  '&a',
  '*a',
  '<<',
]
const NUMBERS = ['-1', '0', '1e999', '9'.repeat(40), '0x10', 'NaN', '-0', '1.5', '9007199254740993']
const WORDS = ['null', 'true', '[]', '{}', '""', '__proto__', 'constructor', 'toString', '-', '..', '*']

const MUTATIONS: readonly ((text: string, random: Random, all: readonly string[]) => string)[] = [
  // Cut, at any byte.
  (text, random) => text.slice(0, random.between(0, text.length)),
  (text, random) => text.slice(random.between(0, text.length)),
  // A part of it is doubled, dropped, or changes places.
  (text, random) => spliced(text, random, (part) => part + part),
  (text, random) => spliced(text, random, () => ''),
  (text, random) => random.shuffled(text.split('\n')).join('\n'),
  (text, random, all) => text.slice(0, random.between(0, text.length)) + random.pick(all),
  // Odd letters, bytes, numbers and words.
  (text, random) => spliced(text, random, () => random.pick(ODD)),
  (text, random) => spliced(text, random, () => String.fromCharCode(random.between(0, 0xffff))),
  (text, random) => text.replaceAll(/\d+/g, (digits) => (random.next() < 0.3 ? random.pick(NUMBERS) : digits)),
  (text, random) => text.replaceAll(/\w+/g, (word) => (random.next() < 0.1 ? random.pick(WORDS) : word)),
  // Long lines, many lines, deep nesting.
  (text, random) =>
    spliced(text, random, (part) => (part === '' ? 'a' : part).repeat(random.between(1, 2000)).slice(0, 50_000)),
  (text, random) =>
    spliced(text, random, () => random.pick(['[', '{"a":', '- ', '{a: ', '(', ' ']).repeat(random.between(1, 5000))),
  (text, random) => spliced(text, random, () => '\n'.repeat(random.between(1, 5000))),
]

function spliced(text: string, random: Random, change: (part: string) => string): string {
  const from = random.between(0, text.length)
  const to = Math.min(text.length, from + random.between(0, 12))
  return text.slice(0, from) + change(text.slice(from, to)) + text.slice(to)
}
