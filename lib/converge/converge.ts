import { RolecallError } from '../errors.ts'
import type { Facts } from '../facts.ts'
import type { Reply, Resource } from '../resources/kit/kind.ts'
import type { Done } from '../resources/kit/resource.ts'
import { Prediction } from '../resources/prediction/prediction.ts'
import { Actors } from './actors.ts'
import type { ConvergeContext } from './converge-context.ts'
import type { ResourceReporter } from './events/resource-reporter.ts'
import { forecast, isAsWanted, nextBatch, type BatchItem, type Forecast } from './forecast.ts'
import { notConverged, objected, stepFailed, unsupported } from './problems.ts'
import { replan } from './replan.ts'
import { applyBatch, type BatchResult, type StepResult } from './round-trips/apply-batch.ts'
import { applyAndConfirm, confirmationAfter } from './round-trips/confirm.ts'
import { findObstacles, isInSeveral, mountsOf } from './round-trips/obstacles.ts'
import { applyAndReconnect, endsConnection, unableToReconnect, untilDisconnect } from './round-trips/reconnect.ts'

/**
 * Apply mode: acts on one batch after the other until nothing is left to do. Each trip ends with the answers from which the next batch is planned.
 *
 * Throws a RolecallError at the first resource that cannot be made as wanted, or that is not as wanted after its steps.
 */
export async function converge(
  context: ConvergeContext,
  resources: readonly Resource[],
  first: readonly Forecast[],
  reporter: ResourceReporter,
): Promise<void> {
  const actors = new Actors()
  // A resource acts once on a predicted state, so a probe whose answer always differs cannot loop forever.
  const replanned = new Set<number>()
  let forecasts = first
  for (;;) {
    const next = forecasts.find(({ evaluation }) => !isAsWanted(evaluation))
    reporter.reportAsWanted(forecasts.slice(0, next?.index ?? forecasts.length))
    const undone = actors.undone(forecasts)
    if (undone !== undefined) throw failure(reporter, undone, undoneProblem(context, undone, actors))
    if (next === undefined) {
      for (const { resource } of forecasts) context.started?.found(resource, context)
      return
    }
    const batch = await batchFor(context, next, forecasts, reporter)
    const confirmation = allowedConfirmation(context, batch, forecasts)
    const { done, failed, replies } = await act(context, { batch, confirmation }, resources, reporter)
    forecasts = forecast(resources, replies, context.host.facts, new Prediction())
    const acted = actedIn(done, failed)
    const printed = printedBy(done)
    for (const item of acted) {
      const { plan, effects } = describeDone(item, printed.get(item) ?? '', replies[item.index], context.host.facts)
      reporter.acted(item, { plan, effects })
      context.started?.acted(item.resource, context, effects)
    }
    actors.add(acted)
    if (failed === undefined) continue
    const { item } = failed
    const second = replanned.has(item.index) ? undefined : await replan(context, failed, forecasts)
    if (second === undefined) throw await stepFailure(context, failed, forecasts, reporter)
    replanned.add(item.index)
    forecasts = forecasts.map((each) => (each.index === item.index ? second : each))
  }
}

/** The problem of a resource that was as wanted and no longer is. */
function undoneProblem(context: ConvergeContext, undone: Forecast, actors: Actors) {
  const suspects = actors.suspectsOf(undone)
  return undone.evaluation.type === 'refused' && suspects.actors.length === 0
    ? unsupported(context, undone.resource, undone.evaluation)
    : notConverged(context, undone, suspects)
}

/** The resources that one trip may act on, beginning with the first one that is not as wanted. */
async function batchFor(
  context: ConvergeContext,
  next: Forecast,
  forecasts: readonly Forecast[],
  reporter: ResourceReporter,
): Promise<readonly BatchItem[]> {
  const { evaluation, resource } = next
  if (evaluation.type !== 'planned') throw failure(reporter, next, unsupported(context, resource, evaluation))
  context.signal.throwIfAborted()
  const unable = unableToReconnect(context, next)
  if (unable !== undefined) throw failure(reporter, next, unable)
  const batch = untilDisconnect(nextBatch(forecasts))
  const obstacles = await findObstacles(context.host, batch.filter(isInSeveral), ({ index }) =>
    batch.flatMap((other) => (other.index < index ? mountsOf(other) : [])),
  )
  const free = until(batch, ({ index }) => obstacles.has(index))
  const obstacle = obstacles.get(next.index)
  if (free.length === 0 && obstacle) throw failure(reporter, next, unsupported(context, resource, obstacle))
  return untilObjection(context, free, reporter)
}

/** The batch up to the first change that an observer objects to. */
function untilObjection(
  context: ConvergeContext,
  batch: readonly BatchItem[],
  reporter: ResourceReporter,
): readonly BatchItem[] {
  const allowed = until(batch, (item) => objectionTo(context, item) !== undefined)
  const item = batch[allowed.length]
  const objection = item && objectionTo(context, item)
  if (objection === undefined || item === undefined) return batch
  if (allowed.some(({ plan }) => plan.steps.length > 0)) return allowed
  throw failure(reporter, item, objected(context, item.resource, objection))
}

function objectionTo({ host, role, observer }: ConvergeContext, item: BatchItem) {
  return item.plan.steps.length === 0 ? undefined : observer?.objection?.({ host: host.name, role }, item)
}

/** The resource that confirms the batch in the next trip. An objection to it is reported when its own turn comes. */
function allowedConfirmation(
  context: ConvergeContext,
  batch: readonly BatchItem[],
  forecasts: readonly Forecast[],
): BatchItem | undefined {
  const confirmation = confirmationAfter(batch, forecasts)
  return confirmation && objectionTo(context, confirmation) === undefined ? confirmation : undefined
}

/** The items before the first one for which `isEnd` holds. */
function until<T>(all: readonly T[], isEnd: (each: T) => boolean): readonly T[] {
  const at = all.findIndex(isEnd)
  return at < 0 ? all : all.slice(0, at)
}

/** Acts in one round trip, or in two where a change is confirmed or ends the connection. */
async function act(
  context: ConvergeContext,
  { batch, confirmation }: { readonly batch: readonly BatchItem[]; readonly confirmation: BatchItem | undefined },
  resources: readonly Resource[],
  reporter: ResourceReporter,
): Promise<BatchResult> {
  reporter.begin()
  const { onStep } = reporter
  try {
    if (confirmation !== undefined) return await applyAndConfirm(context, { batch, confirmation }, resources, onStep)
    if (endsConnection(batch)) return await applyAndReconnect(context, batch, resources, onStep)
    return await applyBatch(context, batch, resources, onStep)
  } catch (error) {
    return reporter.interrupted(error)
  }
}

/** The resources whose steps all succeeded. */
function actedIn(done: readonly StepResult[], failed: StepResult | undefined): readonly BatchItem[] {
  return [...new Set(done.map(({ item }) => item))].filter((item) => item !== failed?.item)
}

/** What the steps of each resource have printed. */
function printedBy(done: readonly StepResult[]): ReadonlyMap<BatchItem, string> {
  const printed = new Map<BatchItem, string>()
  for (const { item, stdout } of done) printed.set(item, `${printed.get(item) ?? ''}${stdout}`)
  return printed
}

/** The changes that were made, in as much detail as check shows. */
function describeDone(item: BatchItem, printed: string, after: Reply | undefined, facts: Facts): Done {
  const expected = { plan: item.plan, effects: item.evaluation.type === 'planned' ? item.evaluation.effects : [] }
  return item.resource.quickProbe?.describeDone(expected, item.reply, facts, printed, after) ?? expected
}

/** Reports what was done before a step failed, and makes the error. */
async function stepFailure(
  context: ConvergeContext,
  failed: StepResult,
  forecasts: readonly Forecast[],
  reporter: ResourceReporter,
): Promise<RolecallError> {
  const { item, step } = failed
  reporter.reportAsWanted(forecasts.slice(0, item.index))
  reporter.actedInPart(item, step)
  const obstacle = (await findObstacles(context.host, [item])).get(item.index)
  const problem = obstacle ? unsupported(context, item.resource, obstacle) : stepFailed(context, failed)
  return failure(reporter, item, problem)
}

function failure(reporter: ResourceReporter, item: Forecast, problem: Parameters<ResourceReporter['failed']>[1]) {
  return new RolecallError(reporter.failed(item, problem))
}
