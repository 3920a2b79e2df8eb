import { setTimeout as sleep } from 'node:timers/promises'
import { RolecallError } from '../../errors.ts'

/** Waits; ends at once when the run is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw new RolecallError({ code: 'cancelled', message: 'the run was ended while it waited' })
  }
}

/** Reports what is waited for, and ends the wait when the run is interrupted. */
export interface Wait {
  readonly say: (message: string) => void
  readonly signal: AbortSignal
}
