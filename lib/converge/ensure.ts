import { isDeepStrictEqual } from 'node:util'
import { Refusal, type Problem } from '../errors.ts'
import type { Facts } from '../facts.ts'
import type { RunEvent, Status } from '../events.ts'
import type { Host } from '../host/host.ts'
import { Foreseen } from '../resources/prediction/prediction.ts'
import type { Plan, Resource } from '../resources/kit/kind.ts'
import { contradictions } from './contradictions.ts'
import { barriers, isInSeveral } from './obstacles.ts'
import { act, askAbout, rehearse, type StepResult } from './exchange.ts'
import { suspects } from './culprit.ts'
import { forecast, isAsWanted, nextBatch, Outlook, type Due, type Forecast } from './forecast.ts'
import { notConverged, refusedCandidate, stepFailed, unreachable } from './problems.ts'
import { Telling } from './events/resource-reporter.ts'

/** Where and how resources are made so: one role on one host. */
export interface Ground {
  readonly host: Host
  readonly role: string
  readonly mode: 'check' | 'apply'
  /** What check mode has predicted so far on this host, for the whole run. */
  readonly foreseen: Foreseen
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
  /** When the role must be over: milliseconds since the epoch. No step is given longer than that. */
  readonly until?: number
}

export interface Outcome {
  readonly resource: string
  readonly status: Status
}

/**
 * Makes resources so, in their order; in check mode says what that would take.
 *
 * One script asks about all of them; pure functions decide; and the same script that acts asks again,
 * so that every change is confirmed and a rerun with nothing to do costs one round trip.
 * Throws a Refusal when a resource cannot be made so. Nothing after it is tried.
 */
export async function ensure(ground: Ground, resources: readonly Resource[]): Promise<Outcome[]> {
  ground.signal.throwIfAborted()
  const telling = new Telling(ground, resources)
  const foreseen = ground.mode === 'check' ? ground.foreseen : new Foreseen()
  const certain = foreseen.empty
  const outlook = new Outlook(resources, ground.host.facts, foreseen)
  const depth = ground.mode === 'check' ? 'probe' : 'glance'
  await askAbout(ground.host, resources, depth, (reply) => outlook.hear(reply))
  oneNameEach(ground, outlook.forecasts(), foreseen, telling)
  if (ground.mode === 'check') await foretell(ground, outlook.forecasts(), certain, telling)
  else await converge(ground, resources, outlook.forecasts(), telling)
  return telling.outcomes
}

/** Refuses resources that want different things of one place, which the host has under two names. */
function oneNameEach(
  { host, role }: Ground,
  forecasts: readonly Forecast[],
  foreseen: Foreseen,
  telling: Telling,
): void {
  if (!foreseen.hasLinks) return
  const resources = forecasts.map(({ resource }) => resource)
  const problems = contradictions(resources, (path) => foreseen.placeOf(path)).map((problem): Problem => ({
    ...problem,
    code: 'unsupported',
    host: host.name,
    role,
  }))
  const [first] = problems
  const item = forecasts.findLast(({ resource }) => resource.id === first?.resource)
  if (first === undefined || item === undefined) return
  telling.failed(item, first)
  throw new Refusal(problems)
}

/** `certain`: nothing is pending before these. */
async function foretell(
  ground: Ground,
  forecasts: readonly Forecast[],
  certain: boolean,
  telling: Telling,
): Promise<void> {
  const verdicts = await rehearse(ground.host, forecasts, ground.foreseen)
  const barred = await barriers(ground.host, forecasts)
  const problems: Problem[] = []
  let refusedAt = 0
  for (const item of forecasts) {
    const verdict = verdicts.get(item.index)
    const refused = verdict?.accepted === false
    // A candidate may be refused only because what it leans on is still to come.
    const mayPass = verdict?.final !== true && !(certain && leansOnNothing(forecasts, item))
    const barrier = barred.get(item.index)
    const opener = barrier && ground.foreseen.opaqueBefore(item.turn)
    const problem =
      'refused' in item.weighed
        ? unreachable(ground, item.resource, item.weighed)
        : barrier && opener === undefined
          ? unreachable(ground, item.resource, barrier)
          : refused && !mayPass
            ? refusedCandidate(ground, item.resource, verdict.said)
            : undefined
    // Apply stops at the first failure. What else is wrong is said all the same.
    if (problem !== undefined) {
      if (problems.length === 0) refusedAt = item.turn
      problems.push(problems.length === 0 ? telling.failed(item, problem) : problem)
    } else if (problems.length > 0) continue
    else if ('unknown' in item.weighed) telling.unknown(item, item.weighed.unknown)
    else if (isAsWanted(item.weighed)) telling.ok(item)
    else if (barrier && opener !== undefined) telling.unknown(item, `${barrier.refused}, unless ${opener} changes that`)
    else if (refused)
      telling.unknown(item, `its validator refuses it before the earlier changes are made: ${verdict.said}`)
    else telling.changed(item)
  }
  if (problems.length === 0) return
  // Apply gets no further, so later roles find nothing of what comes after.
  ground.foreseen.rewind(refusedAt)
  throw new Refusal(problems)
}

async function converge(
  ground: Ground,
  resources: readonly Resource[],
  first: readonly Forecast[],
  telling: Telling,
): Promise<void> {
  // What was done upon a forecast that did not come true is planned once more, from what is really there.
  const ahead = new Set<number>()
  /** Who acted in the last trip. */
  let trip: readonly Due[] = []
  let lastActor: Due | undefined
  // Once each, so that an answer which always begins otherwise comes to an end.
  const reconsidered = new Set<number>()
  let forecasts = first
  for (;;) {
    const undone = forecasts.find(
      ({ index, weighed }) =>
        lastActor !== undefined && index <= lastActor.index && !ahead.has(index) && !isAsWanted(weighed),
    )
    const stuck = forecasts.find((item) => !isAsWanted(item.weighed))
    telling.settle(forecasts.slice(0, stuck?.index ?? forecasts.length))
    if (undone && lastActor) {
      const problem =
        'refused' in undone.weighed
          ? unreachable(ground, undone.resource, undone.weighed)
          : notConverged(ground, undone, suspects(undone, trip))
      throw new Refusal(telling.failed(undone, problem))
    }
    if (stuck === undefined) return
    let batch = nextBatch(forecasts)
    if (!('plan' in stuck.weighed))
      throw new Refusal(telling.failed(stuck, unreachable(ground, stuck.resource, stuck.weighed)))

    ground.signal.throwIfAborted()
    const barred = await barriers(ground.host, batch.filter(isInSeveral))
    const at = batch.findIndex(({ index }) => barred.has(index))
    if (at >= 0) batch = batch.slice(0, at)
    const barrier = barred.get(stuck.index)
    if (batch.length === 0 && barrier)
      throw new Refusal(telling.failed(stuck, unreachable(ground, stuck.resource, barrier)))
    telling.begin()
    const result = await act(ground, batch, resources, telling.watch).catch((error: unknown) => telling.broken(error))
    const { done, failed } = result
    forecasts = forecast(resources, result.replies, ground.host.facts, new Foreseen())
    trip = [...new Set(done.map(({ due }) => due))].filter((due) => due !== failed?.due)
    for (const due of trip) {
      telling.acted(due, asTold(due, done, ground.host.facts))
      const restsOn = 'plan' in due.weighed ? due.weighed.restsOn : []
      if (restsOn.length > 0) ahead.add(due.index)
      else ahead.delete(due.index)
      lastActor = lastActor === undefined || due.index > lastActor.index ? due : lastActor
    }
    const second =
      failed && !reconsidered.has(failed.due.index) ? await reconsider(ground, failed, forecasts) : undefined
    if (second) {
      reconsidered.add(second.index)
      forecasts = forecasts.map((item) => (item.index === second.index ? second : item))
    } else if (failed) {
      telling.settle(forecasts.slice(0, failed.due.index))
      telling.actedInPart(failed.due, failed.step)
      const barrier = (await barriers(ground.host, [failed.due])).get(failed.due.index)
      const problem = barrier ? unreachable(ground, failed.due.resource, barrier) : stepFailed(ground, failed)
      throw new Refusal(telling.failed(failed.due, problem))
    }
  }
}

/**
 * A step that failed, and after which the same is to be changed as before, may have been planned upon too little: the whole answer may refuse
 * it, or begin otherwise. Undefined when it does neither, and the failure stands.
 */
async function reconsider(
  { host }: Ground,
  { due, step }: StepResult,
  now: readonly Forecast[],
): Promise<Forecast | undefined> {
  const { index, resource, plan } = due
  const left = now[index]?.weighed
  const isAsBefore = left !== undefined && 'plan' in left && isDeepStrictEqual(left.plan.changes, plan.changes)
  if (resource.glance === undefined || step > 0 || !isAsBefore) return undefined
  const outlook = new Outlook([resource], host.facts, new Foreseen())
  await askAbout(host, [resource], 'probe', (whole) => outlook.hear(whole))
  const [second] = outlook.forecasts()
  if (second === undefined || isAsWanted(second.weighed)) return undefined
  const isSame = 'plan' in second.weighed && second.weighed.plan.steps[0]?.sh.text === plan.steps[0]?.sh.text
  return isSame ? undefined : { ...second, index }
}

/** What was done, told as fully as check tells it beforehand. */
function asTold(due: Due, done: readonly StepResult[], facts: Facts): Plan {
  const said = done.flatMap((result) => (result.due === due ? [result.stdout] : [])).join('')
  return due.resource.glance?.told(due.plan, due.reply, facts, said) ?? due.plan
}

function leansOnNothing(forecasts: readonly Forecast[], item: Forecast): boolean {
  return forecasts.every((other) => other.index >= item.index || isAsWanted(other.weighed))
}
