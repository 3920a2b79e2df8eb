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

/** A pending change of the sources makes lists old that are fresh today, until an earlier pkg has fetched them again. */
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
  return new PkgPrediction(want, canLock ? { ...have, canLock } : have, prediction, facts).answer()
}

/** The packages of a resource after pending changes. */
interface PackagesLater {
  readonly installed: Map<string, NonNullable<ReturnType<PkgHave['installed']['get']>>>
  readonly isHeldOtherwise: boolean
}

/** What a resource will find on the host after pending changes. */
interface HostLater {
  readonly have: PkgHave
  /** Lists that are fresh today will be old, and are fetched again. */
  readonly renewed: boolean
  /** An earlier pkg mends dependencies. */
  readonly mended: boolean
}

/** Predicts the answer for one resource. Each question to the prediction is recorded, so none is asked that the answer does not depend on. */
class PkgPrediction {
  readonly #want: PkgWant
  readonly #have: PkgHave
  readonly #prediction: Prediction
  readonly #facts: Facts

  constructor(want: PkgWant, have: PkgHave, prediction: Prediction, facts: Facts) {
    this.#want = want
    this.#have = have
    this.#prediction = prediction
    this.#facts = facts
  }

  answer(): PkgHave | Unknown {
    const packages = this.#packagesLater()
    if ('unknown' in packages) return packages
    const later = this.#hostLater(packages)
    return this.#takenAlong(later) ?? this.#installable(later)
  }

  #packagesLater(): PackagesLater | Unknown {
    const { names, version } = this.#want
    const { packages } = this.#prediction
    const installed = new Map(this.#have.installed)
    let isHeldOtherwise = false
    for (const name of names) {
      const doubt = packages.doubtAbout(name)
      if (doubt !== undefined)
        return { unknown: `what becomes of ${name} is known only after ${doubt.from}, which is unknown itself` }
      const pending = packages.get(name)
      if (pending?.installed === false) installed.delete(name)
      else if (pending?.installed === true && (!installed.has(name) || version !== undefined)) {
        if (version !== undefined) return { unknown: `which version of ${name} comes with ${pending.from}` }
        installed.set(name, {})
      }
      const there = installed.get(name)
      if (there === undefined || pending?.held === undefined || (there.held === true) === pending.held) continue
      installed.set(name, { ...there, held: pending.held })
      isHeldOtherwise = true
    }
    return { installed, isHeldOtherwise }
  }

  #hostLater({ installed, isHeldOtherwise }: PackagesLater): HostLater {
    const [have, prediction] = [this.#have, this.#prediction]
    const unconfigured = [...installed].filter(([, { broken }]) => broken === 'unconfigured')
    const configured =
      (have.interrupted === true || unconfigured.length > 0) && prediction.packages.configured() !== undefined
    if (configured) for (const [name, there] of unconfigured) installed.set(name, { ...there, broken: undefined })
    // So is what lacked another package: apt does nothing else before.
    const mended = have.mend !== undefined && prediction.packages.configured() !== undefined
    const locks = have.locks && locksLater(have.locks, prediction)
    const resolves = have.nameless?.[0] !== undefined && isNamed(prediction)
    const isOther = installed.size !== have.installed.size || isHeldOtherwise
    const fetched = this.#areFetched(installed)
    const renewed = !fetched && this.#areRenewed(installed)
    const simulation = have.simulation && alone(have.simulation, prediction)
    const isChanged =
      isOther || configured || mended || locks !== have.locks || resolves || simulation !== have.simulation
    if (!isChanged && !fetched && !renewed) return { have, renewed, mended }
    const later: PkgHave = {
      ...have,
      simulation,
      installed,
      locks,
      ...(resolves ? { nameless: undefined } : {}),
      ...(mended ? { mend: undefined, objection: undefined, unmet: undefined } : {}),
      ...(fetched ? { lists: 'unasked' } : {}),
      ...(renewed ? { lists: 'stale' } : {}),
      interrupted: have.interrupted === true && !configured,
    }
    return { have: later, renewed, mended }
  }

  /** An earlier pkg will have fetched the lists by then, if they were old. */
  #areFetched(installed: PkgHave['installed']): boolean {
    const [want, have] = [this.#want, this.#have]
    if (have.lists !== 'none' && have.lists !== 'stale') return false
    if (undone(want, { ...have, installed }, this.#facts).length === 0) return false
    return this.#prediction.packages.installed().some(({ from }) => from.startsWith('pkg:'))
  }

  /** Lists that are fresh today will be old. */
  #areRenewed(installed: PkgHave['installed']): boolean {
    const [want, have] = [this.#want, this.#have]
    if (have.lists !== 'fresh' || want.state === 'absent') return false
    return undone(want, { ...have, installed, lists: 'stale' }, this.#facts).length > 0 && areOldLater(this.#prediction)
  }

  /** What comes once dependencies are mended is simulated by nobody, and may take others along. */
  #takenAlong({ have: later, mended }: HostLater): Unknown | undefined {
    const want = this.#want
    const isLoose = mended || want.names.some((name) => this.#have.installed.get(name)?.broken !== undefined)
    const mender = isLoose && want.state === 'absent' ? this.#prediction.packages.configured() : undefined
    if (mender === undefined || undone(want, later, this.#facts).length === 0) return undefined
    return { unknown: `whether ${mender.from}, which mends dependencies first, takes ${want.names.join(', ')} along` }
  }

  /** Whether pending sources and preferences let packages be installed that today cannot be. */
  #installable({ have: later, renewed }: HostLater): PkgHave | Unknown {
    const [want, have, prediction, facts] = [this.#want, this.#have, this.#prediction, this.#facts]
    const preference = pendingPreference(prediction)
    const isHeld = have.objection?.includes(HELD) === true
    const isSet = preference !== undefined && want.names.some((name) => have.excluded?.includes(name) === true)
    const isRefused = 'refused' in planned(want, renewed ? { ...later, lists: 'fresh' } : later, facts)
    const source = isRefused && have.objection !== undefined && !isHeld ? sourceToCome(prediction) : undefined
    // It is offered, and something else is against it: a pin or another source may take that away or not.
    const from = isSet || isHeld || !isOffered(want, have, facts) ? undefined : (preference ?? source)?.from
    if (isRefused && have.objection !== undefined && from !== undefined)
      return { unknown: `whether ${from} lets ${want.names.join(', ')} be installed, which today it cannot be` }
    if (!isRefused || renewed) {
      const isMoving = want.state !== 'absent' && (later.simulation?.leaving ?? []).length > 0
      return isMoving && preference !== undefined && undone(want, later, facts).length > 0
        ? { unknown: `${preference.from} may keep packages from going that would have to go` }
        : later
    }
    if (have.objection === undefined) return later
    // What is held stays so, whatever the sources have.
    if (!isHeld && (source !== undefined || isSet)) return { ...later, excluded: undefined, lists: 'stale' }
    const bringer = prediction.bringer()
    return bringer ? { unknown: `${have.objection.split('\n')[0] ?? ''}, unless ${bringer.from} brings it` } : later
  }
}

/** The lists have each of them, in the version that is wanted. */
function isOffered({ names, version }: PkgWant, { offers }: PkgHave, facts: Facts): boolean {
  return names.every((name) =>
    (offers?.get(name) ?? []).some((offer) => version === undefined || manager(facts).isVersion(version, offer)),
  )
}
