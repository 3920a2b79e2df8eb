import { sample, type Command, type Sample, type TargetClock } from './sample.ts'

/** Somebody who does the same work as the others. */
export interface Contender {
  readonly name: string
  readonly command: Command
  /** Brings things to where each run begins; not measured. */
  readonly prepare?: () => Promise<unknown>
  /** A slow one need not run in each round. */
  readonly rounds?: number
}

export interface Contest {
  /** What is done, in words. */
  readonly work: string
  readonly contenders: readonly Contender[]
  readonly target: TargetClock
  readonly rounds: number
}

export type Result = ReadonlyMap<string, Sample>

/**
 * Everybody in turn, round after round, so that what else happens on the machine hits all of them alike; then the medians.
 * The first round warms caches up and does not count, unless it is the only one.
 */
export async function contest({ work, contenders, target, rounds }: Contest): Promise<Result> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, prepare, rounds: own = rounds } of contenders) {
      if (round >= own) continue
      process.stderr.write(`${work}: round ${round + 1} of ${own}, ${name}\n`)
      await prepare?.()
      samples.get(name)?.push(await sample(command, target))
    }
  }
  return new Map(
    [...samples].map(([name, all]) => {
      const counted = all.length > 1 ? all.slice(1) : all
      const of = (key: keyof Sample) => median(counted.map((each) => each[key]))
      return [name, { wallMs: of('wallMs'), controllerMs: of('controllerMs'), targetMs: of('targetMs') }]
    }),
  )
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
