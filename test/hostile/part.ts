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

/** The figures of work that goes on at the same time, in the order in which they come. Ends with the first error of any, when all have ended. */
export async function* asTheyCome(
  lanes: readonly ((tell: (figure: Figure) => void) => Promise<void>)[],
): AsyncGenerator<Figure> {
  const figures: Figure[] = []
  let wake: () => void = () => undefined
  let open = lanes.length
  const all = Promise.allSettled(
    lanes.map((lane) =>
      lane((figure) => {
        figures.push(figure)
        wake()
      }).finally(() => {
        open--
        wake()
      }),
    ),
  )
  while (open > 0 || figures.length > 0) {
    const figure = figures.shift()
    if (figure !== undefined) yield figure
    else await new Promise<void>((resolve) => (wake = resolve))
  }
  for (const ended of await all) if (ended.status === 'rejected') throw ended.reason
}
