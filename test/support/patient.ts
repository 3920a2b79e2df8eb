import { inventoryFor, type Lab } from '../../lib/lab/lab.ts'

/** An inventory whose hosts have more time to let us in: one that restarts Docker on a machine at work needed more than 30 s for a session. */
export function patientInventory(lab: Lab): string {
  return inventoryFor(lab).replace(/(-o UserKnownHostsFile=[^"\s]*)/g, '$1 -o ConnectTimeout=30')
}
