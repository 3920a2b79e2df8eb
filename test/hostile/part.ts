/** One part of `npm run test:hostile`: what it tries, and what came of it. */
export interface Part {
  readonly name: string
  /** Tries `attempts` times each, prints what it sees as it goes, and gives the figures. */
  run(attempts: number): Promise<readonly Figure[]>
}

export interface Figure {
  readonly what: string
  readonly attempts: number
  /** Each in words. None is right. */
  readonly losses: readonly string[]
  /** How the others ended. */
  readonly note?: string
}

export function shown({ what, attempts, losses, note }: Figure): string {
  const more = note === undefined ? '' : ` (${note})`
  return [`${what}: ${attempts} attempts, ${losses.length} losses${more}`, ...losses.slice(0, 5)].join('\n  LOST ')
}
