import type { Host } from '../../host/host.ts'
import { askPlaces, obstacle, readPlaces, type ChangedPath } from '../../resources/prediction/obstacles.ts'
import type { Refused } from '../../resources/kit/kind.ts'
import type { Forecast } from '../forecast.ts'

/** Kinds that do several things one after the other: what stops one of them must be known before the first. */
const IN_SEVERAL = new Set(['user', 'hostname', 'sysctl', 'repository'])

/** Kinds that write into a file where an option says so. */
const MAY_BE_IN_PLACE = new Set(['file', 'line', 'block', 'jsonFile', 'yamlFile', 'iniFile'])

/** One round trip: what prevents the changes of paths in these plans, by the plan's index. No round trip when no path changes. */
export async function findObstacles(host: Host, forecasts: readonly Forecast[]): Promise<ReadonlyMap<number, Refused>> {
  const all = forecasts.flatMap((item) => touchedBy(item).map((touched) => ({ index: item.index, touched })))
  if (all.length === 0) return new Map()
  const touched = all.map((each) => each.touched)
  const [answer] = await host.ask([{ name: 'places', sh: askPlaces(touched), deadline: 60 }])
  const said = Buffer.from(answer?.stdout ?? [])
    .toString('utf8')
    .split('\n')
  const places = readPlaces(touched, said)
  const found = new Map<number, Refused>()
  for (const [at, { index }] of all.entries()) {
    const one = touched[at]
    const refused = one === undefined ? undefined : obstacle(places, one, at)
    if (refused !== undefined && !found.has(index)) found.set(index, refused)
  }
  return found
}

/** Whether one part may be done before another part fails. */
export function isInSeveral({ resource }: Forecast): boolean {
  return IN_SEVERAL.has(resource.kind)
}

/** A command may change its paths in any way, so no obstacle can be known. */
function touchedBy({ resource, evaluation }: Forecast): ChangedPath[] {
  if (!('plan' in evaluation) || resource.kind === 'exec') return []
  if (!evaluation.plan.steps.some((step) => step.cleanupOnly !== true)) return []
  return evaluation.effects.flatMap((effect) =>
    effect.type === 'path'
      ? [{ path: effect.path, state: effect.state, mayBeInPlace: MAY_BE_IN_PLACE.has(resource.kind) }]
      : [],
  )
}
