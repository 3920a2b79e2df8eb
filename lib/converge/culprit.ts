import type { Due, Forecast } from './forecast.ts'

/** Who may have undone a resource: several when nobody can tell which of them. `isSure`: it is one of them, and not the resource's own steps. */
export interface Suspects {
  readonly actors: readonly Due[]
  readonly isSure: boolean
}

/**
 * Who has undone it, of those who acted in the last trip. It was as wanted before that, unless its own steps were made in the same trip.
 * Whoever says that it touches the same thing did it; else one of those whose effects nobody wrote down; else anybody who came later.
 */
export function suspects(undone: Forecast, trip: readonly Due[]): Suspects {
  const later = trip.filter(({ index }) => index > undone.index)
  const hasActed = trip.some(({ index }) => index === undone.index)
  const touching = later.findLast((due) => touches(due, undone))
  if (touching !== undefined) return { actors: [touching], isSure: true }
  const opaque = later.filter(reachesFar)
  if (opaque.length > 0) return { actors: opaque, isSure: !hasActed }
  if (hasActed) return { actors: [], isSure: true }
  return { actors: later.length > 0 ? later : trip, isSure: true }
}

function touches({ weighed }: Due, { resource, weighed: now }: Forecast): boolean {
  if (!('plan' in weighed)) return false
  if (weighed.restsOn.includes(resource.id)) return true
  const things = 'refused' in now ? [] : now.effects
  return weighed.effects.some((effect) => {
    if (effect.about === 'path') {
      const paths = [...resource.paths, ...things.flatMap((thing) => (thing.about === 'path' ? [thing.path] : []))]
      const isGone = effect.state.is !== 'dir'
      return paths.some((path) => path === effect.path || (isGone && path.startsWith(`${effect.path}/`)))
    }
    return (
      'name' in effect && things.some((one) => one.about === effect.about && 'name' in one && one.name === effect.name)
    )
  })
}

/** Programs run that nobody wrote down: a package's scripts, a command, a service. */
function reachesFar({ weighed }: Due): boolean {
  if (!('plan' in weighed)) return true
  return weighed.effects.length === 0 || weighed.effects.some(({ about }) => !QUIET.includes(about))
}

const QUIET: readonly string[] = ['path', 'user', 'group', 'units', 'packages']
