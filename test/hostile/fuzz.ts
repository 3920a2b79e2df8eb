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
  /** How many times the product's work it does with a text; once unless given. */
  readonly times?: number
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
/** What a reader shows of itself in a part of that: one that takes the square of a length takes 64 times as long for the whole as for an eighth. */
const PARTS = [8, 2, 1]
const LETTERS = [' ', '\t', '"', '\\', '{', '[', '- ', 'a', '0', ':', '=']

/** So many of the shapes that there are too many of are tried in a run. */
const SOME = 30

/**
 * Reads long inputs: the samples over and over, each of their lines over and over, and lines without end; of lines behind those that stand before them, and of words that are
 * followed by one letter without end, some by the seed. What takes longer than a reader has is a loss: a host that answers so would keep the controller from everything
 * else. Most are read whole only when a part of them takes suspiciously long.
 */
export async function flood(target: Target, mostMsOnce: number, seed: number): Promise<Fuzzed> {
  if (target.isOwn === true) return { losses: [], slowestMs: 0 }
  const mostMs = mostMsOnce * (target.times ?? 1)
  const lines = [...new Set(target.samples.flatMap((sample) => sample.split('\n').slice(0, 12)))]
  const whole = [...target.samples, '\n'].map((text) => ({ text }))
  const further = [
    ...target.samples.flatMap(behindTheirHeads),
    ...lines.flatMap((line) => wordsOf(line).flatMap((head) => [' ', 'a', '0', ','].map((text) => ({ head, text })))),
  ]
  const parts = [
    ...[...LETTERS, ...lines.map((line) => `${line}\n`), ...lines.slice(0, 12)].map((text) => ({ text })),
    ...new Random(seed).shuffled(further).slice(0, SOME),
  ]
  const reads = whole.map((long) => () => filled(long, LONG_BYTES))
  const found = await readAll(target, reads)
  const losses = [...found.losses]
  let { slowestMs, slowest } = found
  for (const part of parts) {
    let before: number | undefined
    for (const by of PARTS) {
      const read = await readAll(target, [() => filled(part, LONG_BYTES / by)])
      losses.push(...read.losses)
      if (read.slowestMs > slowestMs) ({ slowestMs, slowest } = read)
      if (read.losses.length > 0 || expectedMs(read.slowestMs, by, before) < mostMs) break
      before = read.slowestMs
    }
  }
  // Other work of this process and of the machine counts too, but not each time.
  for (let again = 0; again < 3 && slowestMs > mostMs; again++)
    slowestMs = Math.min(slowestMs, (await readAll(target, [() => slowest])).slowestMs)
  const isSlow = slowestMs > mostMs
  const what = JSON.stringify(`${slowest.slice(0, 60)}...${slowest.slice(-40)}`)
  return {
    losses: [...losses, ...(isSlow ? [`${target.name}: ${slowestMs.toFixed(0)} ms for ${what}`] : [])],
    slowestMs,
  }
}

/** What the whole takes, if a reader goes on as it has: of a first part that is not known, and the worst is the square. Four times as much was read since `before`. */
function expectedMs(ms: number, by: number, before: number | undefined): number {
  return before === undefined ? ms * by ** 2 : ms * Math.max(1, ms / before) ** (Math.log2(by) / 2)
}

interface Long {
  /** What stands once at the beginning. */
  readonly head?: string
  readonly text: string
}

function filled({ head = '', text }: Long, bytes: number): string {
  return text === '' ? head : head + text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes)
}

/** Each line of a sample over and over behind those before it, and all that follows a line: a reader waits for some of them. */
function behindTheirHeads(sample: string): Long[] {
  const lines = sample.split('\n').slice(0, 24)
  return lines.flatMap((line, at) =>
    at === 0 ? [] : [{ head: `${lines.slice(0, at).join('\n')}\n`, text: `${line}\n` }],
  )
}

/** The beginnings of a line that end with a word. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/\w[ =:|,("]+/g), ({ index, 0: end }) => line.slice(0, index + end.length)).slice(
    0,
    4,
  )
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
    const { user, system } = process.cpuUsage(begun)
    const ms = (user + system) / 1000
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
