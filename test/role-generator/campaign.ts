import { Random } from '../support/random.ts'
import { caseOf } from './grammar.ts'
import { printCase } from './print.ts'
import { shrink } from './shrink.ts'
import type { Case } from './spec.ts'
import { trial, type Fault, type Strike, type Verdict } from './trial.ts'
import type { TrialHost } from './trial-host.ts'

/** Something that does not hold, in its smallest form, with every seed that showed the like. */
export interface Found {
  readonly fault: Fault
  readonly smallest: Case
  readonly seeds: number[]
}

export interface Figures {
  roles: number
  resources: number
  unknown: number
  failed: number
  contradicting: number
  readonly reasons: Map<string, number>
  readonly found: Map<string, Found>
}

/** Every so many roles are tried with an apply that is killed as well, which takes two applies more. */
const STRUCK = 3

/** Tries the cases of seeds that others have not taken yet, on one host, and makes what was found small when all have been tried: that takes minutes. */
export async function work(
  host: TrialHost,
  next: () => number | undefined,
  figures: Figures,
  tell: (found: Found, text: string) => void,
  /** Says at once what was found. */
  announce: (seed: number, fault: Fault) => void = () => undefined,
): Promise<void> {
  const firsts: { readonly sign: string; readonly fault: Fault; readonly spec: Case; readonly strike?: Strike }[] = []
  for (let seed = next(); seed !== undefined; seed = next()) {
    const spec = caseOf(seed, host.kind)
    const strike = strikeOf(seed)
    const verdict = await trial(host, spec, strike)
    count(figures, spec, verdict)
    for (const fault of verdict.faults) {
      const sign = signOf(fault)
      const known = figures.found.get(sign)
      if (known !== undefined) {
        known.seeds.push(seed)
        continue
      }
      figures.found.set(sign, { fault, smallest: spec, seeds: [seed] })
      firsts.push({ sign, fault, spec, ...(strike === undefined ? {} : { strike }) })
      announce(seed, fault)
    }
  }
  for (const { sign, fault, spec, strike } of firsts) {
    const showing = async (each: Case) =>
      (await trial(host, each, strike)).faults.filter((again) => signOf(again) === sign)
    const smallest = await shrink(spec, async (smaller) => (await showing(smaller)).length > 0)
    const [again = fault] = await showing(smallest)
    const small = { fault: again, smallest, seeds: figures.found.get(sign)?.seeds ?? [] }
    figures.found.set(sign, small)
    tell(small, printCase(smallest))
  }
}

/** What a trial of a seed does to an apply half-way, if anything. */
export function strikeOf(seed: number): Strike | undefined {
  const random = new Random(seed ^ 0x5f5f5f)
  random.next()
  return seed % STRUCK === 0 ? { share: random.next() * 1.1, how: random.next() < 0.5 ? 'cut' : 'kill' } : undefined
}

export function noFigures(): Figures {
  return { roles: 0, resources: 0, unknown: 0, failed: 0, contradicting: 0, reasons: new Map(), found: new Map() }
}

function count(figures: Figures, spec: Case, verdict: Verdict): void {
  if (verdict.contradicts) {
    figures.contradicting++
    return
  }
  figures.roles += spec.roles.length
  figures.resources += verdict.resources
  figures.unknown += verdict.unknown.length
  figures.failed += verdict.failed ? 1 : 0
  for (const reason of verdict.unknown) {
    const plain = plainly(reason)
    figures.reasons.set(plain, (figures.reasons.get(plain) ?? 0) + 1)
  }
}

/** Two faults are alike when they say the same of the same kinds, wherever that stands. */
function signOf({ promise, seen }: Fault): string {
  return `${promise}: ${plainly(seen.split('\n')[0] ?? '')}`
}

function plainly(text: string): string {
  return text
    .replaceAll(/'?\/[\w./ -]*(#[^:]*)?/g, ' PATH ')
    .replaceAll(/\b[0-9a-f]{12}\b|\d+/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 160)
}
