import { memory, sample, WATCH_MS, type Command, type Ran, type Sample, type TargetClock } from './sample.ts'

/** Somebody who does the same work as the others. */
export interface Contender {
  readonly name: string
  readonly command: Command
  /** Brings things to where each run begins; not measured. */
  readonly prepare?: () => Promise<unknown>
  /** Looks at what was done; not measured. Throws when it is not what the others do. */
  readonly judge?: (ran: Ran) => unknown
  /** A slow one need not run in each round: how many of them it has. */
  readonly rounds?: number
}

export interface Contest {
  /** What is done, in words. */
  readonly work: string
  readonly contenders: readonly Contender[]
  readonly target: TargetClock
  readonly rounds: number
  /** Whether each one's first run only warms caches up, and does not count unless it is the only one. Default: yes. */
  readonly warmUp?: boolean
}

export type Result = ReadonlyMap<string, Sample>

/**
 * Everybody in turn, round after round, so that what else happens on the machine hits all of them alike; then the medians.
 * Who begins changes from round to round.
 */
export async function contest({ work, contenders, target, rounds, warmUp = true }: Contest): Promise<Result> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length
    const inTurn = [...contenders.slice(first), ...contenders.slice(0, first)]
    for (const contender of inTurn) {
      const { name, command, prepare, judge } = contender
      const done = samples.get(name) ?? []
      if (!runsIn(round, rounds, contender)) continue
      process.stderr.write(`${work}: round ${round + 1} of ${rounds}, ${name}`)
      await prepare?.()
      const ran = await sample(command, target)
      process.stderr.write(` ${(ran.wallMs / 1000).toFixed(2)} s\n`)
      await judge?.(ran)
      done.push(ran)
    }
  }
  const result = new Map<string, Sample>()
  for (const { name, command } of contenders) {
    const all = samples.get(name) ?? []
    const counted = warmUp && all.length > 1 ? all.slice(1) : all
    const of = (key: keyof Sample) => median(counted.map((each) => each[key]))
    // What takes long is looked at often enough while its time is measured, and of a single round nobody wants to know it that well.
    const isShort = warmUp && all.length > 1 && of('wallMs') < WATCH_MS.timed * 10
    const memoryMiB = isShort ? await memory(command) : of('memoryMiB')
    result.set(name, {
      wallMs: of('wallMs'),
      controllerMs: of('controllerMs'),
      targetMs: of('targetMs'),
      memoryMiB,
    })
  }
  return result
}

/** Spreads the few rounds of a slow one evenly over all of them. */
function runsIn(round: number, rounds: number, { rounds: own = rounds }: Contender): boolean {
  return Math.floor(((round + 1) * own) / rounds) > Math.floor((round * own) / rounds)
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
