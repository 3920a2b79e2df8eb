import { isDeepStrictEqual } from 'node:util'
import { RolecallError, type Problem } from '../errors.ts'
import type { Facts } from '../facts.ts'
import { Prediction } from '../resources/prediction/prediction.ts'
import type { Plan, Resource } from '../resources/kit/kind.ts'
import { contradictions } from './contradictions.ts'
import { findObstacles, isInSeveral } from './obstacles.ts'
import { applyBatch, probeAll, validateCandidates, type StepResult } from './exchange.ts'
import { actAndReconnect, alone, unableToReconnect } from './reconnect.ts'
import { suspects } from './culprit.ts'
import { forecast, isAsWanted, nextBatch, Planner, type BatchItem, type Forecast } from './forecast.ts'
import { notConverged, refusedCandidate, stepFailed, unreachable } from './problems.ts'
import { fullyProbed } from './observer.ts'
import { ResourceReporter } from './events/resource-reporter.ts'
import type { ConvergeContext, Outcome } from './converge-context.ts'

export type { ConvergeContext, Outcome } from './converge-context.ts'

/**
 * Makes resources so, in their order; in check mode says what that would take.
 *
 * One script asks about all of them; pure functions decide; and the same script that acts asks again,
 * so that every change is confirmed and a rerun with nothing to do costs one round trip.
 * Throws a RolecallError when a resource cannot be made so. Nothing after it is tried.
 */
export async function ensure(ground: ConvergeContext, given: readonly Resource[]): Promise<Outcome[]> {
  ground.signal.throwIfAborted()
  const { observer } = ground
  const resources = ground.mode === 'apply' && observer?.objection !== undefined ? given.map(fullyProbed) : given
  const reporter = new ResourceReporter(ground, resources)
  const prediction = ground.mode === 'check' ? ground.prediction : new Prediction()
  const certain = prediction.empty
  const planner = new Planner(resources, ground.host.facts, prediction)
  const depth = ground.mode === 'check' ? 'probe' : 'quickProbe'
  await probeAll(ground.host, resources, depth, (reply) => planner.addReply(reply))
  oneNameEach(ground, planner.forecasts(), prediction, reporter)
  if (ground.mode === 'check') {
    const forecasts = planner.forecasts()
    try {
      await reportForecasts(ground, forecasts, certain, reporter)
    } finally {
      for (const item of forecasts) {
        const status = reporter.statusOf(item)
        if (status !== undefined) observer?.predicted?.(at(ground), item, status)
      }
    }
  } else await converge(ground, resources, planner.forecasts(), reporter)
  return reporter.outcomes
}

function at({ host, role }: ConvergeContext) {
  return { host: host.name, role }
}

/** Refuses resources that want different things of one place, which the host has under two names. */
function oneNameEach(
  { host, role }: ConvergeContext,
  forecasts: readonly Forecast[],
  prediction: Prediction,
  reporter: ResourceReporter,
): void {
  if (!prediction.hasLinks) return
  const resources = forecasts.map(({ resource }) => resource)
  const problems = contradictions(resources, (path) => prediction.placeOf(path)).map((problem): Problem => ({
    ...problem,
    code: 'unsupported',
    host: host.name,
    role,
  }))
  const [first] = problems
  const item = forecasts.findLast(({ resource }) => resource.id === first?.resource)
  if (first === undefined || item === undefined) return
  reporter.failed(item, first)
  throw new RolecallError(problems)
}

/** `certain`: nothing is pending before these. */
async function reportForecasts(
  ground: ConvergeContext,
  forecasts: readonly Forecast[],
  certain: boolean,
  reporter: ResourceReporter,
): Promise<void> {
  const verdicts = await validateCandidates(ground.host, forecasts, ground.prediction)
  const barred = await findObstacles(ground.host, forecasts)
  const problems: Problem[] = []
  let refusedAt = 0
  for (const item of forecasts) {
    const verdict = verdicts.get(item.index)
    const refused = verdict?.accepted === false
    // A candidate may be refused only because what it leans on is still to come.
    const mayPass = verdict?.final !== true && !(certain && leansOnNothing(forecasts, item))
    const barrier = barred.get(item.index)
    const opener = barrier && ground.prediction.opaqueBefore(item.turn)
    const problem =
      'refused' in item.evaluation
        ? unreachable(ground, item.resource, item.evaluation)
        : unableToReconnect(ground, item) !== undefined
          ? unableToReconnect(ground, item)
          : barrier && opener === undefined
            ? unreachable(ground, item.resource, barrier)
            : refused && !mayPass
              ? refusedCandidate(ground, item.resource, verdict.said)
              : undefined
    // Apply stops at the first failure. What else is wrong is said all the same.
    if (problem !== undefined) {
      if (problems.length === 0) refusedAt = item.turn
      problems.push(problems.length === 0 ? reporter.failed(item, problem) : problem)
    } else if (problems.length > 0) continue
    else if ('unknown' in item.evaluation) reporter.unknown(item, item.evaluation.unknown)
    else if (isAsWanted(item.evaluation)) reporter.ok(item)
    else if (barrier && opener !== undefined)
      reporter.unknown(item, `${barrier.refused}, unless ${opener} changes that`)
    else if (refused)
      reporter.unknown(item, `its validator refuses it before the earlier changes are made: ${verdict.said}`)
    else reporter.changed(item)
  }
  if (problems.length === 0) return
  // Apply gets no further, so later roles find nothing of what comes after.
  ground.prediction.rewind(refusedAt)
  throw new RolecallError(problems)
}

async function converge(
  ground: ConvergeContext,
  resources: readonly Resource[],
  first: readonly Forecast[],
  reporter: ResourceReporter,
): Promise<void> {
  // What was done upon a forecast that did not come true is planned once more, from what is really there.
  const ahead = new Set<number>()
  /** Who acted in the last trip. */
  let trip: readonly BatchItem[] = []
  let lastActor: BatchItem | undefined
  // Once each, so that an answer which always begins otherwise comes to an end.
  const reconsidered = new Set<number>()
  let forecasts = first
  for (;;) {
    const undone = forecasts.find(
      ({ index, evaluation }) =>
        lastActor !== undefined && index <= lastActor.index && !ahead.has(index) && !isAsWanted(evaluation),
    )
    const stuck = forecasts.find((item) => !isAsWanted(item.evaluation))
    reporter.settle(forecasts.slice(0, stuck?.index ?? forecasts.length))
    if (undone && lastActor) {
      const problem =
        'refused' in undone.evaluation
          ? unreachable(ground, undone.resource, undone.evaluation)
          : notConverged(ground, undone, suspects(undone, trip))
      throw new RolecallError(reporter.failed(undone, problem))
    }
    if (stuck === undefined) return
    let batch = nextBatch(forecasts)
    if (!('plan' in stuck.evaluation))
      throw new RolecallError(reporter.failed(stuck, unreachable(ground, stuck.resource, stuck.evaluation)))

    ground.signal.throwIfAborted()
    const unable = unableToReconnect(ground, stuck)
    if (unable !== undefined) throw new RolecallError(reporter.failed(stuck, unable))
    const next = alone(batch)
    batch = next.batch
    const barred = await findObstacles(ground.host, batch.filter(isInSeveral))
    const at = batch.findIndex(({ index }) => barred.has(index))
    if (at >= 0) batch = batch.slice(0, at)
    const barrier = barred.get(stuck.index)
    if (batch.length === 0 && barrier)
      throw new RolecallError(reporter.failed(stuck, unreachable(ground, stuck.resource, barrier)))
    const objected = firstObjection(ground, batch)
    if (objected !== undefined) {
      batch = batch.slice(0, objected.at)
      if (batch.every(({ plan }) => plan.steps.length === 0))
        throw new RolecallError(reporter.failed(objected.item, objected.problem))
    }
    reporter.begin()
    const act = next.endsConnection ? actAndReconnect : applyBatch
    const result = await act(ground, batch, resources, reporter.watch).catch((error: unknown) => reporter.broken(error))
    const { done, failed } = result
    forecasts = forecast(resources, result.replies, ground.host.facts, new Prediction())
    trip = [...new Set(done.map(({ due }) => due))].filter((due) => due !== failed?.due)
    for (const due of trip) {
      reporter.acted(due, describeDone(due, done, ground.host.facts))
      const dependsOn = 'plan' in due.evaluation ? due.evaluation.dependsOn : []
      if (dependsOn.length > 0) ahead.add(due.index)
      else ahead.delete(due.index)
      lastActor = lastActor === undefined || due.index > lastActor.index ? due : lastActor
    }
    const second =
      failed && !reconsidered.has(failed.due.index) ? await reconsider(ground, failed, forecasts) : undefined
    if (second) {
      reconsidered.add(second.index)
      forecasts = forecasts.map((item) => (item.index === second.index ? second : item))
    } else if (failed) {
      reporter.settle(forecasts.slice(0, failed.due.index))
      reporter.actedInPart(failed.due, failed.step)
      const barrier = (await findObstacles(ground.host, [failed.due])).get(failed.due.index)
      const problem = barrier ? unreachable(ground, failed.due.resource, barrier) : stepFailed(ground, failed)
      throw new RolecallError(reporter.failed(failed.due, problem))
    }
  }
}

/** The first change of a batch that must not be made, and why. */
function firstObjection(ground: ConvergeContext, batch: readonly BatchItem[]) {
  for (const [index, item] of batch.entries()) {
    const problem = item.plan.steps.length === 0 ? undefined : ground.observer?.objection?.(at(ground), item)
    if (problem !== undefined)
      return { at: index, item, problem: { ...at(ground), resource: item.resource.id, ...problem } }
  }
  return undefined
}

/**
 * A step that failed, and after which the same is to be changed as before, may have been planned upon too little: the whole answer may refuse
 * it, or begin otherwise. Undefined when it does neither, and the failure stands.
 */
async function reconsider(
  { host }: ConvergeContext,
  { due, step }: StepResult,
  now: readonly Forecast[],
): Promise<Forecast | undefined> {
  const { index, resource, plan } = due
  const left = now[index]?.evaluation
  const isAsBefore = left !== undefined && 'plan' in left && isDeepStrictEqual(left.plan.changes, plan.changes)
  if (resource.quickProbe === undefined || step > 0 || !isAsBefore) return undefined
  const planner = new Planner([resource], host.facts, new Prediction())
  await probeAll(host, [resource], 'probe', (whole) => planner.addReply(whole))
  const [second] = planner.forecasts()
  if (second === undefined || isAsWanted(second.evaluation)) return undefined
  const isSame = 'plan' in second.evaluation && second.evaluation.plan.steps[0]?.sh.text === plan.steps[0]?.sh.text
  return isSame ? undefined : { ...second, index }
}

/** What was done, told as fully as check tells it beforehand. */
function describeDone(due: BatchItem, done: readonly StepResult[], facts: Facts): Plan {
  const said = done.flatMap((result) => (result.due === due ? [result.stdout] : [])).join('')
  return due.resource.quickProbe?.describeDone(due.plan, due.reply, facts, said) ?? due.plan
}

function leansOnNothing(forecasts: readonly Forecast[], item: Forecast): boolean {
  return forecasts.every((other) => other.index >= item.index || isAsWanted(other.evaluation))
}
