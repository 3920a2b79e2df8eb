import { faults } from './faults.ts'
import type { Outcome, Wrong } from './round.ts'

interface Count {
  tried: number
  stopped: number
  converged: number
  lostRestarts: number
  leftovers: number
  halfWritten: number
}

/** What a finding is counted as, beside its not having converged. */
const COUNTED_AS: Readonly<Record<Wrong, keyof Count | undefined>> = {
  'first run': undefined,
  'not converged': undefined,
  restart: 'lostRestarts',
  leftover: 'leftovers',
  'half-written': 'halfWritten',
}

type Record<K extends string, V> = { readonly [key in K]: V }

const COLUMNS = ['tried', 'run stopped', 'converged', 'lost restarts', 'leftovers', 'half-written']

/** What came of all strikes, by fault. */
export class Tally {
  readonly #counts = new Map<string, Count>(faults.map(({ name }) => [name, emptyCount()]))

  /** A finding counts against each strike on its host; one about the whole run counts against all of the round. */
  add({ struck, stopped, findings }: Outcome): void {
    const hosts = new Set(struck.map(({ step }) => step.host))
    for (const strike of struck) {
      const { fault, step } = strike
      const count = this.#counts.get(fault.name) ?? emptyCount()
      const against = findings.filter(
        ({ host }) => host === undefined || host === step.host || fault.stops === 'run' || !hosts.has(host),
      )
      count.tried += 1
      if (stopped.includes(strike)) count.stopped += 1
      if (against.length === 0) count.converged += 1
      for (const { wrong } of against) {
        const column = COUNTED_AS[wrong]
        if (column !== undefined) count[column] += 1
      }
      this.#counts.set(fault.name, count)
    }
  }

  get total(): Count {
    return [...this.#counts.values()].reduce((sum, count) => {
      for (const key of Object.keys(sum) as (keyof Count)[]) sum[key] += count[key]
      return sum
    }, emptyCount())
  }

  /** All that was tried came to a good end. */
  get isFine(): boolean {
    const { tried, converged } = this.total
    return tried > 0 && converged === tried
  }

  /** The table for a person, in Markdown. */
  toString(): string {
    const line = (name: string, cells: readonly string[]) =>
      `| ${[name.padEnd(25), ...cells.map((cell, at) => cell.padStart(COLUMNS[at]?.length ?? 0))].join(' | ')} |`
    const row = (name: string, count: Count) => line(name, Object.values(count).map(String))
    return [
      line('interruption', COLUMNS),
      line(
        '-'.repeat(25),
        COLUMNS.map(({ length }) => `${'-'.repeat(length - 1)}:`),
      ),
      ...[...this.#counts].map(([name, count]) => row(name, count)),
      row('all', this.total),
    ].join('\n')
  }
}

function emptyCount(): Count {
  return { tried: 0, stopped: 0, converged: 0, lostRestarts: 0, leftovers: 0, halfWritten: 0 }
}
