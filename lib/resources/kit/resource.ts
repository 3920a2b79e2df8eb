import type { Facts } from '../../facts.ts'
import type { CallSite } from '../../place.ts'
import type { Sh } from '../../sh/quote.ts'
import type { StatRequest } from '../files/path/stat-batch.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { Guards, PathsChange } from './kind-definition.ts'
import type { Access, Contents, Declaration, Part, Whole } from './declarations.ts'
import type { Plan, Refused, Reply, Unknown } from './plan.ts'

/** What the steps of a resource have done. */
export interface Done {
  readonly plan: Plan
  readonly effects: readonly Effect[]
}

/** A quick probe of one resource. */
export interface BoundQuickProbe {
  probe(facts: Facts): Sh
  /** What was done, by what its steps have printed. */
  describeDone(expected: Done, reply: Reply, facts: Facts, said: string): Done
  readonly isComplete: boolean
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
  readonly access: readonly Access[]
  /** @internal */
  readonly contents?: Contents | undefined
  /** @internal */
  readonly follows?: readonly string[]
  /** @internal */
  readonly statPaths: readonly StatRequest[]
  /** @internal */
  readonly parallelProbe: boolean
  /** @internal */
  readonly confirms?: boolean
  /** @internal */
  readonly guards?: Guards | undefined
  probe(facts: Facts): Sh
  /** @internal */
  readonly quickProbe?: BoundQuickProbe
  /** Reads the probe's answer, applies the prediction to it, and says what is to be done. */
  evaluate(reply: Reply, facts: Facts, prediction: Prediction): Evaluation
}

/** Resources, and lists of them however deep: `users.map((name) => [user(name), dir(`/srv/${name}`)])` is one of these. */
export type Resources = Resource | readonly Resources[]

/** What is to be done about a resource. */
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

/** Whether this is what a kind makes: anybody may have put anything else in its place. */
export function isResource(given: unknown): given is Resource {
  if (typeof given !== 'object' || given === null) return false
  const { kind, id, paths, probe, evaluate } = given as Partial<Record<keyof Resource, unknown>>
  return (
    typeof kind === 'string' &&
    typeof id === 'string' &&
    Array.isArray(paths) &&
    typeof probe === 'function' &&
    typeof evaluate === 'function'
  )
}
