import { fuzz } from './fuzz.ts'
import { targets } from './fuzz-targets.ts'
import type { Part } from './part.ts'

const INPUTS = 2000

/** Every parser of what hosts, files and other programs say. */
export const fuzzPart: Part = {
  name: 'fuzz',
  about: `${INPUTS} damaged inputs to each of ${targets.length} parsers of foreign data`,
  async *run() {
    const seed = Number(process.env['ROLECALL_SEED'] ?? Date.now() % 1_000_000)
    for (const target of targets) {
      const { losses, slowestMs } = await Promise.resolve(fuzz(target, seed, INPUTS))
      yield {
        what: target.name,
        attempts: INPUTS,
        losses,
        note: `seed ${seed}, the slowest ${slowestMs.toFixed(0)} ms`,
      }
    }
  },
}
