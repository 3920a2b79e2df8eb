import type { Facts } from '../../facts.ts'
import type { CallSite } from '../../place.ts'
import type { Sh } from '../../sh/quote.ts'
import type { StatRequest } from '../files/path/stat-batch.ts'
import type { Effect, Prediction } from '../prediction/prediction.ts'
import type { AfterStart } from '../processes/after-start.ts'
import type { Guards, PathsChange } from './kind-definition.ts'
import type { Access, Contents, Declaration, Part, Whole } from './declarations.ts'
import type { Plan, Refused, Reply, Unknown } from './plan.ts'

/** The outcome of a resource's steps. */
export interface Done {
  readonly plan: Plan
  readonly effects: readonly Effect[]
}

/** A quick probe of one resource. */
export interface BoundQuickProbe {
  probe(facts: Facts): Sh
  /** The changes, completed by the output of the steps and by the answer after them. */
  describeDone(expected: Done, reply: Reply, facts: Facts, said: string, after: Reply | undefined): Done
  readonly isComplete: boolean
}

/** A typed, plain value that says how one thing on a host should be. Made by a kind; `ensure` converges it. */
export interface Resource<Want = unknown> {
  readonly kind: string
  readonly name: string
  readonly want: Want
  /** `kind:name` */
  readonly id: string
  readonly paths: readonly string[]
  /**
   * Where in the user's files the resource was made: `madeAt.place`.
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
  /** @internal */
  readonly afterStart?: AfterStart | undefined
  probe(facts: Facts): Sh
  /** @internal */
  readonly quickProbe?: BoundQuickProbe
  /** Reads the probe's answer, applies the prediction to it, and plans. */
  evaluate(reply: Reply, facts: Facts, prediction: Prediction): Evaluation
}

/** Resources, and lists of them however deep: `users.map((name) => [user(name), dir(`/srv/${name}`)])` is one of these. */
export type Resources = Resource | readonly Resources[]

/** The result of evaluating a resource. */
export type Evaluation =
  | (Unknown & {
      readonly type: 'unknown'
      /** The effects of its steps, if it has any. */
      readonly effects: readonly Effect[]
    })
  | (Refused & { readonly type: 'refused' })
  | {
      readonly type: 'planned'
      readonly plan: Plan
      readonly effects: readonly Effect[]
      /** The earlier, pending resources that this plan depends on. */
      readonly dependsOn: readonly string[]
      /** Those that must be done, and this resource probed again, before it may act. */
      readonly mustConfirm: readonly string[]
    }

/** Whether a value is a resource made by a kind: untyped code may pass anything. */
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
