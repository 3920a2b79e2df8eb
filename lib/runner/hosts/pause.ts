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
