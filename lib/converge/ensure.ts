import { RolecallError, type Problem } from '../errors.ts'
import type { Resource } from '../resources/kit/kind.ts'
import { Prediction } from '../resources/prediction/prediction.ts'
import { contradictions, movedPackages, partsTakenOut, replacedLinks } from './contradictions/contradictions.ts'
import { converge } from './converge.ts'
import type { ConvergeContext, Outcome } from './converge-context.ts'
import { ResourceReporter } from './events/resource-reporter.ts'
import { removesPackages, type ResourceChange } from './contradictions/moved-packages.ts'
import { Planner, type Forecast } from './forecast.ts'
import { fullyProbed } from './observer.ts'
import { reportForecasts } from './report-forecasts.ts'
import { probeAll } from './round-trips/probe-all.ts'

export type { ConvergeContext, Outcome } from './converge-context.ts'

/**
 * Converges resources in their order; in check mode reports what this would take.
 *
 * One script probes all of them, and pure functions decide. The script that acts probes again, so every change is confirmed, and a run with nothing
 * to do costs one round trip. Throws a RolecallError at the first resource that cannot be made as wanted; later resources are not tried.
 */
export async function ensure(context: ConvergeContext, given: readonly Resource[]): Promise<Outcome[]> {
  const { host, mode, observer, signal } = context
  signal.throwIfAborted()
  const isAskedInFull = observer?.objection !== undefined || removesPackages(given)
  const resources = mode === 'apply' && isAskedInFull ? given.map(fullyProbed) : given
  const reporter = new ResourceReporter(context, resources)
  // In apply mode the prediction covers only the current batch: for anything later, the host itself is asked.
  const prediction = mode === 'check' ? context.prediction : new Prediction()
  const nothingPending = prediction.empty
  const planner = new Planner(resources, host.facts, prediction)
  await probeAll(host, resources, mode === 'check' ? 'probe' : 'quickProbe', (reply) => planner.addReply(reply))
  const forecasts = planner.forecasts()
  refuseContradictions(context, forecasts, prediction, reporter)
  if (mode === 'check') await reportForecasts(context, forecasts, { nothingPending }, reporter)
  else await converge(context, resources, forecasts, reporter)
  noteUndone(context, forecasts, prediction, reporter)
  return reporter.outcomes
}

/** Reports what these resources have undone of earlier calls, in this role or another one. */
function noteUndone(
  { host, role, earlier, emit }: ConvergeContext,
  forecasts: readonly Forecast[],
  { paths }: Prediction,
  reporter: ResourceReporter,
): void {
  if (earlier === undefined) return
  const isChanged = (item: Forecast) => reporter.statusOf(item) === 'changed'
  const changeBy = (item: Forecast): ResourceChange => {
    const { resource, effects } = changeOf(item)
    return { resource, effects: isChanged(item) ? (reporter.effectsOf(item) ?? effects) : [] }
  }
  const changed = forecasts.filter(isChanged).map(changeBy)
  for (const message of earlier.undoneBy(changed, (path) => paths.resolve(path)))
    emit({ type: 'note', host: host.name, role, message, at: Date.now() })
  earlier.add(forecasts.map(changeBy), changed.length > 0)
}

/** Refuses resources that contradict one another because of the host's state: one file under two paths, a package that comes as a dependency. */
function refuseContradictions(
  { host, role }: ConvergeContext,
  forecasts: readonly Forecast[],
  prediction: Prediction,
  reporter: ResourceReporter,
): void {
  const resources = forecasts.map(({ resource }) => resource)
  const byLinks = prediction.paths.hasLinks
    ? [
        ...contradictions(resources, (path) => prediction.paths.resolve(path)),
        ...replacedLinks(forecasts.map(replacing), prediction.paths.links),
      ]
    : []
  const changes = forecasts.map(changeOf)
  const undone = partsTakenOut(changes, (path) => prediction.paths.resolve(path))
  const problems = [...byLinks, ...movedPackages(changes), ...undone].map((problem): Problem => ({
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

function changeOf({ resource, evaluation }: Forecast): ResourceChange {
  return { resource, effects: evaluation.type === 'planned' ? evaluation.effects : [] }
}

/** The paths at which a resource puts something other than a directory. */
function replacing({ resource, evaluation }: Forecast) {
  const effects = evaluation.type === 'planned' ? evaluation.effects : []
  const replaced = effects.flatMap((effect) =>
    effect.type === 'path' && effect.state.type !== 'dir' ? [effect.path] : [],
  )
  return { resource, replaced }
}
