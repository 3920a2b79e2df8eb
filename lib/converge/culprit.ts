import type { BatchItem, Forecast } from './forecast.ts'

/** Who may have undone a resource: several when nobody can tell which of them. `isSure`: it is one of them, and not the resource's own steps. */
export interface Suspects {
  readonly actors: readonly BatchItem[]
  readonly isSure: boolean
}

/**
 * Who has undone it, of those who acted in the last trip. It was as wanted before that, unless its own steps were made in the same trip.
 * Whoever says that it touches the same thing did it; else one of those whose effects nobody wrote down; else anybody who came later.
 */
export function suspects(undone: Forecast, trip: readonly BatchItem[]): Suspects {
  const later = trip.filter(({ index }) => index > undone.index)
  const hasActed = trip.some(({ index }) => index === undone.index)
  const touching = later.findLast((due) => touches(due, undone))
  if (touching !== undefined) return { actors: [touching], isSure: true }
  const opaque = later.filter(reachesFar)
  if (opaque.length > 0) return { actors: opaque, isSure: !hasActed }
  if (hasActed) return { actors: [], isSure: true }
  return { actors: later.length > 0 ? later : trip, isSure: true }
}

function touches({ evaluation }: BatchItem, { resource, evaluation: now }: Forecast): boolean {
  if (!('plan' in evaluation)) return false
  if (evaluation.dependsOn.includes(resource.id)) return true
  const things = 'refused' in now ? [] : now.effects
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

/** Programs run that nobody wrote down: a package's scripts, a command, a service. */
function reachesFar({ evaluation }: BatchItem): boolean {
  if (!('plan' in evaluation)) return true
  return evaluation.effects.length === 0 || evaluation.effects.some(({ type: about }) => !QUIET.includes(about))
}

const QUIET: readonly string[] = ['path', 'user', 'group', 'units', 'packages']
