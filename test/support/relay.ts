import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What a line in between does to what passes: milliseconds of delay each way, or an end (RST) at the packet that `cuts` says. */
export interface Line {
  readonly delayMs?: number
  /** Called for each packet with its number in its connection and that of the connection, both from 1. */
  readonly cuts?: (packet: number, connection: number) => boolean
}

export interface Relay {
  readonly port: number
  /** Connections so far, and those that were cut. */
  readonly seen: { connections: number; cut: number }
  close(): void
}

/** A TCP relay on loopback in front of a host's sshd: the kernel of a test machine may have no netem. */
export async function relay(host: string, { delayMs = 0, cuts = () => false }: Line): Promise<Relay> {
  const open = new Set<Socket>()
  const seen = { connections: 0, cut: 0 }
  const server = createServer({ noDelay: true }, (near) => {
    const number = ++seen.connections
    const far = connect({ host, port: 22, noDelay: true })
    let packets = 0
    const pass = (from: Socket, to: Socket) => {
      open.add(from)
      from.on('data', (bytes) => {
        if (!cuts(++packets, number)) return void setTimeout(() => to.write(bytes), delayMs)
        seen.cut++
        near.resetAndDestroy()
        far.destroy()
      })
      from.on('end', () => setTimeout(() => to.end(), delayMs))
      from.on('close', () => setTimeout(() => to.destroy(), delayMs))
      from.on('error', () => to.destroy())
    }
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
