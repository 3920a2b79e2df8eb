import type { Facts } from '../../facts.ts'
import type { Sh } from '../../sh/quote.ts'
import type { StatRequest } from '../files/path/stat-batch.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { Access, Contents, Declaration, Part, Whole } from './declarations.ts'
import type { Plan, Refused, Reply, Step, Unknown } from './plan.ts'
import type { TrustedPlace } from './trusted-place.ts'

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
   * Its steps confirm what resources before it have changed, and the host undoes what is not confirmed in time: nothing is asked in between.
   * Default false.
   *
   * @internal
   */
  readonly confirms?: boolean
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
   * Owner, group and mode that it keeps at its path, or below.
   *
   * @internal
   */
  access?(want: Want): readonly Access[]
  /**
   * What it brings into a directory, and whether anything else may be there.
   *
   * @internal
   */
  contents?(want: Want): Contents
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
export interface QuickProbe<Want, Have> {
  /** `read` understands its answer as well. */
  probe(want: Want, facts: Facts): Sh
  /** Completes what was found by what the steps then printed, so that apply tells of a change what check told. */
  parseOutput(want: Want, have: Have, said: string, facts: Facts): Have
  /** Its answer has all that the probe's has, so it is also asked where the result is compared with a plan. Default false. */
  readonly isComplete?: boolean
}
