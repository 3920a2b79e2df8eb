import type { Host } from '../../host/host.ts'
import { askPlaces, obstacle, placesAfter, readPlaces, type ChangedPath } from '../../resources/prediction/obstacles.ts'
import type { EffectOf, PlaceEffect } from '../../resources/prediction/effect.ts'
import type { Refused, Step } from '../../resources/kit/kind.ts'
import type { Forecast } from '../forecast.ts'

/**
 * Asks, in one round trip, what prevents the changes of paths in these plans; the result is by the plan's index. No round trip if no path changes.
 * `earlier` lists what is mounted, unmounted, locked and unlocked before a plan's turn.
 */
export async function findObstacles(
  host: Host,
  forecasts: readonly Forecast[],
  earlier: (item: Forecast) => readonly PlaceEffect[] = () => [],
): Promise<ReadonlyMap<number, Refused>> {
  const all = forecasts.flatMap((item) => touchedBy(item).map((touched) => ({ item, touched })))
  if (all.length === 0) return new Map()
  const touched = all.map((each) => each.touched)
  const [answer] = await host.ask([{ name: 'places', sh: askPlaces(touched), question: 'sequential' }])
  const said = Buffer.from(answer?.stdout ?? [])
    .toString('utf8')
    .split('\n')
  const places = readPlaces(touched, said)
  const found = new Map<number, Refused>()
  for (const [at, { item, touched: one }] of all.entries()) {
    const refused = obstacle(placesAfter(places, earlier(item)), one, at)
    if (refused !== undefined && !found.has(item.index)) found.set(item.index, refused)
  }
  return found
}

/**
 * Whether a part of the plan may be done before another part fails: the plan does several things, and its first step does not try the only path that
 * changes. Such an obstacle must be known before the first step.
 */
export function isInSeveral(item: Forecast): boolean {
  const [first, ...others] = thingsOf(item)
  if (others.length === 0 || (first !== undefined && others.every((thing) => thing === first))) return false
  return touchedBy(item).some(({ path }) => path !== first)
}

/** The mounts and unmounts of a plan. */
export function mountsOf({ evaluation }: Forecast): readonly EffectOf<'mount'>[] {
  if (evaluation.type !== 'planned') return []
  return evaluation.effects.flatMap((effect) => (effect.type === 'mount' ? [effect] : []))
}

/** The changes of a plan in order: a path, or undefined for a step without a declared path. */
function thingsOf(item: Forecast): readonly (string | undefined)[] {
  return actingSteps(item).flatMap((step): readonly (string | undefined)[] => step.changesOnly ?? [undefined])
}

function actingSteps({ evaluation }: Forecast): readonly Step[] {
  return evaluation.type === 'planned' ? evaluation.plan.steps.filter((step) => step.cleanupOnly !== true) : []
}

/** A command may change its paths in any way, so no obstacle can be known. */
function touchedBy(item: Forecast): ChangedPath[] {
  const { resource, evaluation } = item
  if (evaluation.type !== 'planned' || resource.pathsChange === 'byCommand' || actingSteps(item).length === 0) return []
  const mayBeInPlace = resource.pathsChange === 'inPlaceToo'
  return evaluation.effects.flatMap((effect) =>
    effect.type === 'path' ? [{ path: effect.path, state: effect.state, mayBeInPlace }] : [],
  )
}
