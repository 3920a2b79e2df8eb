import type { ConvergeObserver } from '../../converge/observer.ts'
import type { Problem } from '../../errors.ts'
import type { Unit } from '../units/units.ts'

/** Who looks on at a whole run, and may keep it, a host or a change from being made. */
export interface RunObserver extends ConvergeObserver {
  /** The saved plan that is applied. */
  readonly plan?: string
  /** Before any host is touched. What it throws ends the run. */
  units?(units: readonly Unit[], inventoryDigest: string): void
  /** Why nothing is to be done on a host. */
  refuseHost?(host: string): readonly Problem[]
}
