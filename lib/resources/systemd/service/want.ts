import type { Sh } from '../../../sh/quote.ts'

export interface ServiceWant {
  readonly unit: string
  readonly running?: boolean | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  /** What it must have been restarted after: paths, and names of units. */
  readonly inputs: readonly string[]
  /** What it must have been reloaded after, if not restarted. */
  readonly reloadInputs: readonly string[]
  readonly test: Sh | undefined
  readonly deadline?: number | undefined
}
