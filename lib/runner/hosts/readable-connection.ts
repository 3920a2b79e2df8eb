import { RolecallError } from '../../errors.ts'
import type { Connection } from '../../inventory/connections/connection.ts'
import type { Host } from '../../inventory/inventory.ts'

/** How a host is reached; undefined if its variables are wrong. That problem is reported when the connection is opened, as one of this host alone. */
export function readableConnection(host: Host): Connection | undefined {
  try {
    return host.connection
  } catch (error) {
    if (error instanceof RolecallError) return undefined
    throw error
  }
}
