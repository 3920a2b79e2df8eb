import type { Play } from './playbook.ts'

/** A play that another one waits for. */
interface Dependency {
  readonly play: string
  /** `success`: it has to succeed first. `end`: it only has to be over. */
  readonly until: 'success' | 'end'
}

/** The plays that a play waits for, each entry of `after` in its full form. */
export function dependenciesOf({ after = [] }: Pick<Play, 'after'>): Dependency[] {
  return after.map((entry) =>
    typeof entry === 'string' ? { play: entry, until: 'success' } : { play: entry.play, until: 'end' },
  )
}
