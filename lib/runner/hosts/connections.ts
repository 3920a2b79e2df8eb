import { Host } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Connection } from '../../transport/transport.ts'

/** Connections that are being opened, by the name of the host. */
export type Connections = ReadonlyMap<string, Promise<Connection>>

/**
 * Connects to hosts and logs in while something else is still being decided, and runs nothing there. When that is rejected, the connections are
 * closed and its error is thrown. A host that cannot be reached is no error here: the caller that takes its connection gets the error.
 */
export async function connectWhile(
  decided: Promise<unknown>,
  hosts: readonly InventoryHost[],
  options: { readonly acceptNewHostKeys: boolean; readonly signal: AbortSignal },
): Promise<Connections> {
  const opening = new Map(hosts.map(({ name, connection }) => [name, Host.open(name, connection, options)]))
  for (const connection of opening.values()) connection.catch(() => undefined)
  try {
    await decided
    return opening
  } catch (error) {
    closeAll(opening)
    throw error
  }
}

/** Closes connections, also those that are still being opened. */
export function closeAll(opening: Connections): void {
  for (const connection of opening.values())
    connection.then(
      (open) => open.close(),
      () => undefined,
    )
}
