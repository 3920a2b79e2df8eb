import type { CallSite } from '../../place.ts'

/** One call of the role's context. */
export interface Call {
  readonly what: string
  readonly site: CallSite
  readonly isUsed: () => boolean
  readonly promise: object
  readonly isLate: boolean
  /** Never rejected. */
  readonly ended: Promise<unknown>
  isSettled: boolean
  failure?: { readonly error: unknown }
}

/** The first half of a call, such as `$({ creates })` or `expect(value)`. */
export interface Half {
  readonly what: string
  readonly hint: string
  readonly site: CallSite
  isWhole: boolean
}
