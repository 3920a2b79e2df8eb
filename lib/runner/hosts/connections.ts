import { Host } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Connection } from '../../transport/transport.ts'

/** A connection that is being opened before its host has its turn. */
export interface Opening {
  readonly connection: Promise<Connection>
  /** What it has been waiting for, and will be. */
  readonly waits: WaitMessages
  /** The host could not be reached so far. An earlier play may change that: it makes the host, or lets us in. */
  hasFailed: boolean
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

/** Connects to hosts and logs in, and runs nothing there. A host that cannot be reached is no error here. */
export function connectEarly(
  hosts: readonly InventoryHost[],
  options: { readonly acceptNewHostKeys: boolean; readonly signal: AbortSignal },
): Connections {
  return new Map(hosts.map((host) => [host.name, opened(host, options)]))
}

function opened(host: InventoryHost, options: Parameters<typeof connectEarly>[1]): Opening {
  const waits = new WaitMessages()
  const onWaiting = (message: string) => waits.add(message)
  // Async: an inventory may say nonsense of how to connect.
  const open = async () => await Host.open(host.name, host.connection, { ...options, onWaiting })
  const opening: Opening = { connection: open(), waits, hasFailed: false }
  opening.connection.catch(() => {
    opening.hasFailed = true
  })
  return opening
}

/** Closes connections, also those that are still being opened. */
export function closeAll(opening: Connections): void {
  for (const { connection } of opening.values())
    connection.then(
      (open) => open.close(),
      () => undefined,
    )
}
