import type { ConvergeObserver } from '../../converge/observer.ts'
import type { Problem } from '../../errors.ts'
import type { Unit } from '../units/units.ts'

/** Observes a whole run, and may stop it, a host or a change. */
export interface RunObserver extends ConvergeObserver {
  /** The saved plan that is applied. */
  readonly plan?: string
  /** Called before any host is touched. An error ends the run. */
  units?(units: readonly Unit[], inventoryDigest: string): Promise<void>
  /** Why nothing may be done on a host. */
  refuseHost?(host: string): readonly Problem[]
}
