import type { Condition } from './wait-probe.ts'

export interface WaitWant {
  readonly condition: Condition
  /** When the wait is for a file on the host: the pattern, to test predicted content. */
  readonly contains: RegExp | undefined
  readonly absent: boolean
  readonly deadline: number
  readonly units: readonly string[]
  readonly mark: string
}

export interface WaitHave {
  /** The condition holds. */
  readonly holds: boolean
  /** What was seen. */
  readonly last: string
  readonly canAsk: boolean
  /** No unit of `againAfter` was started or stopped since a wait was last over; or all is as wanted, and none was in this run. */
  readonly seen: boolean
  /** Prediction: what starts or stops one of them. */
  readonly from?: string
}
