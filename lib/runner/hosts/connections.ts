import { Host } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Connection } from '../../transport/transport.ts'

/** A connection that is being opened. */
export interface Opening {
  readonly connection: Promise<Connection>
  /** What it has been waiting for, and will be. */
  readonly waits: WaitMessages
}

/** Connections that are being opened, by the name of the host. */
export type Connections = ReadonlyMap<string, Opening>

/** Messages that are kept until somebody listens. */
class WaitMessages {
  #kept: string[] = []
  #listener: ((message: string) => void) | undefined

  add(message: string): void {
    if (this.#listener === undefined) this.#kept.push(message)
    else this.#listener(message)
  }

  listen(listener: (message: string) => void): void {
    this.#listener = listener
    for (const message of this.#kept) listener(message)
    this.#kept = []
  }
}

/**
 * Connects to hosts and logs in while something else is still being decided, and runs nothing there. When that is rejected, the connections are
 * closed and its error is thrown. A host that cannot be reached is no error here: the caller that takes its connection gets the error.
 */
export async function connectWhile(
  decided: Promise<unknown>,
  hosts: readonly InventoryHost[],
  options: { readonly acceptNewHostKeys: boolean; readonly signal: AbortSignal },
): Promise<Connections> {
  const opening = new Map(
    hosts.map(({ name, connection }) => {
      const waits = new WaitMessages()
      const onWaiting = (message: string) => waits.add(message)
      return [name, { connection: Host.open(name, connection, { ...options, onWaiting }), waits }]
    }),
  )
  for (const { connection } of opening.values()) connection.catch(() => undefined)
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
  for (const { connection } of opening.values())
    connection.then(
      (open) => open.close(),
      () => undefined,
    )
}
