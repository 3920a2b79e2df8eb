import type { Facts } from '../../facts.ts'
import type { Sh } from '../../sh/quote.ts'
import type { StatRequest } from '../files/path/stat-batch.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { AfterStart } from '../processes/after-start.ts'
import type { Access, Contents, Declaration, Part, Whole } from './declarations.ts'
import type { Plan, Refused, Reply, Step, Unknown } from './plan.ts'
import type { TrustedPlace } from './trusted-place.ts'

/**
 * The definition of a kind, in three levels. Everything here is pure: no input, no output, no clock.
 *
 * 1. `probe`, `read`, `plan`: enough for a kind that works in apply and in check.
 * 2. `effects`, `predict`, `paths`: how pending changes affect other resources of the same run, and the other way round.
 * 3. `advanced`: fewer round trips, and behaviour that many kinds share.
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
  /** Level 1. A POSIX sh script (dash and busybox too) whose output says what is there. Never changes anything. */
  probe(want: Want, facts: Facts): Sh
  /** Level 1. The probe's output as data. */
  read(want: Want, reply: Reply, facts: Facts): Have
  /** Level 1. The steps from what is there to what is wanted; none if all is as wanted. */
  plan(want: Want, have: Have, facts: Facts): readonly Step[] | Plan | Refused
  /** Level 2. What will be true after the steps, for later resources. Default: nothing that other kinds ask about. */
  effects?(want: Want, have: Have, facts: Facts): readonly Effect[]
  /** Level 2. The probe's answer as it will be after earlier steps. Return `have` itself if they do not affect it. */
  predict?(want: Want, have: Have, prediction: Prediction, facts: Facts): Have | Unknown
  /** Level 2. Paths whose change triggers resources that are `restartedAfter` this one. */
  paths?(want: Want): readonly string[]
  /** Level 3. Options that save round trips. */
  readonly advanced?: AdvancedKind<Want, Have>
}

/** The third level of a kind: options that save round trips. A kind works without any of them. */
export interface AdvancedKind<Want, Have> {
  /**
   * Steps planned from a predicted state may share a round trip with the changes that they depend on, if the prediction is exact. Default false: the
   * host is asked again first.
   */
  readonly batchable?: boolean
  /** The probe takes 0.1 s or more: it runs at the same time as the others of its `ensure`. Default false. */
  readonly parallelProbe?: boolean
  /**
   * Its steps confirm what earlier resources have changed, and the host undoes changes that are not confirmed in time. So nothing is asked in
   * between. Default false.
   *
   * @internal
   */
  readonly confirms?: boolean
  /**
   * A faster probe that apply uses instead of `probe`, for kinds whose full prediction takes longer than a plain question.
   *
   * @internal
   */
  readonly quickProbe?: QuickProbe<Want, Have>
  /**
   * The things that the resource manages alone, each with its wanted value. Two resources of one `ensure` that declare different values for one thing
   * are refused. Default: the resource's own `kind:name`.
   *
   * @internal
   */
  declarations?(want: Want): readonly Declaration[]
  /**
   * How the paths of its effects change. `inPlaceToo`: with the option `inPlace` an existing file is overwritten. `byCommand`: a command of the user
   * changes them, in an unknown way. Default: each path is created, replaced or removed by name.
   *
   * @internal
   */
  readonly pathsChange?: PathsChange
  /**
   * What will be at the resource's path, if the kind knows this before the host is asked.
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
   * Owner, group and mode that the resource keeps at its path, or below.
   *
   * @internal
   */
  access?(want: Want): readonly Access[]
  /**
   * What the resource puts into a directory, and whether it removes everything else.
   *
   * @internal
   */
  contents?(want: Want): Contents
  /**
   * Paths that a unit tests before reloading them: their old content is kept while earlier resources change them.
   *
   * @internal
   */
  guards?(want: Want): Guards | undefined
  /**
   * Paths that trigger its steps, such as a restart: resources that change one of them must come first.
   *
   * @internal
   */
  follows?(want: Want): readonly string[]
  /**
   * Places where a program works as root, so no other account may be able to change them. A place that others can change is refused before the probe
   * reads it.
   *
   * @internal
   */
  trusts?(want: Want): readonly TrustedPlace[]
  /**
   * Paths whose `stat` the probe can take from a batch, so that many resources share one process.
   *
   * @internal
   */
  statPaths?(want: Want): readonly StatRequest[]
  /**
   * What it has started, if anything: when its steps have run, that is looked at once more at the end of the host's last role in the play.
   *
   * @internal
   */
  afterStart?(want: Want): AfterStart | undefined
}

/** How a kind changes paths, if not by name. */
export type PathsChange = 'inPlaceToo' | 'byCommand'

/** Files that a unit tests, and that may have to be restored. */
export interface Guards {
  readonly unit: string
  readonly paths: readonly string[]
}

/** Reads enough to act on. If the steps of such a plan fail and the same change is still needed, the full `probe` is asked, which may know why. */
export interface QuickProbe<Want, Have> {
  /** Its output, which `read` must understand as well. */
  probe(want: Want, facts: Facts): Sh
  /**
   * Completes the answer from the output of the steps, so that apply reports a change in the same words as check. `after` is the answer once the steps
   * have run; undefined where the host could not be asked again.
   */
  parseOutput(want: Want, have: Have, said: string, facts: Facts, after: Have | undefined): Have
  /** The answer has everything that the probe's has, so the quick probe may also be used where the result is compared with a plan. Default false. */
  readonly isComplete?: boolean
}
