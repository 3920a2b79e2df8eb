import { RolecallError, type Problem } from '../errors.ts'
import type { Refused } from '../resources/kit/kind.ts'
import type { Validation } from '../resources/kit/plan.ts'
import type { ConvergeContext } from './converge-context.ts'
import type { ResourceReporter } from './events/resource-reporter.ts'
import { isAsWanted, type Forecast } from './forecast.ts'
import { missingValidator, refusedCandidate, unsupported } from './problems.ts'
import { findObstacles } from './round-trips/obstacles.ts'
import { unableToReconnect } from './round-trips/reconnect.ts'
import { validateCandidates, type ValidatorResult } from './round-trips/validate-candidates.ts'

/** The report of check mode for one resource. */
type Verdict =
  | { readonly type: 'ok' }
  | { readonly type: 'changed' }
  | { readonly type: 'unknown'; readonly reason: string }
  | { readonly type: 'failed'; readonly problem: Problem }

/** Whether a change was pending on the host before these resources. */
interface Before {
  readonly nothingPending: boolean
}

/**
 * Reports what apply would do, and throws a RolecallError if apply would fail. At most two round trips; the second only if something would change.
 */
export async function reportForecasts(
  context: ConvergeContext,
  forecasts: readonly Forecast[],
  before: Before,
  reporter: ResourceReporter,
): Promise<void> {
  const { host, role, observer, prediction } = context
  const validated = await validateCandidates(host, forecasts, prediction)
  const obstacles = await findObstacles(host, forecasts, ({ turn }) => prediction.placesBefore(turn))
  const firstChange = forecasts.find(({ evaluation }) => !isAsWanted(evaluation))
  const verdictOf = (item: Forecast) =>
    verdictOn(context, item, {
      validated: validated.get(item.index),
      obstacle: obstacles.get(item.index),
      isFirstChange: before.nothingPending && (firstChange === undefined || firstChange.index >= item.index),
    })
  try {
    reportInOrder(context, forecasts, verdictOf, reporter)
  } finally {
    for (const item of forecasts) {
      const status = reporter.statusOf(item)
      if (status !== undefined) observer?.predicted?.({ host: host.name, role }, item, status)
    }
  }
}

/** Apply stops at the first failure, and so do the reports. Further problems are reported all the same. */
function reportInOrder(
  { prediction }: ConvergeContext,
  forecasts: readonly Forecast[],
  verdictOf: (item: Forecast) => Verdict,
  reporter: ResourceReporter,
): void {
  const problems: Problem[] = []
  let failedAt: Forecast | undefined
  for (const item of forecasts) {
    const verdict = verdictOf(item)
    if (verdict.type === 'failed') {
      problems.push(failedAt === undefined ? reporter.failed(item, verdict.problem) : verdict.problem)
      failedAt ??= item
    } else if (failedAt !== undefined) continue
    else if (verdict.type === 'unknown') reporter.unknown(item, verdict.reason)
    else if (verdict.type === 'ok') reporter.ok(item)
    else reporter.changed(item)
  }
  if (failedAt === undefined) return
  // Apply would stop here, so later roles must not count on the resources after this one.
  prediction.rewind(failedAt.turn)
  throw new RolecallError(problems)
}

/** What the host says of a forecast. */
interface Findings {
  readonly validated: ValidatorResult | undefined
  readonly obstacle: Refused | undefined
  /** No change is pending before this resource. */
  readonly isFirstChange: boolean
}

function verdictOn(
  context: ConvergeContext,
  item: Forecast,
  { validated, obstacle, isFirstChange }: Findings,
): Verdict {
  const { resource, evaluation, turn } = item
  const failed = (problem: Problem): Verdict => ({ type: 'failed', problem })
  const unknown = (reason: string): Verdict => ({ type: 'unknown', reason })
  if (evaluation.type === 'refused') return failed(unsupported(context, resource, evaluation))
  const unable = unableToReconnect(context, item)
  if (unable !== undefined) return failed(unable)
  // An earlier change with undeclared effects may remove the obstacle.
  const remover = obstacle && context.prediction.opaqueBefore(turn)
  if (obstacle && remover === undefined) return failed(unsupported(context, resource, obstacle))
  const validation = validationOf(item)
  const isOfService = validation?.of === 'service'
  const isMissing = validated?.missing === true && !isOfService
  if (isMissing && !context.prediction.mayBringPrograms(turn))
    return failed(missingValidator(context, resource, validated.said))
  const isRefused = validated?.accepted === false && !isMissing
  // A candidate may be refused only because something that it needs is still pending.
  if (isRefused && (validated.final || isFirstChange))
    return failed(refusedCandidate(context, resource, validated.said, validation?.failure))
  if (evaluation.type === 'unknown') return unknown(evaluation.unknown)
  if (isAsWanted(evaluation)) return { type: 'ok' }
  if (obstacle) return unknown(`${obstacle.refused}, unless ${remover} changes that`)
  // The program that tests a service may come with an earlier package or command, like `nginx -t` on a fresh host.
  if (isRefused && isOfService) return { type: 'changed' }
  if (isRefused) return unknown(`its validator refuses it before the earlier changes are made: ${validated.said}`)
  return { type: 'changed' }
}

function validationOf({ evaluation }: Forecast): Validation | undefined {
  return evaluation.type === 'planned' ? evaluation.plan.validation : undefined
}
