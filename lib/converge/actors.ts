import { isAsWanted, type BatchItem, type Forecast } from './forecast.ts'

/** The resources that may have undone another one: several if nobody can tell which. `isSure`: one of these did, not the resource's own steps. */
export interface Suspects {
  readonly actors: readonly BatchItem[]
  readonly isSure: boolean
}

/** Records which resources have acted, and so which should be as wanted by now. */
export class Actors {
  #lastTrip: readonly BatchItem[] = []
  #last: BatchItem | undefined
  /** Resources that acted on a predicted state. The prediction may have been wrong, so these are planned again from the host's answers. */
  readonly #predicted = new Set<number>()

  /** The resources that acted in one trip. */
  add(trip: readonly BatchItem[]): void {
    this.#lastTrip = trip
    for (const item of trip) {
      const isPredicted = item.evaluation.type === 'planned' && item.evaluation.dependsOn.length > 0
      if (isPredicted) this.#predicted.add(item.index)
      else this.#predicted.delete(item.index)
      if (this.#last === undefined || item.index > this.#last.index) this.#last = item
    }
  }

  /** The first resource that was as wanted earlier in this `ensure` and no longer is. */
  undone(forecasts: readonly Forecast[]): Forecast | undefined {
    const last = this.#last
    if (last === undefined) return undefined
    return forecasts.find(
      ({ index, evaluation }) => index <= last.index && !this.#predicted.has(index) && !isAsWanted(evaluation),
    )
  }

  suspectsOf(undone: Forecast): Suspects {
    return suspects(undone, this.#lastTrip)
  }
}

/**
 * The resources of the last trip that may have undone a resource, which was as wanted before that trip unless its own steps ran in it. First choice:
 * a resource that declares effects on the same thing; then one with undeclared effects; then any later one.
 */
function suspects(undone: Forecast, trip: readonly BatchItem[]): Suspects {
  const later = trip.filter(({ index }) => index > undone.index)
  const hasActed = trip.some(({ index }) => index === undone.index)
  const touching = later.findLast((item) => touches(item, undone))
  if (touching !== undefined) return { actors: [touching], isSure: true }
  const opaque = later.filter(isOpaque)
  if (opaque.length > 0) return { actors: opaque, isSure: !hasActed }
  if (hasActed) return { actors: [], isSure: true }
  return { actors: later.length > 0 ? later : trip, isSure: true }
}

function touches({ evaluation }: BatchItem, { resource, evaluation: now }: Forecast): boolean {
  if (evaluation.type !== 'planned') return false
  if (evaluation.dependsOn.includes(resource.id)) return true
  const things = now.type === 'refused' ? [] : now.effects
  return evaluation.effects.some((effect) => {
    if (effect.type === 'path') {
      const paths = [...resource.paths, ...things.flatMap((thing) => (thing.type === 'path' ? [thing.path] : []))]
      const isGone = effect.state.type !== 'dir'
      return paths.some((path) => path === effect.path || (isGone && path.startsWith(`${effect.path}/`)))
    }
    return (
      'name' in effect && things.some((one) => one.type === effect.type && 'name' in one && one.name === effect.name)
    )
  })
}

/** Whether a resource runs programs with undeclared effects: scripts of a package, a command, a service. */
function isOpaque({ evaluation }: BatchItem): boolean {
  if (evaluation.type !== 'planned') return true
  return evaluation.effects.length === 0 || evaluation.effects.some(({ type: about }) => !QUIET.includes(about))
}

const QUIET: readonly string[] = ['path', 'user', 'group', 'units', 'packages']
