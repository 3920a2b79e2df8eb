import { faults } from './faults.ts'
import type { Outcome, Wrong } from './round.ts'
import type { Step } from './strikes.ts'

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

/** As wide as its longest name. */
const WIDTH = 'on finished hosts that drifted'.length

/** What came of all strikes, by fault and by ground. */
export class Tally {
  readonly #counts = new Map<string, Count>(faults.map(({ name }) => [name, emptyCount()]))
  readonly #grounds = new Map<string, Count>()
  readonly #boundaries: { ground: string; steps: readonly Step[]; struck: ReadonlySet<Step> }[] = []

  /** A finding counts against each strike on its host; one about the whole run counts against all of the round. */
  add(ground: string, { struck, stopped, findings }: Outcome): void {
    const onGround = this.#grounds.get(ground) ?? emptyCount()
    this.#grounds.set(ground, onGround)
    const hosts = new Set(struck.map(({ step }) => step.host))
    for (const strike of struck) {
      const { fault, step } = strike
      const count = this.#counts.get(fault.name) ?? emptyCount()
      const against = findings.filter(
        ({ host }) => host === undefined || host === step.host || fault.stops === 'run' || !hosts.has(host),
      )
      for (const each of [count, onGround]) {
        each.tried += 1
        if (stopped.includes(strike)) each.stopped += 1
        if (against.length === 0) each.converged += 1
        for (const { wrong } of against) {
          const column = COUNTED_AS[wrong]
          if (column !== undefined) each[column] += 1
        }
      }
      this.#counts.set(fault.name, count)
    }
  }

  /** Says which of the steps of a ground were struck at their beginning. */
  reached(ground: string, steps: readonly Step[], struck: ReadonlySet<Step>): void {
    this.#boundaries.push({ ground, steps, struck })
  }

  get total(): Count {
    return [...this.#counts.values()].reduce((sum, count) => {
      for (const key of Object.keys(sum) as (keyof Count)[]) sum[key] += count[key]
      return sum
    }, emptyCount())
  }

  /** Interruptions that were never tried, and steps that were never struck at their beginning. */
  get untried(): readonly string[] {
    return [
      ...[...this.#counts].flatMap(([name, { tried }]) => (tried === 0 ? [name] : [])),
      ...this.#boundaries.flatMap(({ ground, steps, struck }) =>
        steps.filter((step) => !struck.has(step)).map(({ host, say }) => `"${say}" of ${host} on ${ground}`),
      ),
    ]
  }

  /** All that was tried came to a good end. */
  get isFine(): boolean {
    const { tried, converged } = this.total
    return tried > 0 && converged === tried
  }

  /** The table for a person, in Markdown. */
  toString(): string {
    const line = (name: string, cells: readonly string[]) =>
      `| ${[name.padEnd(WIDTH), ...cells.map((cell, at) => cell.padStart(COLUMNS[at]?.length ?? 0))].join(' | ')} |`
    const row = (name: string, count: Count) => line(name, Object.values(count).map(String))
    return [
      line('interruption', COLUMNS),
      line(
        '-'.repeat(WIDTH),
        COLUMNS.map(({ length }) => `${'-'.repeat(length - 1)}:`),
      ),
      ...[...this.#counts].map(([name, count]) => row(name, count)),
      row('all', this.total),
      ...[...this.#grounds].map(([name, count]) => row(name, count)),
      '',
      ...this.#boundaries.map(
        ({ ground, steps, struck }) =>
          `${struck.size} of ${steps.length} steps on ${ground} were struck at their beginning.`,
      ),
    ].join('\n')
  }
}

function emptyCount(): Count {
  return { tried: 0, stopped: 0, converged: 0, lostRestarts: 0, leftovers: 0, halfWritten: 0 }
}
