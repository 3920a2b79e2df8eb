import type { Facts } from '../../facts.ts'
import { locksLater } from '../accounts/account-locks.ts'
import type { Prediction } from '../prediction/prediction.ts'
import type { Unknown } from '../kit/kind.ts'
import { versionLocksLater } from './holds.ts'
import type { PkgHave, PkgSimulation, PkgWant } from './package-manager.ts'
import { manager } from './managers.ts'
import { pendingPreference, sources } from './pending-settings.ts'
import { planned, undone, HELD } from './pkg-plan.ts'

/** A pending change that brings a package source. On the EL family packages do: `epel-release`, `centos-release-scl`. */
function sourceToCome(prediction: Prediction): { readonly from: string } | undefined {
  return (
    sources.map((path) => prediction.paths.get(path)).find(Boolean) ??
    prediction.packages.installed().find(({ name }) => /-release($|-)/.test(name))
  )
}

/** A pending change of the sources makes lists old that are fresh today, until an earlier pkg has fetched them anew. */
function areOldLater(prediction: Prediction): boolean {
  const changed = sources.flatMap((path) => prediction.paths.get(path)?.turn ?? [])
  if (changed.length === 0) return false
  const last = Math.max(...changed)
  return !prediction.packages.installed().some(({ from, turn }) => from.startsWith('pkg:') && turn > last)
}

/**
 * What is left of a simulation on today's host once earlier, pending packages have come and gone: what they bring is not brought again. The very
 * same object comes back when that is all of it.
 */
function alone(simulation: PkgSimulation, prediction: Prediction): PkgSimulation {
  const { incoming, leaving } = simulation
  const here = new Set(prediction.packages.peekInstalled().flatMap(({ name, kept }) => (kept ? [] : [name])))
  const gone = prediction.packages.peekRemoved()
  const left = {
    incoming: new Map([...incoming].filter(([name]) => !here.has(name))),
    leaving: leaving.filter((name) => !gone.has(name)),
    configured: new Set([...simulation.configured].filter((name) => !here.has(name))),
  }
  const isAll = left.incoming.size === incoming.size && left.leaving.length === leaving.length
  return isAll ? simulation : left
}

/** Something pending names a name server, or may. */
function isNamed(prediction: Prediction): boolean {
  const file = prediction.paths.get('/etc/resolv.conf')?.state
  return (file !== undefined && file.type !== 'absent') || prediction.opaque() !== undefined
}

export function predict(want: PkgWant, have: PkgHave, prediction: Prediction, facts: Facts): PkgHave | Unknown {
  const canLock = have.canLock === false && versionLocksLater(prediction)
  return predictPackages(want, canLock ? { ...have, canLock } : have, prediction, facts)
}

function predictPackages(want: PkgWant, have: PkgHave, prediction: Prediction, facts: Facts): PkgHave | Unknown {
  const installed = new Map(have.installed)
  let isHeldOtherwise = false
  for (const name of want.names) {
    const doubt = prediction.packages.doubtAbout(name)
    if (doubt !== undefined)
      return { unknown: `what becomes of ${name} is known only after ${doubt.from}, which is unknown itself` }
    const pending = prediction.packages.get(name)
    if (pending?.installed === false) installed.delete(name)
    else if (pending?.installed === true && (!installed.has(name) || want.version !== undefined)) {
      if (want.version !== undefined) return { unknown: `which version of ${name} comes with ${pending.from}` }
      installed.set(name, {})
    }
    const there = installed.get(name)
    if (there === undefined || pending?.held === undefined || (there.held === true) === pending.held) continue
    installed.set(name, { ...there, held: pending.held })
    isHeldOtherwise = true
  }
  const unconfigured = [...installed].filter(([, { broken }]) => broken === 'unconfigured')
  const configured =
    (have.interrupted === true || unconfigured.length > 0) && prediction.packages.configured() !== undefined
  if (configured) for (const [name, there] of unconfigured) installed.set(name, { ...there, broken: undefined })
  // So is what lacked another package: apt does nothing else before.
  const mended = have.mend !== undefined && prediction.packages.configured() !== undefined
  const locks = have.locks && locksLater(have.locks, prediction)
  const resolves = have.nameless?.[0] !== undefined && isNamed(prediction)
  const isOther = installed.size !== have.installed.size || isHeldOtherwise
  const changed = isOther || configured || mended || locks !== have.locks || resolves
  // An earlier pkg will have fetched the lists by then, if they were old.
  const old =
    (have.lists === 'none' || have.lists === 'stale') && undone(want, { ...have, installed }, facts).length > 0
  const fetched = old && prediction.packages.installed().some(({ from }) => from.startsWith('pkg:'))
  const renewed =
    have.lists === 'fresh' &&
    want.state !== 'absent' &&
    undone(want, { ...have, installed, lists: 'stale' }, facts).length > 0 &&
    areOldLater(prediction)
  const simulation = have.simulation && alone(have.simulation, prediction)
  const result: PkgHave =
    changed || fetched || renewed || simulation !== have.simulation
      ? {
          ...have,
          simulation,
          installed,
          locks,
          ...(resolves ? { nameless: undefined } : {}),
          ...(mended ? { mend: undefined, objection: undefined, unmet: undefined } : {}),
          lists: fetched ? 'unasked' : renewed ? 'stale' : have.lists,
          interrupted: have.interrupted === true && !configured,
        }
      : have
  // What comes once dependencies are mended is simulated by nobody, and may take others along.
  const isLoose = mended || want.names.some((name) => have.installed.get(name)?.broken !== undefined)
  const mender = isLoose && want.state === 'absent' ? prediction.packages.configured() : undefined
  if (mender !== undefined && undone(want, result, facts).length > 0)
    return { unknown: `whether ${mender.from}, which mends dependencies first, takes ${want.names.join(', ')} along` }
  const preference = pendingPreference(prediction)
  const isHeld = have.objection?.includes(HELD) === true
  const isSet = preference !== undefined && want.names.some((name) => have.excluded?.includes(name) === true)
  const isRefused = 'refused' in planned(want, renewed ? { ...result, lists: 'fresh' } : result, facts)
  const source = isRefused && have.objection !== undefined && !isHeld ? sourceToCome(prediction) : undefined
  // It is offered, and something else is against it: a pin or another source may take that away or not.
  const from = isSet || isHeld || !isOffered(want, have, facts) ? undefined : (preference ?? source)?.from
  if (isRefused && have.objection !== undefined && from !== undefined)
    return { unknown: `whether ${from} lets ${want.names.join(', ')} be installed, which today it cannot be` }
  if (!isRefused || renewed) {
    const isMoving = want.state !== 'absent' && (result.simulation?.leaving ?? []).length > 0
    return isMoving && preference !== undefined && undone(want, result, facts).length > 0
      ? { unknown: `${preference.from} may keep packages from going that would have to go` }
      : result
  }
  if (have.objection === undefined) return result
  // What is held stays so, whatever the sources have.
  if (!isHeld && (source !== undefined || isSet)) return { ...result, excluded: undefined, lists: 'stale' }
  const bringer = prediction.bringer()
  return bringer ? { unknown: `${have.objection.split('\n')[0] ?? ''}, unless ${bringer.from} brings it` } : result
}

/** The lists have each of them, in the version that is wanted. */
function isOffered({ names, version }: PkgWant, { offers }: PkgHave, facts: Facts): boolean {
  return names.every((name) =>
    (offers?.get(name) ?? []).some((offer) => version === undefined || manager(facts).isVersion(version, offer)),
  )
}
