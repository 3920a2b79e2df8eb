import type { Facts } from '../../facts.ts'
import { CallSite } from '../../place.ts'
import type { Sh } from '../../sh/quote.ts'
import type { Prediction, Effect } from '../prediction/prediction.ts'
import type { Declaration, Part, Whole } from './declarations.ts'
import type { StatRequest } from '../files/path/stat-batch.ts'
import { made } from './role-watch.ts'
import type { Reply, Step, Plan, Refused, Unknown } from './plan.ts'
import { askTrust, distrust, holdTrust, readTrust, type TrustedPlace } from './trusted-place.ts'

export type { Reply, Step, Reconnect, Change, Validation, Plan, Refused, Unknown } from './plan.ts'

/**
 * What makes a resource work, in three levels. Everything here is pure: no input, no output, no clock.
 *
 * 1. `probe`, `read`, `plan`: enough for a kind that works in apply and in check.
 * 2. `effects`, `predict`, `paths`: what other resources of the same run need to know of pending changes, and the other way round.
 * 3. `advanced`: fewer round trips, and what many kinds share.
 *
 * @example
 * const timezone = kind<{ zone: string }, { zone: string }>({
 *   name: 'timezone',
 *   probe: () => sh`readlink /etc/localtime`,
 *   read: (_, reply) => ({ zone: reply.text.trim().replace('/usr/share/zoneinfo/', '') }),
 *   plan: (want, have) => have.zone === want.zone ? [] :
 *     [{ summary: `set time zone ${want.zone}`, sh: sh`ln -sfn ${'/usr/share/zoneinfo/' + want.zone} /etc/localtime` }],
 * })
 * const utc = timezone('system', { zone: 'UTC' })       // the resource timezone:system
 */
export interface Kind<Want, Have> {
  readonly name: string
  /** Level 1. POSIX sh (dash and busybox too) whose output says what is there. It never changes anything. */
  probe(want: Want, facts: Facts): Sh
  /** Level 1. The probe's output as data. */
  read(want: Want, reply: Reply, facts: Facts): Have
  /** Level 1. The steps from what is there to what is wanted; none when it is as wanted. */
  plan(want: Want, have: Have, facts: Facts): readonly Step[] | Plan | Refused
  /** Level 2. What will be true after the steps, for the resources that come later. Default: nothing that anybody else asks about. */
  effects?(want: Want, have: Have, facts: Facts): readonly Effect[]
  /** Level 2. The probe's answer with what earlier steps will have made. Return `have` itself when none of it matters. */
  predict?(want: Want, have: Have, prediction: Prediction, facts: Facts): Have | Unknown
  /** Level 2. Paths whose change matters to what is `restartedAfter` this resource. */
  paths?(want: Want): readonly string[]
  /** Level 3. What saves round trips. */
  readonly advanced?: AdvancedKind<Want, Have>
}

/** The third level of a kind: what saves round trips. A kind works without any of it. */
export interface AdvancedKind<Want, Have> {
  /**
   * Steps that were planned from a predicted state hold: they may share a round trip with the changes that they depend on, where the prediction is
   * exact. Default false: the host is asked again first.
   */
  readonly batchable?: boolean
  /** The probe takes 0.1 s or more: it runs at the same time as the others of its `ensure`. Default false. */
  readonly parallelProbe?: boolean
  /**
   * What apply asks instead of `probe`, where a full prediction takes longer than a plain question.
   *
   * @internal
   */
  readonly quickProbe?: QuickProbe<Want, Have>
  /**
   * The things that the resource manages alone, each with its wanted value: two resources of one `ensure` that declare different values for the
   * same thing are refused. Default: the resource's own `kind:name`.
   *
   * @internal
   */
  declarations?(want: Want): readonly Declaration[]
  /**
   * How the paths of its effects come to change. `inPlaceToo`: the option `inPlace` writes into a file that is there. `byCommand`: a command of the
   * user's changes them, and nobody knows how. Default: each is made, replaced or removed by its name.
   *
   * @internal
   */
  readonly pathsChange?: PathsChange
  /**
   * What will be at the resource's path, where the kind knows this before it asks the host.
   *
   * @internal
   */
  whole?(want: Want): Whole | undefined
  /**
   * The part of a file that the resource manages.
   *
   * @internal
   */
  part?(want: Want): Part
  /**
   * Paths that a unit tests before it reads them anew: how they were before is kept while resources before it change them.
   *
   * @internal
   */
  guards?(want: Want): Guards | undefined
  /**
   * Paths after whose change it acts, with a restart, say: what changes one of them stands before it.
   *
   * @internal
   */
  follows?(want: Want): readonly string[]
  /**
   * Places that nobody else may be able to change, because a program works there as root: what others can change is refused before the
   * probe looks at it.
   *
   * @internal
   */
  trusts?(want: Want): readonly TrustedPlace[]
  /**
   * Paths that its probe takes from a batch of `stat` when there is one, so that many resources share a process.
   *
   * @internal
   */
  statPaths?(want: Want): readonly StatRequest[]
}

/** How a kind changes paths, where that is not by their names alone. */
export type PathsChange = 'inPlaceToo' | 'byCommand'

/** What a unit tests, and may have to be put back. */
export interface Guards {
  readonly unit: string
  readonly paths: readonly string[]
}

/** Enough to act upon. When the steps of such a plan fail and the same is to be changed as before, the whole `probe` is asked, which may know why. */
interface QuickProbe<Want, Have> {
  /** `read` understands its answer as well. */
  probe(want: Want, facts: Facts): Sh
  /** Completes what was found by what the steps then printed, so that apply tells of a change what check told. */
  parseOutput(want: Want, have: Have, said: string, facts: Facts): Have
}

/** A quick probe of one resource. */
interface BoundQuickProbe {
  probe(facts: Facts): Sh
  /** The plan in the words of what its steps have printed. */
  describeDone(plan: Plan, reply: Reply, facts: Facts, said: string): Plan
}

/** A typed, plain value that says how one thing on a host should be. Made by a kind; `ensure` makes it so. */
export interface Resource<Want = unknown> {
  readonly kind: string
  readonly name: string
  readonly want: Want
  /** `kind:name` */
  readonly id: string
  readonly paths: readonly string[]
  /**
   * Where in the user's files it was made: `madeAt.place`.
   *
   * @internal
   */
  readonly madeAt: CallSite
  /** @internal */
  declarations(): readonly Declaration[]
  /** @internal */
  readonly pathsChange?: PathsChange | undefined
  /** @internal */
  readonly whole?: Whole | undefined
  /** @internal */
  readonly part?: Part | undefined
  /** @internal */
  readonly follows?: readonly string[]
  /** @internal */
  readonly statPaths: readonly StatRequest[]
  /** @internal */
  readonly parallelProbe: boolean
  /** @internal */
  readonly guards?: Guards | undefined
  probe(facts: Facts): Sh
  /** @internal */
  readonly quickProbe?: BoundQuickProbe
  /** Reads the probe's answer, lays what is foreseen over it, and says what is to be done. */
  evaluate(reply: Reply, facts: Facts, prediction: Prediction): Evaluation
}

export type Evaluation =
  | (Unknown & {
      /** What its steps would bring, if it has any to do. */
      readonly effects: readonly Effect[]
    })
  | Refused
  | {
      readonly plan: Plan
      readonly effects: readonly Effect[]
      /** The earlier, pending resources that decided this plan. */
      readonly dependsOn: readonly string[]
      /** Those of them that must be made, and this asked again, before anything is done about it. */
      readonly mustConfirm: readonly string[]
    }

/** Makes a resource constructor of a kind. @see Kind for an example */
export function kind<Want, Have>(definition: Kind<Want, Have>): (name: string, want: Want) => Resource<Want> {
  const { advanced = {} } = definition
  const make = (name: string, want: Want): Resource<Want> => {
    const trusts = () => advanced.trusts?.(want) ?? []
    return made({
      kind: definition.name,
      name,
      want,
      id: `${definition.name}:${name}`,
      madeAt: new CallSite(make),
      pathsChange: advanced.pathsChange,
      declarations: () => advanced.declarations?.(want) ?? [[`${definition.name}:${name}`, want]],
      get whole() {
        return advanced.whole?.(want)
      },
      get part() {
        return advanced.part?.(want)
      },
      get guards() {
        return advanced.guards?.(want)
      },
      paths: definition.paths?.(want) ?? [],
      get follows() {
        return advanced.follows?.(want) ?? []
      },
      statPaths: advanced.statPaths?.(want) ?? [],
      parallelProbe: advanced.parallelProbe ?? false,
      probe: (facts) => askTrust(trusts(), definition.probe(want, facts)),
      ...(advanced.quickProbe === undefined
        ? {}
        : { quickProbe: bindQuickProbe(definition, advanced.quickProbe, want) }),
      evaluate(reply, facts, prediction) {
        const places = trusts()
        const stands = prediction.consult(() => distrust(places, readTrust(places, reply), prediction))
        if (stands.answer !== undefined)
          return isUnknown(stands.answer) ? { ...stands.answer, effects: [] } : stands.answer
        const found = definition.read(want, reply, facts)
        const {
          answer: have,
          dependsOn,
          mustConfirm,
        } = prediction.consult(() => definition.predict?.(want, found, prediction, facts) ?? found)
        if (isUnknown(have)) {
          const paths = (definition.paths?.(want) ?? []).map(
            (path) => ({ type: 'path', path, state: { type: 'file' } }) as const,
          )
          return { ...have, effects: [...paths, ...(definition.effects?.(want, found, facts) ?? [])] }
        }
        const planned = definition.plan(want, have, facts)
        if ('refused' in planned) return planned
        const plan = guardedBy(places, asPlan(planned))
        return {
          plan,
          effects: plan.steps.some((step) => step.cleanupOnly !== true)
            ? (definition.effects?.(want, have, facts) ?? [])
            : [],
          ...(have === found
            ? { dependsOn: [], mustConfirm: [] }
            : { dependsOn, mustConfirm: advanced.batchable === true ? mustConfirm : dependsOn }),
        }
      },
    })
  }
  return make
}

function bindQuickProbe<Want, Have>(
  kind: Kind<Want, Have>,
  quickProbe: QuickProbe<Want, Have>,
  want: Want,
): BoundQuickProbe {
  return {
    probe: (facts) => quickProbe.probe(want, facts),
    describeDone(plan, reply, facts, said) {
      const planned = kind.plan(want, quickProbe.parseOutput(want, kind.read(want, reply, facts), said, facts), facts)
      return 'refused' in planned ? plan : asPlan(planned)
    },
  }
}

function asPlan(planned: Plan | readonly Step[]): Plan {
  return 'steps' in planned ? planned : { steps: planned }
}

function guardedBy(places: readonly TrustedPlace[], plan: Plan): Plan {
  if (places.length === 0) return plan
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, sh: holdTrust(places, step.sh) })) }
}

function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value && typeof value.unknown === 'string'
}
