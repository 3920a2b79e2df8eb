/** One part of `npm run test:hostile`. */
export interface Part {
  readonly name: string
  readonly about: string
  /** Tries everything so many times, and gives figures as it goes. */
  run(attempts: number): AsyncIterable<Figure>
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
  return [`${what}: ${attempts} attempts, ${losses.length} losses${more}`, ...losses.slice(0, 5)].join('\n    lost: ')
}
