import { flood, fuzz } from './fuzz.ts'
import { targets } from './fuzz-targets.ts'
import type { Part } from './part.ts'

const INPUTS = 2000
/** What one answer of a megabyte may keep the controller from anything else. */
const MOST_MS = 1000

/** Every parser of what hosts, files and other programs say. */
export const fuzzPart: Part = {
  name: 'fuzz',
  about: `${INPUTS} damaged inputs and floods of 1 MiB to each of ${targets.length} parsers of foreign data`,
  async *run() {
    const seed = Number(process.env['ROLECALL_SEED'] ?? Date.now() % 1_000_000)
    for (const target of targets) {
      const damaged = await fuzz(target, seed, INPUTS)
      const long = await flood(target, MOST_MS, seed)
      yield {
        what: target.name,
        attempts: INPUTS,
        losses: [...damaged.losses, ...long.losses],
        note: `seed ${seed}, the slowest ${damaged.slowestMs.toFixed(0)} ms; of 1 MiB ${long.slowestMs.toFixed(0)} ms`,
      }
    }
  },
}
