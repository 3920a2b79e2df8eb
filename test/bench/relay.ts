import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP relay that holds every packet for so many milliseconds in each direction: `relay.ts PORT HOST HOST_PORT MS`.
 * The kernel here has no netem. It is a process of its own, so that it waits for nobody.
 */
const [port = '0', host = '', hostPort = '22', ms = '25'] = process.argv.slice(2)

function delay(from: Socket, to: Socket): void {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), Number(ms)))
  from.on('end', () => setTimeout(() => to.end(), Number(ms)))
  from.on('close', () => setTimeout(() => to.destroy(), Number(ms)))
  from.on('error', () => to.destroy())
}

createServer({ noDelay: true }, (near) => {
  // A handshake takes a round trip as well.
  setTimeout(() => {
    const far = connect({ host, port: Number(hostPort), noDelay: true })
    delay(far, near)
    delay(near, far)
  }, Number(ms))
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'))
