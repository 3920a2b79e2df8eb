import { Host } from '../../host/host.ts'
import type { Host as InventoryHost } from '../../inventory/inventory.ts'
import type { Connection } from '../../transport/transport.ts'

/** A connection that is opened before its host is first needed. */
export interface Opening {
  readonly connection: Promise<Connection>
  /** Messages about what the connection waits for. */
  readonly waits: WaitMessages
  /** Why the host could not be reached. An earlier play may change this: it may create the host, or open its firewall. */
  failure: unknown
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

/** Connects to hosts and logs in, and runs nothing there. An unreachable host is not an error here: the caller that takes its connection gets the error. */
export function connectEarly(
  hosts: readonly InventoryHost[],
  options: { readonly acceptNewHostKeys: boolean; readonly signal: AbortSignal },
): Connections {
  return new Map(hosts.map((host) => [host.name, opened(host, options)]))
}

function opened(host: InventoryHost, options: Parameters<typeof connectEarly>[1]): Opening {
  const waits = new WaitMessages()
  const onWaiting = (message: string) => waits.add(message)
  // Async, because invalid connection variables of the inventory throw.
  const open = async () => await Host.open(host.name, host.connection, { ...options, onWaiting })
  const opening: Opening = { connection: open(), waits, failure: undefined }
  opening.connection.catch((error: unknown) => {
    opening.failure = error
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
