import { setImmediate } from 'node:timers/promises'
import { Random } from '../support/random.ts'

/** A parser of foreign data, and samples that it reads rightly. */
export interface Target {
  readonly name: string
  /** The kind whose answers it reads. */
  readonly kind?: string
  readonly samples: readonly string[]
  /** Throws what the parser throws; what is wrong with a result that it claims is thrown as a TypeError. */
  readonly read: (text: string) => unknown
  /** Nobody but whoever runs Rolecall writes what it reads: no host and nobody in the network can flood it. */
  readonly isOwn?: true
  /** What it may throw: an Error in plain words that its caller turns into a problem. */
  readonly mayThrow?: (error: unknown) => boolean
}

export interface Fuzzed {
  readonly losses: readonly string[]
  /** Of this process, not of the programs that it starts. */
  readonly slowestMs: number
}

/** Reads so many mutations of the samples. */
export async function fuzz(target: Target, seed: number, attempts: number): Promise<Fuzzed> {
  const random = new Random(seed)
  const texts = Array.from(
    { length: attempts },
    () => () => mutated(random, random.pick(target.samples), target.samples),
  )
  return readAll(target, texts)
}

const LONG_BYTES = 1024 * 1024

/**
 * Reads long inputs: the samples over and over, each of their lines over and over, and lines without end. What takes longer than a reader has is a loss: a host that answers
 * so would keep the controller from everything else.
 */
export async function flood(target: Target, mostMs: number): Promise<Fuzzed> {
  if (target.isOwn === true) return { losses: [], slowestMs: 0 }
  const bytes = LONG_BYTES
  const filled = (text: string) => (text === '' ? '' : text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes))
  const lines = new Set(target.samples.flatMap((sample) => sample.split('\n').slice(0, 12)))
  const texts = [
    ...target.samples,
    ...[...lines].map((line) => `${line}\n`),
    ...[...lines].slice(0, 12),
    ...[' ', '\n', '\t', '"', '\\', '{', '[', '- ', 'a', '0', ':', '='],
  ]
  const some = texts.map((text) => () => filled(text))
  const { losses, slowestMs, slowest } = await readAll(target, some)
  const isSlow = slowestMs > mostMs
  const what = JSON.stringify(slowest.slice(0, 80))
  return {
    losses: [...losses, ...(isSlow ? [`${target.name}: ${slowestMs.toFixed(0)} ms for ${what}...`] : [])],
    slowestMs,
  }
}

async function readAll({ name, read, mayThrow = () => false }: Target, texts: readonly (() => string)[]) {
  const losses = new Map<string, string>()
  let slowestMs = 0
  let slowest = ''
  for (const [at, make] of texts.entries()) {
    const text = make()
    // Other parts of the adversary go on meanwhile.
    if (at % 20 === 0) await setImmediate()
    const begun = process.cpuUsage()
    try {
      await read(text)
    } catch (error) {
      const isFault = error instanceof TypeError || error instanceof RangeError || !mayThrow(error)
      if (isFault) {
        const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
        const where = error instanceof Error ? (/\/lib\/\S+/.exec(error.stack ?? '')?.[0] ?? '') : ''
        losses.set(where, `${name}, input ${at}: ${said.slice(0, 200)} ${where}: ${JSON.stringify(text.slice(0, 200))}`)
      }
    }
    const ms = process.cpuUsage(begun).user / 1000
    if (ms > slowestMs) [slowestMs, slowest] = [ms, text]
  }
  return { losses: [...losses.values()], slowestMs, slowest }
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
