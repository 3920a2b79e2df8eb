import type { RunEvent } from '../../lib/events.ts'
import type { Random } from '../support/random.ts'
import type { Fault } from './faults.ts'

/** One step of the site on one host, as a clean run has told it. */
export interface Step {
  readonly host: string
  readonly resource: string
  /** Its place among the steps of that resource. */
  readonly nth: number
  readonly say: string
  readonly ms: number
}

/** One interruption to be tried: this fault, in this step, so many milliseconds after it has begun. */
export interface Strike {
  readonly step: Step
  readonly fault: Fault
  readonly afterMs: number
  /** How often the run did not get as far as this step, because another host was struck before it. */
  readonly missed: number
}

/** A step that is shorter has no inside that could be aimed at. */
const SHORTEST_MS = 50

/** The steps of a run. A step lasts until the next thing is heard of its host. */
export function stepsOf(events: readonly RunEvent[]): readonly Step[] {
  const steps: Step[] = []
  events.forEach((event, index) => {
    if (event.type !== 'step') return
    const { host, resource, say, at } = event
    const nth = steps.filter((step) => step.host === host && step.resource === resource).length
    const next = events.slice(index + 1).find((other) => isEndOfStep(other) && other.host === host)
    steps.push({ host, resource, nth, say, ms: next && 'at' in next ? next.at - at : 0 })
  })
  return steps
}

function isEndOfStep(event: RunEvent): event is Extract<RunEvent, { type: 'step' | 'resource' | 'unit-end' }> {
  return event.type === 'step' || event.type === 'resource' || event.type === 'unit-end'
}

/** All strikes of one kind of host, in the order of their turn. */
export interface Strikes {
  /** One at the beginning of each step. */
  readonly boundaries: Strike[]
  /** One inside each step that is long enough to have an inside. */
  readonly insides: Strike[]
  /** All other faults at the same places. */
  readonly others: Strike[]
}

/** Every step with every fault, at its beginning and somewhere inside, in seeded order. */
export function strikesAt(steps: readonly Step[], faults: readonly Fault[], random: Random): Strikes {
  const all = steps.flatMap((step) =>
    faults.flatMap((fault) => {
      const inside = { step, fault, afterMs: random.between(1, step.ms), missed: 0 }
      const atBegin = { step, fault, afterMs: 0, missed: 0 }
      return step.ms < SHORTEST_MS ? [atBegin] : [atBegin, inside]
    }),
  )
  const inTurn = random.shuffled(all)
  const [boundaries, insides] = [firstOfEachStep(inTurn.filter(isAtBegin)), firstOfEachStep(inTurn.filter(isInside))]
  const first = new Set([...boundaries, ...insides])
  return { boundaries, insides, others: inTurn.filter((strike) => !first.has(strike)) }
}

function firstOfEachStep(strikes: readonly Strike[]): Strike[] {
  return strikes.filter(({ step }, index) => strikes.findIndex((other) => other.step === step) === index)
}

export function isAtBegin({ afterMs }: Strike): boolean {
  return afterMs === 0
}

function isInside(strike: Strike): boolean {
  return !isAtBegin(strike)
}

/** Takes the strikes of the next round from the queue: the first one, and those that can fall at the same time on other hosts. */
export function nextRound(queue: Strike[]): readonly Strike[] {
  const first = queue.shift()
  if (first === undefined) return []
  if (first.fault.stops === 'run') return [first]
  const round = [first]
  for (const strike of [...queue]) {
    const fits = strike.fault.stops === 'host' && round.every(({ step }) => step.host !== strike.step.host)
    if (!fits) continue
    round.push(strike)
    queue.splice(queue.indexOf(strike), 1)
  }
  return round
}

export function wordsOf({ step, fault, afterMs }: Strike): string {
  const when = afterMs === 0 ? 'at the beginning of' : `${afterMs} ms into`
  return `${fault.name} on ${step.host} ${when} "${step.say}"`
}
